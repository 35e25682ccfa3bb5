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

  /// A column, or an indicator of one of its levels, and its coefficient.
  struct Term: Codable {
    let column: Column
    let level: String?
    let coefficient: Double
    /// The mean of the rows fitted, weighted as they are, to stand for a cell without a value.
    let mean: Double
  }

  /// All levels that a column had.
  struct Category: Codable {
    let column: Column
    let levels: [String]
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

  /// What this version writes and reads: 1 of least squares, 2 of another loss, which readers of 1 do not know.
  private static func version(of loss: NamedLoss?) -> Int { loss == nil ? 1 : 2 }

  let schemaVersion: Int
  /// What was minimised, where that is not least squares.
  let loss: NamedLoss?
  /// The column explained, where it is one of a table.
  let target: Column?
  /// How many columns the table has, or the matrix.
  let columns: Int
  let intercept: Double?
  let terms: [Term]
  /// The columns of terms that hold levels.
  let categories: [Category]
  let fit: Origin

  /// The fit of a solution.
  init(_ solution: SparseSolution, _ input: SolveInput, sparsity: Int, _ arguments: ParsedArguments)
  {
    let sources = input.table?.sources ?? (0..<input.columns.count).map { TableColumn($0) }
    let file = input.table?.file ?? input.columns
    func column(_ j: Int) -> Column { Column(file, sources[j].index) }
    let model = input.problem.model
    loss = NamedLoss(input.problem.loss, labels: input.labels[0])
    schemaVersion = Self.version(of: loss)
    target = input.table.map { Column($0.file, $0.roles.target) }
    columns = file.count
    intercept = solution.intercept
    terms = zip(solution.support, solution.coefficients).map {
      Term(
        column: column($0), level: sources[$0].level, coefficient: $1, mean: input.problem.mean($0))
    }
    categories = (input.table?.levels ?? [:]).sorted { $0.key < $1.key }
      .filter { level in solution.support.contains { sources[$0].index == level.key } }
      .map { Category(column: Column(file, $0.key), levels: $0.value) }
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
  init(_ path: String, _ files: InputFiles) throws(FileError) {
    let expected = "a model of --model-output"
    self = try files.json(path, expected: expected)
    let version = Self.version(of: loss)
    guard schemaVersion == version else {
      throw .unsupported(
        path: path, expected: "a model of schemaVersion \(version)", found: "\(schemaVersion)")
    }
    if let loss, loss.loss == nil {
      throw .unsupported(
        path: path, expected: "the loss logistic, poisson, or huber with a threshold",
        found: loss.name.oneLine(limit: 80))
    }
    let all =
      terms.map(\.column.index) + categories.map(\.column.index) + (target.map { [$0.index] } ?? [])
    guard all.allSatisfy({ $0 >= 0 && $0 < columns }) else {
      throw .malformed(
        path: path, position: nil, expected: "columns of the \(columns) that it was fitted to",
        found: "others")
    }
  }

  /// What it makes of the rows of a table.
  ///
  /// - Parameter missing: what becomes of cells without a value; those filled get the means of the rows fitted.
  /// - Returns: a prediction for every row that was kept, and what was read.
  /// - Throws: ``FileError``, as ``FittedColumns/places(of:in:)`` does for columns that are not there.
  func predictions(
    for table: TableFile, missing: MissingCells
  ) throws(FileError) -> (predictions: [Double], contents: TableContents?) {
    let places = try fitted.places(of: terms.map(\.column), in: table)
    let wanted = zip(places, terms).map { TableColumn($0, level: $1.level) }
    guard !wanted.isEmpty else {
      return ([Double](repeating: intercept ?? 0, count: table.rows), nil)
    }
    guard Set(wanted).count == wanted.count,
      Set(wanted.filter { $0.level == nil }.map(\.index)).isDisjoint(
        with: wanted.filter { $0.level != nil }.map(\.index))
    else {
      throw .malformed(
        path: table.path, position: nil, expected: "a column for each of the model",
        found: "one that is two of them")
    }
    var selection = TableSelection(wanted)
    selection.missing = missing
    selection.advice.values = TableAdvice.values()
    selection.fillings = terms.map(\.mean)
    for (category, place) in zip(
      categories, try fitted.places(of: categories.map(\.column), in: table))
    {
      selection.levels[place] = category.levels
    }
    let contents = try table.read(selection)
    var predictions = [Double](repeating: intercept ?? 0, count: contents.kept.count)
    for (j, term) in terms.enumerated() {
      for i in predictions.indices { predictions[i] += term.coefficient * contents.matrix[i, j] }
    }
    return (predictions, contents)
  }

  /// What it was fitted to.
  private var fitted: FittedColumns { FittedColumns(count: columns, target: target) }

  /// What is to be said of how its columns are found in a table, a line each.
  func notices(about table: TableFile) -> [String] {
    fitted.notices(about: terms.map(\.column), in: table)
  }

  /// What the terms are called.
  var termColumns: TableColumns {
    TableColumns(
      count: terms.count,
      names: terms.map { term in
        let name = term.column.name ?? "column \(term.column.index)"
        return term.level.map { "\(name)=\($0)" } ?? name
      })
  }

  /// The loss that was minimised.
  var minimized: any Loss { loss?.loss ?? SquaredLoss() }

  /// How far predictions are from the column explained, in the rows that have a value there; nil where there is no
  /// such column.
  ///
  /// - Parameter kept: the rows predicted.
  /// - Throws: ``FileError``, for cells that are neither numbers nor without a value.
  func error(
    of predictions: [Double], _ kept: KeptRows?, in table: TableFile
  ) throws(FileError) -> PredictionError? {
    guard let target else { return nil }
    let isThere =
      target.name.map { !table.columns.places(of: $0).isEmpty } ?? (table.columns.count == columns)
    guard isThere else { return nil }
    let place = try fitted.places(of: [target], in: table)
    var selection = TableSelection([TableColumn(place[0])])
    selection.missing = .dropped
    if let labels = loss?.labels, !labels.areNumbers {
      selection.labels = [place[0]]
      selection.levels = [place[0]: [labels.zero, labels.one]]
    }
    let observed = try table.read(selection)
    var numbers = (0..<observed.matrix.rows).map { observed.matrix[$0, 0] }
    if let labels = loss?.labels, labels.areNumbers { numbers = labels.numbers(for: numbers) }
    let values = Dictionary(uniqueKeysWithValues: zip(observed.kept.rows, numbers))
    let rows = kept.map { Array($0.rows) } ?? Array(0..<table.rows)
    let pairs = zip(rows, predictions).compactMap { row, prediction in
      values[row].map { (prediction, $0) }
    }
    for (place, pair) in pairs.enumerated() {
      do throws(RecoveryError) {
        try minimized.check(pair.1, at: place)
      } catch {
        throw .malformed(
          path: table.path, position: nil, expected: "values that the \(minimized.name) loss takes",
          found: "\(error)")
      }
    }
    return pairs.isEmpty
      ? nil : PredictionError(of: pairs.map(\.0), observed: pairs.map(\.1), under: minimized)
  }
}

extension FittedModel.Column {
  /// Column `j` of some columns, by its name and its index in the file.
  init(_ columns: TableColumns, _ j: Int) {
    let name = columns.names?[j] ?? ""
    self.init(name: name.isEmpty ? nil : name, index: columns.index(j))
  }
}

extension RecoveryProblem {
  /// The mean of column `j`, weighted as the rows are.
  fileprivate func mean(_ j: Int) -> Double {
    let column = givenColumn(j)
    guard let weights = model.weights else {
      return column.reduce(0) { $0 + $1 / Double(rows) }
    }
    // A row of weight 0 may hold anything.
    return column.indices.filter { weights[$0] > 0 }.reduce(0) {
      $0 + weights[$1] / totalWeight * column[$1]
    }
  }
}
