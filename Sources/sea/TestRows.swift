import Arguments
import SparseRecovery

/// Rows that were held out, to judge a fit by.
struct TestRows {
  /// The option that names them.
  static let option = Option(
    "test", .file,
    help: "Say how far predictions for this table with the same columns are from its target")

  private let table: TableFile
  private let missing: MissingCells

  /// Opens the table; nil unless one is given.
  ///
  /// - Throws: ``FileError`` where it lacks a column that a fit may need, so that no solve is lost to it.
  init?(_ arguments: ParsedArguments, _ input: SolveInput, _ files: InputFiles) throws {
    guard let path = arguments.text(ifGiven: "test"), let table = input.table else { return nil }
    let test = try files.table(path)
    let candidates = Set(table.sources.map(\.index)).union([table.roles.target]).sorted()
      .map { FittedModel.Column(table.file, $0) }
    let fitted = FittedColumns(
      count: table.file.count, target: FittedModel.Column(table.file, table.roles.target))
    _ = try fitted.places(of: candidates, in: test)
    files.note(test.notices + fitted.notices(about: candidates, in: test))
    missing = table.roles.missing
    self.table = test
  }

  /// The error of a fit, and what was left out or filled for it, a line each.
  ///
  /// - Throws: ``FileError``, for a cell that holds nothing fit for its column.
  func error(
    of model: FittedModel
  ) throws(FileError) -> (error: PredictionError?, notices: [String]) {
    let (predictions, contents) = try model.predictions(for: table, missing: missing)
    return (
      try model.error(of: predictions, contents?.kept, in: table),
      contents.map { table.notices(about: $0, model.termColumns) } ?? []
    )
  }
}
