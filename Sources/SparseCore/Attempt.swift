/// What one solver of several found on a problem.
public struct Attempt: Sendable, Codable, Equatable {
  /// The name of the solver.
  public let solver: String
  /// The name of what it started from, or nil for a start of its own.
  public let start: String?
  /// ‖Ax − y‖₂ / ‖y‖₂ of its best support.
  public let relativeResidual: Double
  /// How many supports it evaluated.
  public let iterations: Int
  /// How many times it read A from end to end.
  public let matrixPasses: Int
  /// How long it took.
  public let seconds: Double

  /// Collects the parts of an attempt.
  package init(
    solver: String, start: String?, relativeResidual: Double, iterations: Int, matrixPasses: Int,
    seconds: Double
  ) {
    self.solver = solver
    self.start = start
    self.relativeResidual = relativeResidual
    self.iterations = iterations
    self.matrixPasses = matrixPasses
    self.seconds = seconds
  }
}
