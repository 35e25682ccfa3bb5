import SparseCore

extension Portfolio {
  /// A portfolio at one moment: what the solvers that have ended found, and where SEA or the search in
  /// rounds stands if it is under way. A solver of another kind starts again.
  ///
  /// About 8 · k bytes a solver beside the ``SEA/Checkpoint``, and 64 · k for a search.
  public struct Checkpoint: Sendable, Equatable {
    /// What the solves depend on.
    let facts: [ProblemFact]
    let finished: [FinishedAttempt]
    /// How long these took.
    let elapsed: Duration
    let underWay: UnderWay?

    /// How many solvers have ended.
    public var solversEnded: Int { finished.count }
    /// The support that was evaluated last by SEA or by the search, if one is under way.
    public var latestSupport: [Int] {
      underWay?.exploring?.latestSupport ?? underWay?.searching?.search.latest ?? []
    }

    /// Refuses a checkpoint of another solve, and one that contradicts itself.
    func validate(
      _ expected: [ProblemFact], _ problem: RecoveryProblem, sparsity: Int
    ) throws(RecoveryError) {
      try expected.requireSame(as: facts)
      guard elapsed >= .zero,
        finished.allSatisfy({ $0.outcome?.isPossible(problem, sparsity: sparsity) ?? true }),
        underWay?.searching?.isPossible(problem, sparsity: sparsity) ?? true
      else { throw .contradictoryCheckpoint(of: Portfolio.name) }
    }
  }

  /// Where an attempt stands that can go on.
  enum UnderWay: Sendable, Equatable {
    case exploring(SEA.Checkpoint)
    case searching(RoundSearch.Checkpoint)

    var exploring: SEA.Checkpoint? { if case .exploring(let sea) = self { sea } else { nil } }
    var searching: RoundSearch.Checkpoint? {
      if case .searching(let search) = self { search } else { nil }
    }
    /// How long it had taken.
    var elapsed: Duration {
      switch self {
      case .exploring(let sea): sea.search.elapsed
      case .searching(let search): search.search.elapsed
      }
    }
  }

  /// What a portfolio depends on, beside what SEA does. Limits of iterations end single solvers, so
  /// that others would leave others behind.
  func facts(_ workspace: Workspace, sparsity: Int) -> [ProblemFact] {
    var sea = sea
    sea.start = .zero
    return sea.facts(workspace, sparsity: sparsity, sea.gradient.resolved(for: workspace.problem))
      + [
        ProblemFact("effort", effort.rawValue),
        ProblemFact("rounds", rounds.map { "\($0)" } ?? "any"),
        ProblemFact("seed", "\(seed)"),
        ProblemFact("iterations", "\(limits.iterations)"),
        ProblemFact("stagnation", limits.stagnation.map { "\($0)" } ?? "any"),
        ProblemFact("tolerance", "\(limits.tolerance)"),
      ]
  }
}
