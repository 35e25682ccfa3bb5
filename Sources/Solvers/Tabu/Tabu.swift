import LeastSquares
public import SparseCore

/// Tabu search over exchanges of one atom: Glover 1989; for regression Drezner, Marcoulides and Salhi
/// 1999.
///
/// Walks one after another: the first from the atoms that correlate most with the observation, the
/// others from the best with a part replaced, from what two good supports share, and from random ones. At
/// the end no exchange of one atom for any of the n columns lowers the loss of the best support.
public struct Tabu: IterativeSolver {
  /// `tabu`.
  public static let name = "tabu"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("seed", "what starts and tenures are drawn from", seed: \.seed)
    ]
  }

  /// What tenures and starts are drawn from: equal seeds visit equal supports.
  public var seed: UInt64
  /// When to stop. An iteration is an exchange.
  public var limits: Limits

  /// A search within `limits`.
  public init(seed: UInt64 = 1, limits: Limits = Limits()) {
    self.seed = seed
    self.limits = limits
  }

  /// It does.
  public var recoversJointly: Bool { true }

  /// Where a search stands.
  public struct State: IterationState {
    var start: StartedState
    /// What walks look at, once the first begins.
    var sets: ProblemWorkingSets?
    var elite = Elite()
    var generator: SeededGenerator
    /// How many walks ended.
    var number = 0
    /// The walk under way.
    var walk: SwapWalk?

    fileprivate init(_ x: Iterate, seed: UInt64) {
      start = StartedState(x)
      generator = SeededGenerator(seed: seed)
    }

    /// Writes all but what the problem determines.
    public func write(to writer: inout StateWriter) {
      start.write(to: &writer)
      elite.write(to: &writer)
      writer.write(generator)
      writer.write(number)
      writer.write(sets != nil)
      writer.write(ifAny: walk) { $1.write(to: &$0) }
    }

    /// Reads all that.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      start = try StartedState(from: &reader)
      elite = try Elite(from: &reader)
      generator = try reader.generator()
      number = try reader.int(in: 0...(1 << 62))
      if try reader.flag() {
        sets = try ProblemWorkingSets(reader.workspace, sparsity: reader.atomCount)
      }
      walk = try reader.optional { (reader) throws(RecoveryError) in
        try SwapWalk(from: &reader)
      }
      try reader.require(walk == nil || sets != nil)
    }
  }

  /// The atoms that correlate most with the observation.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    State(try workspace.start(nil, search, observer: observer), seed: seed)
  }

  /// Some exchanges of a walk.
  ///
  /// About two nanoseconds for each of the k · |W| exchanges that one of them looks at, where |W| is n up
  /// to 600 atoms and about 16 · k beyond. Working sets are chosen again every 300 steps, on the host or,
  /// where A has more than four million entries, by (2 · k + 1) / ``Engine/residualsInPass`` passes over A.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if let first = state.start.takeFirst() { return first }
    guard var walk = try walk(&state, workspace, search), var sets = state.sets else {
      return .end(.converged)
    }
    let (before, interruption) = (walk, search.interruption)
    let count = min(Self.stepsInReport, search.iterationsLeft)
    let goesOn = try walk.advance(count, on: &sets) { interruption.reason == nil }
    if goesOn, walk.steps - before.steps < count, let reason = interruption.reason {
      state.walk = before
      return try cut(reason, walk, after: walk.steps - before.steps, workspace, search)
    }
    (state.sets, state.walk) = (sets, goesOn ? walk : nil)
    if !goesOn { state.elite.insert(walk.best.support, walk.best.loss) }
    return Step([
      Candidate(
        try workspace.project(onto: walk.best.support),
        untold: max(walk.steps - before.steps - 1, 0))
    ])
  }

  /// What exchanges of a walk that was cut short came to.
  private func cut(
    _ reason: StopReason, _ walk: SwapWalk, after steps: Int, _ workspace: Workspace,
    _ search: Search
  ) throws(RecoveryError) -> Step {
    guard walk.best.loss < .infinity else {
      return .cut(search.best.map { Candidate($0.support, residualNorm: $0.residualNorm) }, reason)
    }
    let support = walk.best.support
    return .cut(
      Candidate(
        support, residualNorm: try workspace.problem.projection(onto: support).residualNorm,
        untold: max(steps - 1, 0)), reason)
  }

  /// The walk under way, or the next one; nil where there is nothing to exchange.
  private func walk(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> SwapWalk? {
    if let walk = state.walk { return walk }
    let (usable, count) = (workspace.problem.atoms.usable, search.atomCount)
    let x = state.start.x
    var start = x.support
    if state.sets == nil {
      guard !x.support.isEmpty, count < usable.count else { return nil }
      state.sets = try ProblemWorkingSets(workspace, sparsity: count)
      if start.count < count {
        state.elite.insert(start, x.residualNorm * x.residualNorm)
        start = state.elite.start(2, of: count, among: usable, &state.generator)
      }
    } else {
      start = state.elite.start(state.number, of: count, among: usable, &state.generator)
      state.number += 1
    }
    return SwapWalk(
      workspace.problem, from: start, explained: search.explainedLoss,
      patience: SwapWalk.patience(sparsity: count, &state.generator),
      bansNeighbours: state.number % 2 == 1,
      generator: SeededGenerator(seed: state.generator.next()))
  }

  /// Exchanges of one atom for any other, until none lowers the loss of the best support.
  public func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search, after stop: StopReason,
    observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    guard var sets = state.sets else { return stop }
    return try Descent.finish(&search, workspace, on: &sets, after: stop, observer: observer)
  }

  /// Some tens of milliseconds at k · |W| = 10⁵.
  private static var stepsInReport: Int { 300 }
}
