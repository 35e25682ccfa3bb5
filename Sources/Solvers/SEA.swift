public import SparseCore

/// The Support Exploration Algorithm: M. Mohamed, F. Malgouyres, V. Emiya and C. Chaux, ICML 2024.
///
/// The exploratory vector 𝒳 gathers gradients; its k largest magnitudes name a support; the best
/// support seen is returned. The sequence explores and does not converge: the loss of the iterates
/// goes up and down. From `zero` the step size has no effect on the supports visited.
public struct SEA: Solver {
  /// `sea`.
  public static let name = "sea"

  /// Where the exploration starts.
  public var start: Start
  /// The step size η > 0, or nil for 1.8 / ‖AD‖₂².
  public var stepSize: Double?
  /// How gradients are computed; the supports visited are the same.
  public var gradient: Gradient
  /// When to stop.
  public var limits: Limits

  /// Explores from `start`.
  public init(
    start: Start = .zero, stepSize: Double? = nil, gradient: Gradient = .auto,
    limits: Limits = Limits()
  ) {
    self.start = start
    self.stepSize = stepSize
    self.gradient = gradient
    self.limits = limits
  }

  /// Explores within the limits.
  public func solve<E: Engine>(
    _ problem: RecoveryProblem, sparsity: Int, with engine: E, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    var search = try Search(Self.name, problem, sparsity: sparsity, limits: limits)
    guard !search.isTrivial else { return try search.solution(.residual, engine.identity) }
    let exploratory = try startVector(problem, &search, engine, observer)
    let η = try step(&search, engine)
    let stop: StopReason
    switch gradient.resolved(for: problem, sparsity: search.sparsity) {
    case .blocked:
      var exploration = try BlockedExploration(
        problem, engine, start: start.isZero ? nil : exploratory, η, sparsity: search.sparsity)
      stop = try exploration.run(&search, observer)
    default:
      stop = try exploreDirectly(problem, engine, exploratory, η, &search, observer)
    }
    return try search.solution(stop, engine.identity)
  }
}
