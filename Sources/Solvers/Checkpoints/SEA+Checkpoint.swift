public import SparseCore

extension SEA: ResumableSolver {
  /// A solve by SEA at one moment: all that is needed to go on and visit the supports, with the same
  /// bits, that it would have visited without a break on the same engine.
  ///
  /// Small where m, n and k are: 8 · (m + 4 · k) bytes and a half of the Gram matrix of the working
  /// set, 4 · |W|² bytes, when blocked; 8 · n bytes and at most 8 MB, or one gradient, when direct;
  /// 8 bytes for every distinct support; and 8 · n bytes when blocked from a start other than zero.
  public struct Checkpoint: Sendable, Equatable {
    /// What the solve depends on.
    let facts: [ProblemFact]
    let search: SearchState
    let exploration: ExplorationState

    /// How many supports were evaluated.
    public var iterations: Int { search.iterations }
    /// The support evaluated last.
    public var latestSupport: [Int] { search.latest }
  }

  /// Explores within the limits, from a checkpoint or from the start, and hands out checkpoints.
  ///
  /// The limits may differ from those of the solve that made the checkpoint; iterations and time
  /// count from its beginning. All else must be the same.
  ///
  /// - Parameters:
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support, those before the checkpoint left out.
  /// - Throws: what ``solve(_:sparsity:observer:)`` throws, or
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` when the checkpoint is of another
  ///   problem or solve, when it contradicts itself, and when gradients come from Gram columns,
  ///   which no checkpoint holds.
  public func solve(
    _ workspace: Workspace, sparsity: Int, resuming checkpoint: Checkpoint?,
    keeper: CheckpointKeeper<Checkpoint>? = nil, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    let isBlocked = gradient.resolved(for: workspace.problem) == .blocked
    var search = try Search(
      Self.name, workspace, sparsity: sparsity, limits: limits,
      provesSupports: isBlocked && start.isZero)
    let gradient = gradient.resolved(for: workspace.problem)
    var recorder: Recorder?
    if keeper != nil || checkpoint != nil {
      try gradient.requireCheckpoints()
      let facts = facts(workspace, sparsity: sparsity, gradient)
      recorder = Recorder(keeper: keeper, facts: facts)
      try checkpoint?.validate(
        facts, workspace.problem, sparsity: search.atomCount,
        breadth: BlockedExploration.breadth(nil, workspace.problem, search.atomCount))
    }
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    if let checkpoint {
      search.resume(checkpoint.search)
      workspace.matrixPasses += checkpoint.search.matrixPasses
      guard search.iterationsLeft > 0 else { return try search.solution(.iterations, workspace) }
    }
    let stop = try explore(
      workspace, gradient, from: checkpoint?.exploration, recorder, &search, observer)
    return try search.solution(stop, workspace)
  }

  /// Makes checkpoints when they are due.
  struct Recorder {
    fileprivate let keeper: CheckpointKeeper<Checkpoint>?
    fileprivate let facts: [ProblemFact]

    /// Called between two blocks or iterations.
    func offer(
      _ search: Search, passes: Int, _ state: () throws(RecoveryError) -> ExplorationState
    ) throws(RecoveryError) {
      guard let keeper, keeper.isDue() else { return }
      keeper.keep(
        Checkpoint(
          facts: facts, search: search.state(passes: passes), exploration: try state()))
    }
  }
}
