import SparseCore

extension Workspace {
  /// `x` after exchanges, each the one that lowers the loss most, until none does: never worse than
  /// the projection onto its support.
  ///
  /// While the support has fewer than `sparsity` atoms, the best atom is added; then atoms are
  /// swapped. The first exchange costs ⌈(k + 1) / ``Engine/residualsInPass``⌉ + 1 passes over A, every
  /// further one a pass; each takes 2 · n · k² flops on the host, where AᵀQ takes 8 · n · k bytes.
  ///
  /// - Parameters:
  ///   - exchanges: the most additions and swaps to make.
  ///   - deadline: when to make no more.
  func polished(
    _ x: Iterate, sparsity: Int, exchanges: Int = .max,
    until deadline: ContinuousClock.Instant? = nil
  ) throws(RecoveryError) -> Iterate {
    var exchange = try Exchange(self, from: x)
    for _ in 0..<exchanges {
      if let deadline, ContinuousClock.now >= deadline { break }
      guard try exchange.improve(sparsity: sparsity) else { break }
    }
    return exchange.iterate.residualNorm < x.residualNorm || x.method == nil ? exchange.iterate : x
  }
}

extension Exchange {
  /// Adds an atom while there are fewer than `sparsity`, or swaps two. False when nothing lowers the
  /// loss.
  mutating func improve(sparsity: Int) throws(RecoveryError) -> Bool {
    if iterate.support.count < sparsity, try grow() { return true }
    return try swap()
  }
}
