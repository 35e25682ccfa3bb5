/// One evaluated support, as a solver reports it.
public struct IterationReport: Sendable {
  /// The name of the solver that evaluated it: a start may come from another one.
  public let solver: String
  /// The number of this iteration, from zero.
  public let iteration: Int
  /// The support evaluated, in ascending order.
  public let support: [Int]
  /// ‖Ax − y‖₂ / ‖y‖₂ on this support; see ``SparseSolution/relativeResidual``.
  public let relativeResidual: Double
  /// The smallest relative residual so far, this iteration included.
  public let bestRelativeResidual: Double
  /// Whether the support had not been evaluated before, as far as the memory of supports reaches.
  public let isNew: Bool
  /// How the least squares on this support was solved, or nil when the support is not new.
  public let projection: ProjectionMethod?
  /// The time since the solve began.
  public let elapsed: Duration

  /// Collects the parts of a report.
  package init(
    solver: String, iteration: Int, support: [Int], relativeResidual: Double,
    bestRelativeResidual: Double,
    isNew: Bool, projection: ProjectionMethod?, elapsed: Duration
  ) {
    self.solver = solver
    self.iteration = iteration
    self.support = support
    self.relativeResidual = relativeResidual
    self.bestRelativeResidual = bestRelativeResidual
    self.isNew = isNew
    self.projection = projection
    self.elapsed = elapsed
  }
}

/// What an observer answers.
public enum SolveControl: Sendable {
  /// Go on.
  case proceed
  /// Stop now and return the best support found.
  case stop
}

/// Called after every iteration: for progress, traces and cancellation.
public typealias SolveObserver = (IterationReport) -> SolveControl

/// How the minimum of the loss on a support was found.
public enum ProjectionMethod: String, Sendable, Codable, CaseIterable {
  /// Cholesky factor of the k × k Gram matrix: well-conditioned columns.
  case cholesky
  /// QR factor of the columns.
  case qr
  /// Singular values: dependent columns, solution of least norm.
  case minimumNorm
  /// Newton's method: another loss than least squares.
  case newton
}
