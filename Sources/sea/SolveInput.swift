import Arguments
import SparseRecovery

/// What `sea solve` and `sea path` read.
struct SolveInput {
  /// A with the first observation.
  let problem: RecoveryProblem
  /// The columns of A, with their names.
  let columns: TableColumns
  /// The groups that columns are selected in, where there are some.
  let groups: GroupChoice?
  /// The table that all is from, where it is from one.
  let table: DataTable?
  /// One observation a column of the file.
  let observations: [[Double]]
  /// What the labels of each stand for, where they are not 0 and 1.
  let labels: [BinaryLabels?]
  /// The true support, where it is known.
  let truth: [Int]?

  private let arguments: ParsedArguments
  private let files: InputFiles

  /// - Parameter files: what other files were read by, where there were any.
  init(_ arguments: ParsedArguments, _ files: InputFiles? = nil) throws {
    let files = files ?? InputFiles(arguments)
    self.arguments = arguments
    self.files = files
    let design = try Design(arguments, files)
    columns = design.columns
    groups = design.groups
    table = design.table
    observations = design.observations
    labels = design.labels
    let isComplex = design.model.isOfRealForm
    problem = try Self.blaming(arguments, columns, isComplex) { () throws(RecoveryError) in
      try RecoveryProblem(
        design.matrix, observation: design.observations[0],
        normalize: ModelChoice(arguments).normalizes, model: design.model, loss: design.loss)
    }
    truth = try arguments.text(ifGiven: "truth").map { path in
      let x = try files.coefficients(path)
      guard x.length == design.columns.count else {
        throw FileError.malformed(
          path: path, position: nil,
          expected: "a truth of length \(design.columns.count) (the columns of the matrix)",
          found: "\(x.length)")
      }
      return x.support
    }
  }

  /// What the observation is called.
  var targetName: String { table.map { $0.file.label($0.roles.target) } ?? "y" }

  /// What was guessed to read the files, a line each.
  var notices: [String] { files.notices }

  /// Says which file holds the numbers that an error complains of.
  func blaming<Result>(_ body: () throws(RecoveryError) -> Result) throws -> Result {
    try Self.blaming(arguments, columns, problem.model.isOfRealForm, body)
  }

  private static func blaming<Result>(
    _ arguments: ParsedArguments, _ columns: TableColumns, _ isComplex: Bool,
    _ body: () throws(RecoveryError) -> Result
  ) throws -> Result {
    do throws(RecoveryError) {
      return try body()
    } catch {
      let error = (isComplex ? error.ofComplexMatrix : error).numbered(as: columns)
      switch error {
      case .observationLength, .nonFiniteObservation, .observationOutOfRange:
        throw BlamedError(path: Design.observationPath(arguments), error: error)
      case .startLength, .nonFiniteStart:
        throw BlamedError(path: arguments.text("start"), error: error)
      case .weightsLength:
        throw BlamedError(path: arguments.text("weights"), error: error)
      case _ where error.kind == .data:
        throw BlamedError(path: Design.matrixPath(arguments), error: error)
      default: throw error
      }
    }
  }
}

extension RecoveryError {
  /// The same error with the numbers that columns have in their table, of which A may be a part.
  fileprivate func numbered(as columns: TableColumns) -> RecoveryError {
    switch self {
    case .nonFiniteMatrix(let row, let column, let value):
      .nonFiniteMatrix(row: row, column: columns.index(column), value: value)
    case .columnNormOverflow(let column): .columnNormOverflow(column: columns.index(column))
    case .penaltyOverflow(let column, let ridge):
      .penaltyOverflow(column: columns.index(column), ridge: ridge)
    case .resultOverflow(.coefficient(let column)):
      .resultOverflow(.coefficient(column: columns.index(column)))
    default: self
    }
  }
}
