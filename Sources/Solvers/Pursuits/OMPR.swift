public import SparseCore

/// Orthogonal matching pursuit with replacement: Jain, Tewari and Dhillon 2011, arXiv:1106.2774.
///
/// The l atoms outside S that correlate most with the residual replace those l of S with the
/// smallest coefficients, for as long as the residual decreases: the form of Axiotis and Sviridenko
/// 2020, arXiv:2006.14571. With a step size η it is the form of Jain et al.: of x + η g on S and on
/// these atoms, with g = Aᵀ(y − A x), the k largest entries stay.
public struct OMPR: Solver {
  /// `ompr`.
  public static let name = "ompr"

  /// l, how many atoms to replace at once, at least 1. All k of them, with a step size, are ``HTP``.
  public var exchanges: Int
  /// The step size η > 0, or nil to replace exactly l atoms.
  public var stepSize: Double?
  /// What finds the first support, or nil for the k atoms that correlate most with y.
  public var start: (any Solver)?
  /// When to stop while the residual still decreases.
  public var limits: Limits

  /// Replacement within `limits`; the start has limits of its own.
  public init(
    exchanges: Int = 1, stepSize: Double? = nil, start: (any Solver)? = nil,
    limits: Limits = Limits()
  ) {
    self.exchanges = exchanges
    self.stepSize = stepSize
    self.start = start
    self.limits = limits
  }

  /// One gradient and one projection an iteration, after what the start costs.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let k = search.atomCount
      let most = min(try valid(exchanges, "exchanges"), k)
      var x = try problem.start(start, search, observer: observer)
      if let stop = search.record(x, observer: observer) { return stop }
      while true {
        let g = try problem.negativeGradient(at: x, outside: most)
        let support = try replace(x, g, k, most)
        guard support != x.support else { return .converged }
        let next = try problem.project(onto: support)
        if let stop = search.record(next, observer: observer) { return stop }
        guard next.residualNorm < x.residualNorm else { return .converged }
        x = next
      }
    }
  }

  /// The next support. The gradient vanishes on the support of x.
  private func replace(
    _ x: Iterate, _ g: NegativeGradient, _ k: Int, _ most: Int
  ) throws(RecoveryError) -> [Int] {
    if let stepSize { return g.step(try valid(stepSize: stepSize), keeping: k).support }
    let entering = g.largest(most).support
    return x.vector.keeping(k - entering.count).support.union(entering)
  }
}
