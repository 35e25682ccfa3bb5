import SparseRecovery

extension Table {
  /// The error on rows held out of the best of all supports on other rows, which may be there several times.
  ///
  /// - Returns: with it what it is rounded relative to, and the support.
  func bestError(
    _ model: RecoveryModel, _ k: Int, kept: [Int], heldOut: [Int], observation: Int = 0
  ) -> (error: Double, scale: Double, support: [Int]) {
    let weights = weights ?? Array(repeating: 1, count: rows)
    let oracle = Oracle(keeping(kept), observation: observation, model)
    var (loss, support) = (oracle.ownLoss([]), [Int]())
    // With signs the best may have fewer columns.
    for size in model.isNonnegative ? 1...k : k...k {
      forEachSubset(size, of: oracle.usable) { columns in
        let own = oracle.ownLoss(columns)
        if own < loss { (loss, support) = (own, columns) }
      }
    }
    let best = oracle.fit(support)
    var (sum, scale, total) = (0.0, 0.0, 0.0)
    for i in heldOut {
      let y = observations[observation][i]
      let terms = zip(support, best.coefficients).map { $1 * columns[$0][i] }
      let deviation = terms.reduce(best.intercept ?? 0, +) - y
      let size = terms.reduce(abs(y) + abs(best.intercept ?? 0)) { $0 + abs($1) }
      sum += weights[i] * deviation * deviation
      scale += weights[i] * size * size
      total += weights[i]
    }
    return (sum / total, scale / total, support)
  }
}
