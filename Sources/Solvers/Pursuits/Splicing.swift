public import SparseCore

/// Splicing, the heart of ABESS: Zhu et al. 2020, PNAS.
///
/// The c atoms of S with the smallest coefficients make way for the c atoms outside that correlate
/// most with the residual, first for c = C, then for half as many down to one; the first exchange
/// that decreases the residual is made, and it starts anew. It ends when no exchange does.
public struct Splicing: Solver {
  /// `splicing`.
  public static let name = "splicing"

  /// C, the most atoms to exchange at once, at least 1, or nil for k.
  public var exchanges: Int?
  /// What finds the first support, or nil for the k atoms that correlate most with y.
  public var start: (any Solver)?
  /// When to stop while exchanges still help.
  public var limits: Limits

  /// Splicing within `limits`; the start has limits of its own.
  public init(
    exchanges: Int? = nil, start: (any Solver)? = nil, limits: Limits = Limits()
  ) {
    self.exchanges = exchanges
    self.start = start
    self.limits = limits
  }

  /// One gradient for every exchange made, and at most 1 + log₂ C projections.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let k = search.atomCount
      let most = min(try valid(exchanges ?? k, "exchanges"), k)
      var x = try problem.start(start, search, observer: observer)
      if let stop = search.record(x, observer: observer) { return stop }
      while true {
        let g = try problem.negativeGradient(at: x, outside: most)
        var count = g.largest(most).support.count
        let residualNorm = x.residualNorm
        while count > 0, x.residualNorm == residualNorm {
          let entering = g.largest(count).support
          let support = x.vector.keeping(k - count).support.union(entering)
          let next = try problem.project(onto: support)
          if let stop = search.record(next, observer: observer) { return stop }
          if next.residualNorm < residualNorm { x = next }
          count /= 2
        }
        guard x.residualNorm < residualNorm else { return .converged }
      }
    }
  }
}
