public import SparseCore

/// The Support Exploration Algorithm: M. Mohamed, F. Malgouyres, V. Emiya and C. Chaux, ICML 2024.
///
/// The exploratory vector 𝒳 gathers gradients; its k largest magnitudes name a support; the best
/// support seen is returned. The sequence explores and does not converge: the loss of the iterates
/// goes up and down. From `zero` the step size has no effect on the supports visited.
public struct SEA: IterativeSolver {
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

  /// Where an exploration stands between two iterations, or between two blocks of them.
  public struct State: IterationState {
    /// One of the two. Apart, so that each is changed in place.
    private var direct: DirectExploration?
    private var blocked: BlockedExploration?

    init(_ exploration: DirectExploration) { direct = exploration }

    init(_ exploration: BlockedExploration) { blocked = exploration }

    fileprivate mutating func step(_ search: Search) throws(RecoveryError) -> Step {
      if let step = try direct?.step() { return step }
      return try blocked?.step(search) ?? .end(.converged)
    }

    /// Writes which it is, and that.
    public func write(to writer: inout StateWriter) throws(RecoveryError) {
      writer.write(blocked != nil)
      try direct?.write(to: &writer)
      try blocked?.write(to: &writer)
    }

    /// Reads which it is, and that.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      if try reader.flag() {
        blocked = try BlockedExploration(from: &reader)
      } else {
        direct = try DirectExploration(from: &reader)
      }
    }
  }

  /// Blocked exploration from zero, whose margins know how atoms are stored.
  public func provesSupports(_ problem: RecoveryProblem) -> Bool {
    start.isZero && gradient.resolved(for: problem) == .blocked
  }

  /// Start, step size and gradient.
  public func facts(_ problem: RecoveryProblem) -> [(name: String, value: String)] {
    [
      ("start", startFact),
      ("step size", stepSize.map { "\($0)" } ?? "\(relativeStepSize) over the squared norm"),
      ("gradient", gradient.resolved(for: problem).rawValue),
    ]
  }

  /// The exploratory vector at its start.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    let gradient = gradient.resolved(for: workspace.problem)
    let exploratory = try startVector(workspace, sparsity: search.sparsity, observer)
    let η = try step(workspace)
    guard gradient == .blocked else {
      return State(
        DirectExploration(
          workspace, exploratory, η, gradient == .gram ? .always : .never,
          sparsity: search.atomCount))
    }
    return State(
      try BlockedExploration(
        workspace, start: start.isZero ? nil : exploratory, η, sparsity: search.atomCount))
  }

  /// An iteration, as Algorithm 1 of the paper has it, or a block of them.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step { try state.step(search) }
}
