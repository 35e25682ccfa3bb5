import SparseCore

/// What a checkpoint keeps of an attempt that has ended: the support, from which its solution follows,
/// and its counts.
struct FinishedAttempt: Sendable, Equatable {
  /// The solution in short.
  struct Outcome: Sendable, Equatable {
    /// The atoms selected, columns included left out.
    var support: [Int]
    var iterations: Int
    var bestIteration: Int
    var supportsExplored: Int
    var matrixPasses: Int
    var rounds: Int
    /// Whether it was message passing on columns that are too coherent for it.
    var hasDiverged: Bool
    var stopReason: StopReason
    var seconds: Double
  }

  let solver: String
  let start: String?
  /// Nil where the solver cannot do what the model asks, or its result is beyond all doubles.
  let outcome: Outcome?
}

extension FinishedAttempt.Outcome {
  init(_ solution: SparseSolution, seconds: Double) {
    self.init(
      support: solution.atomCoefficients.support, iterations: solution.iterations,
      bestIteration: solution.bestIteration, supportsExplored: solution.supportsExplored,
      matrixPasses: solution.matrixPasses, rounds: solution.rounds,
      hasDiverged: solution.warnings.contains(where: \.tellsDivergence),
      stopReason: solution.stopReason, seconds: seconds)
  }

  /// The solution, bit by bit: solvers project the best support anew at their end.
  func solution(
    of solver: String, _ workspace: Workspace, sparsity: Int, limits: Limits
  ) throws(RecoveryError) -> SparseSolution {
    var search = try Search(solver, workspace, sparsity: sparsity, limits: limits)
    search.resume(
      SearchState(
        iterations: iterations, best: support, bestNorm: 0, bestIteration: bestIteration,
        latest: support, fingerprints: [], elapsed: .zero, matrixPasses: 0))
    var solution = try search.solution(stopReason, workspace)
    solution.supportsExplored = supportsExplored
    solution.matrixPasses = matrixPasses
    solution.rounds = rounds
    if hasDiverged { solution.warnings.append(.diverged(solver: solver)) }
    return solution
  }

  /// Whether a solver may have found it: whatever a file holds must not trap.
  func isPossible(_ problem: RecoveryProblem, sparsity: Int) -> Bool {
    let counts = [iterations, bestIteration, supportsExplored, matrixPasses, rounds]
    return support.count <= sparsity && problem.areAtoms(support)
      && counts.allSatisfy { (0...(1 << 48)).contains($0) } && seconds >= 0 && seconds < 1e12
  }
}

extension Warning {
  /// Whether it says that every run of message passing diverged.
  var tellsDivergence: Bool { if case .diverged = self { true } else { false } }
}
