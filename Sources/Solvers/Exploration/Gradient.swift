public import SparseCore

extension SEA {
  /// How gradients are computed. Every way visits the same supports in the same order.
  public enum Gradient: String, Sendable, Codable, CaseIterable {
    /// `blocked`, or `gram` with a ridge or with signs.
    case auto
    /// Aᵀ(Ax − y) anew for every support: one pass over A an iteration.
    case direct
    /// G_S x − Aᵀy from Gram columns Aᵀa_j, each computed once while it stays in the cache: few
    /// passes over A, and k · n numbers read an iteration.
    case gram
    /// Iterations on a working set of promising atoms, verified many at a time: see
    /// ``BlockedExploration``.
    case blocked

    /// What `auto` stands for.
    ///
    /// An iteration reads m · n numbers when direct, n · k from Gram columns, and about m · k + |W| · k
    /// when blocked. Blocked was the fastest on every shape measured, up to supports of a quarter of
    /// the columns. With a ridge or with signs, residuals do not add up to the exploratory vector, and
    /// Gram columns serve.
    public func resolved(for problem: RecoveryProblem) -> Gradient {
      if !problem.model.isPlain { return self == .direct ? .direct : .gram }
      return self == .auto ? .blocked : self
    }
  }
}

extension SEA.Start {
  /// Whether the exploratory vector starts at zero.
  var isZero: Bool {
    if case .zero = self { true } else { false }
  }
}
