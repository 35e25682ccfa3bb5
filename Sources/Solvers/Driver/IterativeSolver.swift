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

  /// The limits for supports of `sparsity` columns: ``limits``, unless the solver evaluates a number of
  /// supports of its own.
  func limits(sparsity: Int) -> Limits

  /// Whether this solver makes up for atoms that an engine stores less precisely than it computes.
  func provesSupports(_ problem: RecoveryProblem) -> Bool

  /// The options that the supports visited depend on, by name, as checkpoints compare them.
  func facts(_ problem: RecoveryProblem) -> [(name: String, value: String)]

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
  /// No decision depends on a clock, and none on anything but the state and the problem. An iteration may be cut
  /// short where the time is over, and answers so; the state is then the one before it.
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
  /// The supports evaluated, in order. The solve may stop behind any of them, but for the time: all that was
  /// evaluated within it counts.
  public var candidates: [Candidate]
  /// Why the own rule ends the solve behind these, or nil.
  public var stop: StopReason?
  /// What the caller should know.
  public var warnings: [Warning] = []
  /// Whether this was an iteration that evaluated no support, and counts towards the limits all the same.
  let isSilent: Bool
  /// Whether the iteration was cut short, as ``cut(_:_:)`` says.
  let isCut: Bool

  /// An iteration that evaluated these supports.
  public init(_ candidates: [Candidate] = [], stop: StopReason? = nil) {
    self.candidates = candidates
    self.stop = stop
    (isSilent, isCut) = (false, false)
  }

  /// An iteration that evaluated the support of x.
  public init(_ x: Iterate, stop: StopReason? = nil) { self.init([Candidate(x)], stop: stop) }

  private init(_ candidates: [Candidate], _ stop: StopReason?, isSilent: Bool, isCut: Bool) {
    (self.candidates, self.stop) = (candidates, stop)
    (self.isSilent, self.isCut) = (isSilent, isCut)
  }

  /// An iteration that evaluated no support.
  public static var silent: Step { Step([], nil, isSilent: true, isCut: false) }

  /// An iteration that was cut short, with the best that it had come to or that was known before: so that the
  /// observer hears of it. It counts for the result; a checkpoint stands before it, and it is repeated as a whole.
  static func cut(_ best: Candidate?, _ reason: StopReason) -> Step {
    Step(best.map { [$0] } ?? [], reason, isSilent: false, isCut: true)
  }

  /// The end, with nothing evaluated.
  public static func end(_ stop: StopReason) -> Step { Step(stop: stop) }
}

/// A support that was evaluated.
public struct Candidate: Sendable {
  /// At most k atoms, in ascending order.
  public let support: [Int]
  /// ‖A x − y‖₂ for the scaled observation; with a ridge, and under another loss, the root of twice the loss.
  public let residualNorm: Double
  /// How its projection was computed, or nil when only its norm is remembered.
  public let method: ProjectionMethod?
  /// How many other supports were evaluated before it without being told.
  public let untold: Int
  /// What found it, where that is not the solver itself.
  public let finder: String?

  /// A point of the search.
  public init(_ x: Iterate, untold: Int = 0, finder: String? = nil) {
    self.init(
      x.support, residualNorm: x.residualNorm, method: x.method, untold: untold, finder: finder)
  }

  /// A support of which the norm of the residual is known.
  public init(
    _ support: [Int], residualNorm: Double, method: ProjectionMethod? = nil, untold: Int = 0,
    finder: String? = nil
  ) {
    self.support = support
    self.residualNorm = residualNorm
    self.method = method
    self.untold = untold
    self.finder = finder
  }
}

extension IterativeSolver {
  /// ``limits``.
  public func limits(sparsity: Int) -> Limits { limits }

  /// It does not.
  public func provesSupports(_ problem: RecoveryProblem) -> Bool { false }

  /// A hash of the names and values of all that the solver stores, limits left out: those of a start too, since
  /// what it found is in the state.
  public func facts(_ problem: RecoveryProblem) -> [(name: String, value: String)] {
    let fact = ProblemFact("options", hashOf: optionText(self))
    return [(fact.name, fact.value)]
  }

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
      Self.name, workspace, sparsity: sparsity, limits: limits(sparsity: sparsity),
      provesSupports: provesSupports(workspace.problem), minimizesAnyLoss: minimizesAnyLoss,
      recoversJointly: recoversJointly, recoversGroups: recoversGroups)
    var facts: [ProblemFact] = []
    if keeper != nil || checkpoint != nil {
      facts = self.facts(workspace, sparsity: sparsity)
      try checkpoint?.validate(facts, workspace.problem, sparsity: search.atomCount)
    }
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    var state: State
    var pending: Step?
    var keeper = keeper
    if let checkpoint {
      (state, pending) = try checkpoint.restore(&search, workspace)
      guard search.iterationsLeft > 0 else { return try search.solution(.iterations, workspace) }
    } else {
      state = try begin(workspace, search) { report in
        let control = observer(report)
        // The start was cut short: this is not how an unbroken solve goes on.
        if control == .stop { keeper = nil }
        return control
      }
    }
    func keep(_ pending: Step?, _ search: Search) throws(RecoveryError) {
      keeper?.keep(try IterationCheckpoint(facts, search, state, pending, workspace))
    }
    while true {
      let passes = workspace.matrixPasses
      var step = if let pending { pending } else { try step(&state, workspace, search) }
      pending = nil
      let before = step.isCut ? search : nil
      let stop = record(&step, &search, observer)
      if stop == .interrupted, let before {
        // As if the step had not begun.
        let all = workspace.matrixPasses
        workspace.matrixPasses = passes
        try keep(nil, before)
        workspace.matrixPasses = all
      } else if stop == .interrupted {
        // Not told yet: what comes behind the support at which the observer stopped.
        try keep(step, search)
      }
      if let stop {
        var ended = search
        let reason = try finish(&state, workspace, &ended, after: stop, observer: observer)
        if reason == .interrupted, stop != .interrupted { try keep(.end(stop), search) }
        return try ended.solution(reason, workspace)
      }
      if let keeper, keeper.isDue() { try keep(nil, search) }
    }
  }

  /// Records the candidates of a step and takes them out of it, until there is a reason to stop.
  private func record(
    _ step: inout Step, _ search: inout Search, _ observer: SolveObserver
  ) -> StopReason? {
    for warning in step.warnings { search.warn(warning) }
    step.warnings = []
    if step.isSilent, let stop = search.advance() { return stop }
    var isTimeOver = false
    for (place, candidate) in step.candidates.enumerated() {
      search.skip(candidate.untold)
      let stop = search.record(
        candidate.support, residualNorm: candidate.residualNorm, method: candidate.method,
        by: candidate.finder, observer: observer)
      switch stop {
      case nil: continue
      case .time: isTimeOver = true
      default:
        step.candidates.removeFirst(place + 1)
        return stop
      }
    }
    return isTimeOver ? .time : step.stop
  }

  /// What the supports visited depend on.
  private func facts(_ workspace: Workspace, sparsity: Int) -> [ProblemFact] {
    ProblemFact.problem(workspace.problem, sparsity: sparsity)
      + [ProblemFact("algorithm", Self.name)]
      + facts(workspace.problem).map { ProblemFact($0.name, $0.value) }
      + ProblemFact.place(workspace)
  }
}

/// The names and values of all that a value stores, limits left out.
func optionText(_ value: Any) -> String { textOfStored(value) { $0 is Limits } }
