import SparseCore

/// A solution but for the time it took, with every bit of its numbers.
struct Outcome: Equatable {
  private let support: [Int]
  private let numbers: [UInt64]
  private let counts: [Int]
  private let stopReason: StopReason
  private let warnings: [Warning]

  init(_ solution: SparseSolution) {
    support = solution.support
    numbers = (solution.coefficients + [solution.residualNorm, solution.relativeResidual])
      .map(\.bitPattern)
    counts = [
      solution.iterations, solution.bestIteration, solution.supportsExplored,
      solution.matrixPasses,
    ]
    stopReason = solution.stopReason
    warnings = solution.warnings
  }
}
