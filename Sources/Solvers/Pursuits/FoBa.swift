public import SparseCore

/// The forward–backward greedy algorithm: Zhang 2009; with gradients, Liu, Ye and Fujimaki 2014.
///
/// Forward, the atom that correlates most with the residual is added. Backward, the atom with the
/// smallest coefficient is deleted while that costs less than a fraction ν of what the last addition
/// gained, both in ½‖A x − y‖². Supports grow beyond k, to let early mistakes show, and are trimmed
/// to k in the end, one atom at a time.
public struct FoBa: Solver {
  /// `foba`.
  public static let name = "foba"

  /// ν, the share of the last gain that a deletion may cost, in [0, 1).
  public var deletionShare: Double
  /// How many times k atoms the support may grow to, at least 1; never beyond the rows.
  public var breadth: Int
  /// When to stop before the support is full.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(deletionShare: Double = 0.5, breadth: Int = 2, limits: Limits = Limits()) {
    self.deletionShare = deletionShare
    self.breadth = breadth
    self.limits = limits
  }

  /// One gradient an addition; one projection an addition, a deletion tried, and a support recorded.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let k = search.atomCount
      let ν = try valid(fraction: deletionShare, "deletion share")
      let rows = problem.problem.presentRows
      let most = max(k, min(min(try valid(breadth, "breadth"), rows) * k, rows))
      var x = Iterate(empty: problem.problem)
      while x.support.count < most, !search.isExplained(by: x.residualNorm) {
        guard let atom = try problem.strongest(1, at: x).indices.first else { break }
        let grown = try problem.project(onto: x.support.inserting(atom))
        let gain = x.loss - grown.loss
        guard gain > 0 else { break }
        x = grown
        while x.support.count > 1 {
          let fewer = try problem.pruned(x, to: x.support.count - 1)
          guard fewer.loss - x.loss < ν * gain else { break }
          x = fewer
        }
        let stop = search.record(try problem.pruned(x, to: k), observer: observer)
        if let stop { return stop }
      }
      while x.support.count > k { x = try problem.pruned(x, to: x.support.count - 1) }
      return search.record(x, observer: observer) ?? .converged
    }
  }
}

extension Iterate {
  /// ½‖A x − y‖₂².
  fileprivate var loss: Double { residualNorm * residualNorm / 2 }
}
