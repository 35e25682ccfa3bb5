public import SparseCore

extension SEA {
  /// How gradients are computed. Every way visits the same supports in the same order.
  public enum Gradient: String, Sendable, Codable, CaseIterable {
    /// `blocked` where it pays, else `direct`.
    case auto
    /// Aᵀ(Ax − y) anew for every support: one pass over A an iteration.
    case direct
    /// Iterations on a working set of promising atoms, verified many at a time: see
    /// ``BlockedExploration``.
    case blocked

    /// What `auto` stands for.
    ///
    /// An iteration reads m · n numbers when direct, and about m · k + |W| · k when blocked. Blocked
    /// was faster or as fast on every shape measured, up to supports of a tenth of the columns; where
    /// they fill more than a quarter, too little is left outside the working set to save.
    public func resolved(for problem: RecoveryProblem, sparsity: Int) -> Gradient {
      guard self == .auto else { return self }
      return problem.columns <= 1024 || problem.columns >= 4 * sparsity ? .blocked : .direct
    }
  }
}

extension SEA.Start {
  /// Whether the exploratory vector starts at zero.
  var isZero: Bool {
    if case .zero = self { true } else { false }
  }
}
