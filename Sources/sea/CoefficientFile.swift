import SparseRecovery

/// The coefficients of all columns as a file, in the form that the ending of its name says.
///
/// | ending | what it holds |
/// |---|---|
/// | `.npy`, `.mtx`, `.mat` | a number for every column |
/// | `.csv`, `.tsv` | the same; with the names of the columns, and the intercept, where there are any |
/// | `.npz` | `coefficients`, `support`, and `intercept` where one is fitted |
/// | complex ones | complex numbers in the same formats, but `.csv` and `.tsv`, with two columns of parts |
/// | `.json` | the result, as `--json` writes it |
enum CoefficientFile {
  /// What the names of such files end in.
  static let endings = MatrixFile.writtenEndings + [".npz", ".json"]

  /// The first cells of a text table with names.
  private static let headings = ["column", "coefficient"]
  /// What the constant is called in one.
  private static let interceptName = "(intercept)"

  /// Writes what was found: one solution for every observation.
  ///
  /// - Parameter report: what `--json` writes.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  static func write(
    _ solutions: [SparseSolution], of columns: TableColumns, report: some Encodable,
    to path: String, replacing: Bool
  ) throws {
    let name = path.lowercased()
    guard name.hasSuffix(".json") || solutions[0].imaginaryParts == nil else {
      let vectors = solutions.map { $0.denseParts(columns: columns.count) }
      guard name.hasSuffix(".npz") else {
        return try MatrixFile.write(complexColumns: vectors, to: path, replacing: replacing)
      }
      return try archive(solutions) { $0.append("coefficients", complexColumns: vectors) }
        .write(to: path, replacing: replacing)
    }
    let vectors = solutions.map { $0.dense(columns: columns.count) }
    let isTable = name.hasSuffix(".csv") || name.hasSuffix(".tsv")
    let hasIntercept = solutions.contains { $0.intercept != nil }
    if name.hasSuffix(".json") {
      try JSONFile.write(report, to: path, replacing: replacing)
    } else if name.hasSuffix(".npz") {
      try archive(solutions) { $0.append("coefficients", columns: vectors) }
        .write(to: path, replacing: replacing)
    } else if isTable, hasIntercept || columns.names != nil {
      try MatrixFile.write(
        rows: rows(solutions, vectors, columns), to: path, replacing: replacing)
    } else {
      try MatrixFile.write(columns: vectors, to: path, replacing: replacing)
    }
  }

  /// The rows of a text table with names: the headings, the intercept, and every column.
  private static func rows(
    _ solutions: [SparseSolution], _ vectors: [[Double]], _ columns: TableColumns
  ) -> [[String]] {
    let headings =
      solutions.count == 1
      ? Self.headings
      : [Self.headings[0]] + solutions.indices.map { "\(Self.headings[1]) \($0)" }
    let intercepts = solutions.compactMap(\.intercept)
    let constant = intercepts.isEmpty ? [] : [[interceptName] + intercepts.map(\.description)]
    return [headings] + constant
      + (0..<columns.count).map { j in
        [columns.names?[j] ?? "\(j)"] + vectors.map { $0[j].description }
      }
  }

  /// An archive; of several observations an array has a column for each, and there is no support where they have not
  /// one in common.
  private static func archive(
    _ solutions: [SparseSolution], coefficients append: (inout StoredArchive) -> Void
  ) -> StoredArchive {
    var archive = StoredArchive()
    append(&archive)
    let support = solutions[0].support
    if solutions.allSatisfy({ $0.support == support }) {
      archive.append("support", integers: support)
    }
    let intercepts = solutions.compactMap(\.intercept)
    if !intercepts.isEmpty { archive.append("intercept", columns: [intercepts]) }
    return archive
  }

  /// The coefficients in a text table with names that ``write(_:of:report:to:replacing:)`` made of one solution,
  /// without the intercept; nil for any other file.
  ///
  /// - Throws: ``FileError`` for cells that are no numbers.
  static func namedCoefficients(_ file: FileContents) throws(FileError) -> [Double]? {
    let name = file.path.lowercased()
    guard name.hasSuffix(".csv") || name.hasSuffix(".tsv") else { return nil }
    let table = try TableFile(file, header: false)
    guard table.columns.names == headings else { return nil }
    let labels = try table.levels(of: [0])[0, default: []]
    let matrix = try table.read(TableSelection([TableColumn(1)])).matrix
    return ((labels.contains(interceptName) ? 1 : 0)..<matrix.rows).map { matrix[$0, 0] }
  }
}
