import Arguments
import SparseRecovery

/// A fit as a file: what it takes to predict by it, and how it was made.
struct FittedModel: Codable {
  /// The option that names the file.
  static let option = Option(
    "model-output", .file,
    help: "Write names, coefficients and how they were found to this .json file",
    details: "'sea predict' applies it to other rows.")

  /// A column of the table, or of the matrix, that it was fitted to.
  struct Column: Codable, Equatable {
    /// What it is called, where it has a name.
    let name: String?
    /// Where it stands, counted from zero.
    let index: Int
  }

  /// A column and its coefficient.
  struct Term: Codable {
    let column: Column
    let coefficient: Double
  }

  /// How the fit was made.
  struct Origin: Codable {
    let version: String
    let algorithm: String
    let start: String
    let sparsity: Int
    let rows: Int
    let normalize: Bool
    let intercept: Bool
    let standardize: Bool
    let ridge: Double
    let nonnegative: Bool
    let weighted: Bool
    let include: [Column]
    let exclude: [Column]
    let relativeResidual: Double
  }

  /// What this version writes and reads.
  private static let version = 1

  let schemaVersion: Int
  /// The column explained, where it is one of a table.
  let target: Column?
  /// How many columns the table has, or the matrix.
  let columns: Int
  let intercept: Double?
  let terms: [Term]
  let fit: Origin

  /// The fit of a solution.
  init(_ solution: SparseSolution, _ input: SolveInput, sparsity: Int, _ arguments: ParsedArguments)
  {
    func column(_ j: Int) -> Column { Column(input.columns, j) }
    let model = input.problem.model
    schemaVersion = Self.version
    target = input.table.map { Column($0.file, $0.roles.target) }
    columns = input.table?.file.count ?? input.columns.count
    intercept = solution.intercept
    terms = zip(solution.support, solution.coefficients).map {
      Term(column: column($0), coefficient: $1)
    }
    fit = Origin(
      version: Sea.table.version, algorithm: arguments.text("algorithm"),
      start: arguments.text("start"), sparsity: sparsity, rows: input.problem.rows,
      normalize: ModelChoice(arguments).normalizes, intercept: model.hasIntercept,
      standardize: model.isStandardized, ridge: model.ridge, nonnegative: model.isNonnegative,
      weighted: model.weights != nil, include: model.included.sorted().map(column),
      exclude: model.excluded.sorted().map(column), relativeResidual: solution.relativeResidual)
  }

  /// Reads a model.
  ///
  /// - Throws: ``FileError``, with the first thing that is missing or of another kind.
  init(_ path: String) throws(FileError) {
    let expected = "a model of --model-output"
    self = try JSONFile.read(path, expected: expected)
    guard schemaVersion == Self.version else {
      throw .unsupported(
        path: path, expected: "a model of schemaVersion \(Self.version)", found: "\(schemaVersion)")
    }
    let all = terms.map(\.column.index) + (target.map { [$0.index] } ?? [])
    guard all.allSatisfy({ $0 >= 0 && $0 < columns }) else {
      throw .malformed(
        path: path, position: nil, expected: "columns of the \(columns) that it was fitted to",
        found: "others")
    }
  }

  /// What it makes of every row of a table.
  ///
  /// - Throws: ``FileError``, with the names of all columns that the table lacks.
  func predictions(for table: TableFile) throws(FileError) -> [Double] {
    let places = try Self.places(of: terms.map(\.column), in: table, of: columns)
    let distinct = Array(Set(places)).sorted()
    var predictions = [Double](repeating: intercept ?? 0, count: table.rows)
    guard !distinct.isEmpty else { return predictions }
    let matrix = try table.read(distinct).matrix
    for (term, place) in zip(terms, places) {
      guard let j = distinct.firstIndex(of: place) else { continue }
      for i in predictions.indices { predictions[i] += term.coefficient * matrix[i, j] }
    }
    return predictions
  }

  /// What a table holds of the column explained, or nil where it has no such column.
  ///
  /// - Throws: ``FileError``, for cells that are no numbers.
  func observed(in table: TableFile) throws(FileError) -> [Double]? {
    guard let target else { return nil }
    let isThere =
      target.name.map { !table.columns.places(of: $0).isEmpty } ?? (table.columns.count == columns)
    guard isThere else { return nil }
    let place = try Self.places(of: [target], in: table, of: columns)
    let matrix = try table.read(place).matrix
    return (0..<matrix.rows).map { matrix[$0, 0] }
  }

  /// Where columns stand in another table: by name, or by index those without a name.
  ///
  /// - Parameter count: how many columns there were, where they were indexed.
  /// - Throws: ``FileError`` with all that are not there, or with a name that is there twice.
  static func places(
    of wanted: [Column], in table: TableFile, of count: Int
  ) throws(FileError) -> [Int] {
    var places: [Int] = []
    var missing: [String] = []
    for column in wanted {
      guard let name = column.name else {
        guard column.index < table.columns.count else {
          missing.append("\(column.index)")
          continue
        }
        places.append(column.index)
        continue
      }
      let found = table.columns.places(of: name)
      guard found.count < 2 else {
        throw .malformed(
          path: table.path, position: nil, expected: "one column '\(name.oneLine())' of the model",
          found: "several: \(found.map(String.init).joined(separator: ", "))")
      }
      if let place = found.first {
        places.append(place)
      } else {
        missing.append(TableColumns.quoted(name))
      }
    }
    guard missing.isEmpty else {
      let hint =
        table.columns.names == nil
        ? " (there is no line of names; --header says that there is)" : ""
      throw .malformed(
        path: table.path, position: nil, expected: "the columns of the model",
        found: "none of \(missing.joined(separator: ", "))\(hint)")
    }
    return places
  }
}

extension FittedModel.Column {
  /// Column `j` of some columns, by its name and its index in the file.
  init(_ columns: TableColumns, _ j: Int) {
    let name = columns.names?[j] ?? ""
    self.init(name: name.isEmpty ? nil : name, index: columns.index(j))
  }
}
