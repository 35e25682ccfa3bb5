import SparseCore

extension Portfolio {
  /// A portfolio at one moment: what the solvers that have ended found, and where SEA stands if it is
  /// exploring. A solver of another kind begins anew.
  ///
  /// About 8 · k bytes a solver beside the ``SEA/Checkpoint``.
  public struct Checkpoint: Sendable, Equatable {
    /// What the solves depend on.
    let facts: [ProblemFact]
    let finished: [FinishedAttempt]
    /// How long these took.
    let elapsed: Duration
    let exploring: SEA.Checkpoint?

    /// How many solvers have ended.
    public var solversEnded: Int { finished.count }
    /// The support that SEA evaluated last, if it is exploring.
    public var latestSupport: [Int] { exploring?.latestSupport ?? [] }

    /// Refuses a checkpoint of another solve, and one that contradicts itself.
    func validate(
      _ expected: [ProblemFact], _ problem: RecoveryProblem, sparsity: Int
    ) throws(RecoveryError) {
      try expected.requireSame(as: facts)
      guard elapsed >= .zero,
        finished.allSatisfy({ $0.outcome?.isPossible(problem, sparsity: sparsity) ?? true })
      else { throw .contradictoryCheckpoint(of: Portfolio.name) }
    }
  }

  /// What a portfolio depends on, beside what SEA does. Limits of iterations end single solvers, so
  /// that others would leave others behind.
  func facts<E: Engine>(_ loaded: LoadedProblem<E>, sparsity: Int) -> [ProblemFact] {
    var sea = sea
    sea.start = .zero
    return sea.facts(loaded, sparsity: sparsity, sea.gradient.resolved(for: loaded.problem)) + [
      ProblemFact("restarts", "\(restarts)"),
      ProblemFact("seed", "\(seed)"),
      ProblemFact("polish", "\(polishes)"),
      ProblemFact("iterations", "\(limits.iterations)"),
      ProblemFact("stagnation", limits.stagnation.map { "\($0)" } ?? "any"),
      ProblemFact("tolerance", "\(limits.tolerance)"),
    ]
  }
}
