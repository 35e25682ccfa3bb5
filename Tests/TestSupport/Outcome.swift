package import SparseCore

/// A solution but for the time it took, with every bit of its numbers.
package struct Outcome: Equatable, Sendable {
  private let support: [Int]
  private let numbers: [UInt64]
  private let counts: [Int]
  private let stopReason: StopReason
  private let warnings: [Warning]

  /// - Parameter countsPasses: after a break, what solves share has to be computed again.
  package init(_ solution: SparseSolution, countsPasses: Bool = true) {
    support = solution.support
    numbers =
      (solution.coefficients
      + [
        solution.residualNorm, solution.relativeResidual, solution.optimalityGap ?? -1,
      ])
      .map(\.bitPattern)
    counts = [
      solution.iterations, solution.bestIteration, solution.supportsExplored,
      countsPasses ? solution.matrixPasses : 0,
    ]
    stopReason = solution.stopReason
    warnings = solution.warnings
  }
}
