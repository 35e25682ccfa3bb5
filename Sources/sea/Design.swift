import Arguments
import SparseRecovery

/// A and what is observed of it, as read from the files that the command line names: one for each, or one
/// table.
struct Design {
  /// The matrix A.
  let matrix: DenseMatrix
  /// What the columns of A are called.
  let columns: TableColumns
  /// The observations, of which a table has one.
  let observations: [[Double]]
  /// What is fitted beside least squares.
  let model: RecoveryModel
  /// The table, where there is one.
  let table: DataTable?

  init(_ arguments: ParsedArguments, _ files: InputFiles) throws {
    let choice = ModelChoice(arguments)
    guard arguments.isGiven("table") else {
      (matrix, columns) = try files.namedMatrix(arguments.text("matrix"))
      observations = try files.observations(arguments.text("observation"), rows: matrix.rows)
      model = choice.model(
        weights: try arguments.text(ifGiven: "weights").map { try files.vector($0) },
        included: Set(try columns.indices(arguments, "include")),
        excluded: Set(try columns.indices(arguments, "exclude")))
      table = nil
      return
    }
    let tableChoice = TableChoice(arguments)
    let table = try tableChoice.read(files)
    matrix = table.matrix
    columns = table.columns
    observations = [table.target]
    let weights =
      try table.weights ?? arguments.text(ifGiven: "weights").map { try files.vector($0) }
    model = choice.model(
      weights: weights, included: try tableChoice.candidates("include", of: table),
      excluded: try tableChoice.candidates("exclude", of: table))
    self.table = table
  }

  /// The path of the file that holds A.
  static func matrixPath(_ arguments: ParsedArguments) -> String {
    arguments.text(ifGiven: "table") ?? arguments.text("matrix")
  }

  /// The path of the file that holds the observations.
  static func observationPath(_ arguments: ParsedArguments) -> String {
    arguments.text(ifGiven: "table") ?? arguments.text("observation")
  }
}
