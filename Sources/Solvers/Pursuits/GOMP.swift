public import SparseCore

/// Generalised orthogonal matching pursuit: Wang, Kwon and Shim 2012,
/// doi:10.1109/TSP.2012.2218810.
///
/// ``OMP`` with N atoms a step, for at most k steps: up to N · k atoms, and no more than there are
/// rows. The k largest coefficients name the support, evaluated after every step.
public struct GOMP: Solver {
  /// `gomp`.
  public static let name = "gomp"

  /// N, how many atoms a step adds, at least 1. One is OMP.
  public var atomsPerStep: Int
  /// When to stop before k steps. GOMP evaluates at most k supports, whatever the iterations here.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(atomsPerStep: Int = 2, limits: Limits = Limits()) {
    self.atomsPerStep = atomsPerStep
    self.limits = limits
  }

  /// At most k gradients, and as many projections of up to N · k and of k atoms.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    let limits = limits.evaluating(max(sparsity, 1))
    return try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let k = search.atomCount
      let rows = problem.problem.presentRows
      let step = min(try valid(atomsPerStep, "atoms per step"), rows)
      // The support grows beyond k, but not beyond what least squares can tell apart.
      let most = max(k, min(step * k, rows))
      var x = Iterate(empty: problem.problem)
      while x.support.count < most {
        let atoms = try problem.strongest(min(step, most - x.support.count), at: x).indices
        guard !atoms.isEmpty else { return .residual }
        x = try problem.project(onto: x.support.union(atoms))
        let stop = search.record(try problem.pruned(x, to: k), observer: observer)
        if let stop { return stop }
        if search.isExplained(by: x.residualNorm) { return .converged }
      }
      return .iterations
    }
  }
}
