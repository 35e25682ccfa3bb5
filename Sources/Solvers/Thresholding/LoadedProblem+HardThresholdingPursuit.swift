import SparseCore

extension LoadedProblem {
  /// S ← the k largest entries of x + μ g, x ← the projection onto S, until a support comes back:
  /// x depends on S alone, so that from there on everything would repeat.
  ///
  /// - Parameter step: μ from g, or nil where g vanishes.
  func pursueByThresholding(
    _ search: inout Search, observer: Observer,
    _ step: (NegativeGradient) throws(RecoveryError) -> Double?
  ) throws(RecoveryError) -> StopReason {
    let k = search.atomCount
    var visited: Set<[Int]> = []
    var x = Iterate(empty: problem)
    while true {
      let g = try negativeGradient(at: x, outside: k)
      guard let μ = try step(g) else { return .converged }
      let support = g.step(μ, keeping: k).support
      guard visited.insert(support).inserted else { return .converged }
      x = try project(onto: support)
      if let stop = search.record(x, observer: observer) { return stop }
    }
  }
}
