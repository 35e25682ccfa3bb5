public import SparseCore

/// Subspace pursuit: Dai and Milenkovic 2009, doi:10.1109/TIT.2009.2016006.
///
/// From the k atoms that correlate most with y: U ← S and the k atoms that correlate most with the
/// residual; S ← the k largest entries of the projection onto U; x ← the projection onto S. It ends
/// when the residual does not decrease.
public struct SP: Solver {
  /// `sp`.
  public static let name = "sp"

  /// When to stop while the residual still decreases.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// One gradient and two projections an iteration, onto up to 2k atoms and onto k.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let k = search.atomCount
      var x = try problem.start(nil, search, observer: observer)
      if let stop = search.record(x, observer: observer) { return stop }
      while true {
        let union = x.support.union(try problem.strongest(k, at: x).indices)
        let next = try problem.pruned(problem.project(onto: union), to: k)
        if let stop = search.record(next, observer: observer) { return stop }
        guard next.residualNorm < x.residualNorm else { return .converged }
        x = next
      }
    }
  }
}
