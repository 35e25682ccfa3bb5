import SparseCore

extension PathSearch {
  /// SEA from the best support so far, for its share of the iterations.
  mutating func explore(
    _ k: Int, _ search: inout Search
  ) throws(RecoveryError) -> StopReason {
    guard let best = search.best, !search.isExplained(by: best.residualNorm) else {
      return .residual
    }
    let share = iterationsLeft / (sparsities.upperBound - k + 1)
    guard share > 0, best.support.count == search.atomCount else { return .iterations }
    let x = try workspace.project(onto: best.support)
    try growth.prepareGramColumns(of: x)
    var sea = SEA(
      start: .atoms(x.vector),
      gradient: workspace.cache.capacity >= 4 * k ? .gram : .auto, limits: path.limits)
    sea.limits.iterations = share
    sea.limits.time = nil
    let watch = watch
    let found = try sea.solve(workspace, sparsity: k) { report in
      _ = search.record(report, observer: watch.observe)
      return watch.stop == nil ? .proceed : .stop
    }
    iterationsLeft -= found.iterations
    return found.stopReason
  }
}
