import SparseRecovery

extension Table {
  /// The error on rows held out of the best of all supports on other rows, which may be there several times: the best
  /// for all observations together, and the sum of their errors.
  ///
  /// - Returns: with it what it is rounded relative to, and the support.
  func bestError(
    _ model: RecoveryModel, _ k: Int, kept: [Int], heldOut: [Int]
  ) -> (error: Double, scale: Double, support: [Int]) {
    let part = keeping(kept)
    let oracles = observations.indices.map { Oracle(part, observation: $0, model) }
    func loss(_ columns: [Int]) -> Double { oracles.reduce(0) { $0 + $1.ownLoss(columns) } }
    var (best, support) = (loss([]), [Int]())
    // With signs the best may have fewer columns.
    for size in model.isNonnegative ? 1...k : k...k {
      forEachSubset(size, of: oracles[0].usable) { columns in
        let own = loss(columns)
        if own < best { (best, support) = (own, columns) }
      }
    }
    let errors = oracles.enumerated().map { observation, oracle in
      error(of: oracle.fit(support), on: support, observation, heldOut)
    }
    return (
      errors.reduce(0) { $0 + $1.error }, errors.reduce(0) { $0 + $1.scale }, support
    )
  }

  private func error(
    of best: Oracle.Fit, on support: [Int], _ observation: Int, _ heldOut: [Int]
  ) -> (error: Double, scale: Double) {
    let weights = weights ?? Array(repeating: 1, count: rows)
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
    return (sum / total, scale / total)
  }
}
