import Arguments
import SparseRecovery

/// Rows that were held out, to judge a fit by.
struct TestRows {
  /// The option that names them.
  static let option = Option(
    "test", .file,
    help: "Say how far predictions for this table with the same columns are from its target")

  private let table: TableFile

  /// Opens the table; nil unless one is given.
  ///
  /// - Throws: ``FileError`` where it lacks a column that a fit may need, so that no solve is lost to it.
  init?(_ arguments: ParsedArguments, _ input: SolveInput, _ files: InputFiles) throws {
    guard let path = arguments.text(ifGiven: "test"), let table = input.table else { return nil }
    let test = try files.table(path)
    let columns = table.columns
    let wanted = (0..<columns.count).map { FittedModel.Column(columns, $0) }
    _ = try FittedModel.places(
      of: wanted + [FittedModel.Column(table.file, table.roles.target)], in: test,
      of: table.file.count)
    self.table = test
  }

  /// The error of a fit.
  ///
  /// - Throws: ``FileError``, for a cell that is no number.
  func error(of model: FittedModel) throws(FileError) -> PredictionError? {
    guard let observed = try model.observed(in: table) else { return nil }
    return PredictionError(of: try model.predictions(for: table), observed: observed)
  }
}
