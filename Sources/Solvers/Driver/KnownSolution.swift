import SparseCore

/// What a checkpoint keeps of a solution: the support, from which the rest follows, and how it was found.
struct KnownSolution: Sendable, Equatable {
  /// The atoms selected, columns included left out.
  var support: [Int]
  var iterations: Int
  var bestIteration: Int
  var supportsExplored: Int
  var matrixPasses: Int
  var rounds: Int
  var optimalityGap: Double?
  /// Whether it was message passing on columns that are too coherent for it.
  var hasDiverged: Bool
  var stopReason: StopReason
  /// What the members of a portfolio found.
  var attempts: [Attempt]
  var bestAttempt: Int?

  init(_ solution: SparseSolution) {
    support = solution.atomCoefficients.support
    iterations = solution.iterations
    bestIteration = solution.bestIteration
    supportsExplored = solution.supportsExplored
    matrixPasses = solution.matrixPasses
    rounds = solution.rounds
    optimalityGap = solution.optimalityGap
    hasDiverged = solution.warnings.contains(where: \.tellsDivergence)
    stopReason = solution.stopReason
    attempts = solution.attempts
    bestAttempt = solution.bestAttempt
  }

  /// The solution, bit by bit: solvers project the best support anew at their end. Its passes over A count for
  /// the workspace.
  ///
  /// - Parameters:
  ///   - solver: its name.
  ///   - provesSupports: whether it makes up for atoms that are stored roughly.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for what no solver can have found: whatever a
  ///   file holds must not trap.
  func solution(
    of solver: String, _ workspace: Workspace, sparsity: Int, limits: Limits,
    provesSupports: Bool
  ) throws(RecoveryError) -> SparseSolution {
    var search = try Search(
      solver, workspace, sparsity: sparsity, limits: limits, provesSupports: provesSupports,
      minimizesAnyLoss: true, recoversJointly: true, recoversGroups: true)
    let counts = [iterations, bestIteration, supportsExplored, matrixPasses, rounds]
    guard support.count <= search.atomCount, workspace.problem.isSupport(support),
      counts.allSatisfy({ (0...(1 << 48)).contains($0) }),
      optimalityGap.map((0...1).contains) ?? true,
      bestAttempt.map(attempts.indices.contains) ?? attempts.isEmpty
    else { throw .contradictoryCheckpoint(of: solver) }
    search.resume(
      SearchState(
        iterations: iterations, best: support, bestNorm: 0, bestIteration: bestIteration,
        latest: support, fingerprints: [], elapsed: .zero, matrixPasses: 0))
    var solution = try search.solution(stopReason, workspace)
    workspace.matrixPasses += matrixPasses
    solution.supportsExplored = supportsExplored
    solution.matrixPasses = matrixPasses
    solution.rounds = rounds
    solution.optimalityGap = optimalityGap
    solution.attempts = attempts
    solution.bestAttempt = bestAttempt
    if hasDiverged { solution.warnings.append(.diverged(solver: solver)) }
    return solution
  }

  func write(to writer: inout WordWriter) {
    writer.write(support)
    for count in [iterations, bestIteration, supportsExplored, matrixPasses, rounds] {
      writer.write(count)
    }
    writer.write(optimalityGap.map { [$0] } ?? [])
    writer.write(hasDiverged ? 1 : 0)
    writer.write(stopReason.rawValue)
    writer.write(attempts) { $1.write(to: &$0) }
    writer.write(bestAttempt.map { [$0] } ?? [])
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    support = try reader.ints()
    iterations = try reader.int()
    bestIteration = try reader.int()
    supportsExplored = try reader.int()
    matrixPasses = try reader.int()
    rounds = try reader.int()
    optimalityGap = try reader.optional { (r) throws(CheckpointError) in try r.double() }
    hasDiverged = try reader.flag()
    stopReason = try reader.stopReason()
    attempts = try reader.array(ofAtLeast: 6) { (r) throws(CheckpointError) in
      try Attempt(from: &r)
    }
    bestAttempt = try reader.ints().first
  }
}

extension Attempt {
  fileprivate func write(to writer: inout WordWriter) {
    writer.write(solver)
    writer.write(start.map { [$0] } ?? []) { $0.write($1) }
    writer.write(relativeResidual)
    writer.write(iterations)
    writer.write(matrixPasses)
    writer.write(seconds)
  }

  fileprivate init(from reader: inout WordReader) throws(CheckpointError) {
    self.init(
      solver: try reader.text(),
      start: try reader.optional { (r) throws(CheckpointError) in try r.text() },
      relativeResidual: try reader.double(), iterations: try reader.int(),
      matrixPasses: try reader.int(), seconds: try reader.double())
  }
}

extension Warning {
  /// Whether it says that every run of message passing diverged.
  var tellsDivergence: Bool { if case .diverged = self { true } else { false } }
}
