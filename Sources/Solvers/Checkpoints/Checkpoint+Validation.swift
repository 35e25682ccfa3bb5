import LeastSquares
import SparseCore

extension SEA.Checkpoint {
  /// Refuses a checkpoint of another solve, and one whose parts do not fit together: whatever a file
  /// holds, going on from it must not trap.
  ///
  /// - Parameters:
  ///   - sparsity: of the search, columns included left out.
  ///   - breadth: the most atoms of a working set.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` naming the first difference.
  func validate(
    _ expected: [ProblemFact], _ problem: RecoveryProblem, sparsity: Int, breadth: Int
  ) throws(RecoveryError) {
    try expected.requireSame(as: facts)
    let check = StateCheck(problem: problem, sparsity: sparsity, breadth: breadth)
    guard check.accepts(search), check.accepts(exploration) else {
      throw .contradictoryCheckpoint(of: SEA.name)
    }
  }
}

extension RecoveryError {
  static func contradictoryCheckpoint(of solver: String) -> RecoveryError {
    .invalidOption(
      name: "checkpoint", value: "parts that contradict each other",
      expected: "one that \(solver) wrote")
  }
}

extension [ProblemFact] {
  /// Refuses facts that are not those of this solve.
  func requireSame(as found: [ProblemFact]) throws(RecoveryError) {
    for (mine, wanted) in zip(found, self) where mine != wanted {
      throw .invalidOption(
        name: "checkpoint", value: mine.shown, expected: "\(wanted.shown), as in this solve")
    }
    guard found.count == count else {
      throw .invalidOption(
        name: "checkpoint", value: "\(found.count) facts", expected: "\(count), as in this solve")
    }
  }
}

extension RecoveryProblem {
  /// Whether these are atoms that may be selected, in ascending order.
  func areAtoms(_ support: [Int]) -> Bool {
    zip(support, support.dropFirst()).allSatisfy { $0 < $1 }
      && support.allSatisfy { (0..<columns).contains($0) && atoms.isUsable($0) }
  }
}

extension Projector.Arrangement {
  /// Whether a projector with room for `most` atoms may have come to it.
  func isPossible(_ problem: RecoveryProblem, atMost most: Int) -> Bool {
    atoms.count <= most && problem.areAtoms(atoms.sorted())
      && gram.count == atoms.count * (atoms.count + 1) / 2 && gram.allSatisfy(\.isFinite)
  }
}

/// What every state of a solve satisfies.
private struct StateCheck {
  let problem: RecoveryProblem
  let sparsity: Int
  let breadth: Int

  func accepts(_ search: SearchState) -> Bool {
    isSupport(search.best) && isNorm(search.bestNorm)
      && search.iterations >= 1 && search.iterations < 1 << 62
      && (0..<search.iterations).contains(search.bestIteration)
      && isSupport(search.latest) && (0...(1 << 62)).contains(search.matrixPasses)
      && search.elapsed >= .zero && search.elapsed < .seconds(1 << 40)
  }

  func accepts(_ exploration: ExplorationState) -> Bool {
    switch exploration {
    case .direct(let state): accepts(state)
    case .blocked(let state): accepts(state)
    }
  }

  private func accepts(_ state: DirectState) -> Bool {
    isVector(state.exploratory, problem.columns) && state.stepSize > 0
      && state.stepSize.isFinite && state.projector.isPossible(problem, atMost: sparsity)
      && (0...(1 << 62)).contains(state.clock)
      && Set(state.visits.map(\.support)).count == state.visits.count
      && state.visits.allSatisfy {
        isSupport($0.support) && isNorm($0.residualNorm)
          && isVector($0.gradient, problem.columns)
      }
  }

  private func accepts(_ state: BlockedState) -> Bool {
    isVector(state.total, problem.rows)
      && (state.offset.map { isVector($0, problem.columns) } ?? true)
      && isVector(state.exploratory, state.atoms.count) && areAtoms(state.atoms)
      && areAtoms(state.frontier) && (sparsity...breadth).contains(state.frontier.count)
      && isNorm(state.bound) && (state.growth.map(isNorm) ?? true)
      && (1...256).contains(state.blockLength)
      && state.projector.isPossible(problem, atMost: breadth)
  }

  private func isNorm(_ value: Double) -> Bool { value >= 0 && value.isFinite }

  private func isSupport(_ atoms: [Int]) -> Bool { atoms.count == sparsity && areAtoms(atoms) }

  private func areAtoms(_ atoms: [Int]) -> Bool { problem.areAtoms(atoms) }

  private func isVector(_ values: [Double], _ count: Int) -> Bool {
    values.count == count && values.allSatisfy(\.isFinite)
  }
}
