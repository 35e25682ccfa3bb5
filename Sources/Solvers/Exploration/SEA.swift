import SparseCore

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
  /// The step size η > 0, or nil for ``relativeStepSize`` / ‖AD‖₂².
  public var stepSize: Double?
  /// η ‖AD‖₂² > 0. From zero it has no effect. From elsewhere a large one soon forgets the start and
  /// explores far, which coherent columns reward; a small one stays near, which incoherent columns
  /// do. Ten loses least over both: see docs/algorithms/sea.md.
  public var relativeStepSize = 10.0
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

  /// Explores from a state that was kept, or from the start.
  func explore(
    _ workspace: Workspace, _ gradient: Gradient, from state: ExplorationState?,
    _ recorder: Recorder?, _ search: inout Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    switch state {
    case .blocked(let state):
      var exploration = try BlockedExploration(
        workspace, resuming: state, sparsity: search.atomCount)
      return try exploration.run(&search, recorder, observer)
    case .direct(let state):
      var exploration = try DirectExploration(
        workspace, resuming: state, sparsity: search.atomCount)
      return try exploration.run(&search, recorder, observer)
    case nil: break
    }
    let exploratory = try startVector(workspace, sparsity: search.sparsity, observer)
    let η = try step(workspace)
    guard gradient == .blocked else {
      var exploration = DirectExploration(
        workspace, exploratory, η, gradient == .gram ? .always : .never, sparsity: search.atomCount)
      return try exploration.run(&search, recorder, observer)
    }
    var exploration = try BlockedExploration(
      workspace, start: start.isZero ? nil : exploratory, η, sparsity: search.atomCount)
    return try exploration.run(&search, recorder, observer)
  }
}
