import SparseCore

extension OMP {
  /// How the correlations with residuals are computed. Every way finds the same supports.
  public enum Gradient: String, Sendable, Codable, CaseIterable {
    /// `blocked` where it pays, else `direct`.
    case auto
    /// One residual after the other: one pass over A for each.
    case direct
    /// Steps foreseen on a working set of promising atoms, verified many in a pass: see
    /// ``BlockedPursuit``.
    case blocked

    /// Whether steps are foreseen.
    ///
    /// The passes saved read about k · m · n numbers, the Gram matrices of the working sets take some
    /// 4 · m · |W|² flops. Short columns in the cache are read in less time than the selections of a
    /// step take: blocked was faster from 400 rows or 32 MB of doubles on.
    func isBlocked(for problem: RecoveryProblem, sparsity: Int, on engine: any Engine) -> Bool {
      switch self {
      case .auto:
        let breadth = Foresight.breadth(problem, sparsity: sparsity)
        let isLong = problem.rows >= 400 || problem.rows * problem.columns >= 4 << 20
        return engine.residualsInPass > 1 && isLong
          && sparsity * problem.columns >= 2 * breadth * breadth
      case .direct: return false
      case .blocked: return true
      }
    }
  }
}
