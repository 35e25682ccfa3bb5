import SparseRecovery

/// The best support that a solve has reported, for when its engine fails.
final class BestSupport {
  private var best: IterationReport?
  private var iterations = 0

  /// Notes what was reported.
  func note(_ report: IterationReport) {
    iterations += 1
    if best.map({ report.relativeResidual < $0.relativeResidual }) ?? true { best = report }
  }

  /// The best support with its coefficients, computed on the processor alone, or nil where none was
  /// reported.
  func solution(
    of problem: RecoveryProblem, sparsity: Int, after failure: RecoveryError
  ) throws(RecoveryError) -> SparseSolution? {
    guard let best else { return nil }
    var solution = try FixedSupport(best.support).solve(
      problem, sparsity: sparsity, on: CPUBackend())
    solution.stopReason = .failed
    solution.iterations = iterations
    solution.bestIteration = best.iteration
    solution.warnings.append(.engineFailed(failure: failure.description))
    return solution
  }
}
