public import SparseCore

/// A solver as an iteration with a state: what a new solver conforms to.
///
/// ``begin(_:_:observer:)`` makes the state, ``step(_:_:_:)`` is one iteration as the paper has it, and
/// answers with the supports that it evaluated. All else is the driver's: counting, the best so far,
/// limits, observers, checkpoints, the projection at the end. A solve that was cut off between two steps
/// goes on from ``IterationState`` with the same bits.
public protocol IterativeSolver: ResumableSolver where Checkpoint == IterationCheckpoint {
  /// Where a solve stands between two steps.
  associatedtype State: IterationState

  /// When to stop before the own rule does.
  var limits: Limits { get set }

  /// The limits for supports of `sparsity` columns: ``limits``, unless the solver evaluates a number of
  /// supports of its own.
  func limits(sparsity: Int) -> Limits

  /// The state before the first step.
  ///
  /// - Parameter observer: for another solver that this one starts from.
  /// - Throws: ``RecoveryError/unsupportedModel(solver:option:)`` where the model asks for what this solver
  ///   cannot do, ``RecoveryError/invalidOption(name:value:expected:)``, and what the engine throws.
  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State

  /// One iteration.
  ///
  /// No decision depends on a clock, and none on anything but the state and the problem.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for an option out of range, and what
  ///   the engine throws.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step

  /// What is left to do once there is a reason to stop; nothing unless a solver says otherwise.
  ///
  /// - Returns: the reason to give.
  func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search, after stop: StopReason,
    observer: SolveObserver
  ) throws(RecoveryError) -> StopReason
}

/// What one iteration led to.
public struct Step {
  /// The supports evaluated, in order. A limit may stop the solve behind any of them.
  public var candidates: [Candidate]
  /// Why the own rule ends the solve behind these, or nil.
  public var stop: StopReason?
  /// What the caller should know.
  public var warnings: [Warning] = []
  /// Whether this was an iteration that evaluated no support, and counts towards the limits all the same.
  let isSilent: Bool

  /// An iteration that evaluated these supports.
  public init(_ candidates: [Candidate] = [], stop: StopReason? = nil) {
    self.candidates = candidates
    self.stop = stop
    isSilent = false
  }

  /// An iteration that evaluated the support of x.
  public init(_ x: Iterate, stop: StopReason? = nil) { self.init([Candidate(x)], stop: stop) }

  private init(isSilent: Bool) {
    candidates = []
    self.isSilent = isSilent
  }

  /// An iteration that evaluated no support.
  public static var silent: Step { Step(isSilent: true) }

  /// The end, with nothing evaluated.
  public static func end(_ stop: StopReason) -> Step { Step(stop: stop) }
}

/// A support that was evaluated.
public struct Candidate {
  /// At most k atoms, in ascending order.
  public let support: [Int]
  /// ‖A x − y‖₂ for the scaled observation; with a ridge the root of twice the loss.
  public let residualNorm: Double
  /// How its projection was computed, or nil when only its norm is remembered.
  public let method: ProjectionMethod?
  /// How many other supports were evaluated before it without being told.
  public let untold: Int

  /// A point of the search.
  public init(_ x: Iterate, untold: Int = 0) {
    self.init(x.support, residualNorm: x.residualNorm, method: x.method, untold: untold)
  }

  /// A support of which the norm of the residual is known.
  public init(
    _ support: [Int], residualNorm: Double, method: ProjectionMethod? = nil, untold: Int = 0
  ) {
    self.support = support
    self.residualNorm = residualNorm
    self.method = method
    self.untold = untold
  }
}

extension IterativeSolver {
  /// ``limits``.
  public func limits(sparsity: Int) -> Limits { limits }

  /// Nothing.
  public func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search, after stop: StopReason,
    observer: SolveObserver
  ) throws(RecoveryError) -> StopReason { stop }

  /// The driver of all iterative solvers: steps until there is a reason to stop, then solves the least squares
  /// on the best support.
  public func solve(
    _ workspace: Workspace, sparsity: Int, resuming checkpoint: IterationCheckpoint?,
    keeper: CheckpointKeeper<IterationCheckpoint>?, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    var search = try Search(
      Self.name, workspace, sparsity: sparsity, limits: limits(sparsity: sparsity))
    var facts: [ProblemFact] = []
    if keeper != nil || checkpoint != nil {
      facts = try self.facts(workspace, sparsity: sparsity)
      try checkpoint?.validate(facts, workspace.problem, sparsity: search.atomCount)
    }
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    var state: State
    if let checkpoint {
      state = try checkpoint.restore(&search, workspace)
      guard search.iterationsLeft > 0 else { return try search.solution(.iterations, workspace) }
    } else {
      state = try begin(workspace, search, observer: observer)
    }
    while true {
      let step = try step(&state, workspace, search)
      var stop = record(step, &search, observer)
      if let reason = stop {
        stop = try finish(&state, workspace, &search, after: reason, observer: observer)
      }
      if let stop { return try search.solution(stop, workspace) }
      if let keeper, keeper.isDue() {
        keeper.keep(try IterationCheckpoint(facts, search, state, workspace))
      }
    }
  }

  private func record(
    _ step: Step, _ search: inout Search, _ observer: SolveObserver
  ) -> StopReason? {
    for warning in step.warnings { search.warn(warning) }
    if step.isSilent, let stop = search.advance() { return stop }
    for candidate in step.candidates {
      search.skip(candidate.untold)
      let stop = search.record(
        candidate.support, residualNorm: candidate.residualNorm, method: candidate.method,
        observer: observer)
      if let stop { return stop }
    }
    return step.stop
  }

  /// What the supports visited depend on. Options are told by a hash of all of them but the limits, of a start
  /// too: what it found is in the state.
  private func facts(
    _ workspace: Workspace, sparsity: Int
  ) throws(RecoveryError) -> [ProblemFact] {
    guard workspace.use != .always else {
      throw .invalidOption(
        name: "checkpoint", value: "gradients from Gram columns",
        expected: "other gradients: no checkpoint holds these columns")
    }
    return ProblemFact.problem(workspace.problem, sparsity: sparsity)
      + [
        ProblemFact("algorithm", Self.name), ProblemFact("options", hashOf: optionText(self)),
      ] + ProblemFact.engine(workspace.engine)
  }
}

/// The names and values of all that a value stores, limits left out.
private func optionText(_ value: Any) -> String {
  if value is Limits { return "" }
  let children = Mirror(reflecting: value).children
  if children.isEmpty { return "\(value)" }
  return children.reduce("\(type(of: value))") { "\($0) \($1.label ?? "") \(optionText($1.value))" }
}
