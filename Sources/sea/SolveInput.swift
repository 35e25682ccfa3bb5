import Arguments
import SparseRecovery

/// What `sea solve` reads.
struct SolveInput {
  /// A with the first observation.
  let problem: RecoveryProblem
  /// One observation a column of the file.
  let observations: [[Double]]
  /// The true support, where it is known.
  let truth: [Int]?

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    let header = arguments.flag("header")
    let choice = ModelChoice(arguments)
    let matrix = try MatrixFile.read(arguments.text("matrix"), header: header)
    let observations = try Self.observations(arguments.text("observation"), header, matrix.rows)
    let model = try choice.model()
    self.observations = observations
    problem = try Self.blaming(arguments) { () throws(RecoveryError) in
      try RecoveryProblem(
        matrix: matrix, observation: observations[0], normalize: choice.normalizes, model: model)
    }
    truth = try arguments.text(ifGiven: "truth").map { path in
      let x = try MatrixFile.readVector(path, header: header)
      return x.indices.filter { x[$0] != 0 }
    }
  }

  /// A vector, in a row or a column; or a matrix with one observation a column.
  private static func observations(
    _ path: String, _ header: Bool, _ rows: Int
  ) throws -> [[Double]] {
    let matrix = try MatrixFile.read(path, header: header)
    // With one row in A, a row is as many observations.
    if let vector = matrix.vector, matrix.columns == 1 || rows > 1 { return [vector] }
    return (0..<matrix.columns).map { j in (0..<matrix.rows).map { matrix[$0, j] } }
  }

  /// Says which file holds the numbers that an error complains of.
  func blaming<Result>(_ body: () throws(RecoveryError) -> Result) throws -> Result {
    try Self.blaming(arguments, body)
  }

  private static func blaming<Result>(
    _ arguments: ParsedArguments, _ body: () throws(RecoveryError) -> Result
  ) throws -> Result {
    do throws(RecoveryError) {
      return try body()
    } catch {
      switch error {
      case .observationLength, .nonFiniteObservation:
        throw BlamedError(path: arguments.text("observation"), error: error)
      case .startLength, .nonFiniteStart:
        throw BlamedError(path: arguments.text("start"), error: error)
      case .weightsLength:
        throw BlamedError(path: arguments.text("weights"), error: error)
      case _ where error.kind == .data:
        throw BlamedError(path: arguments.text("matrix"), error: error)
      default: throw error
      }
    }
  }
}
