public import SparseCore

/// The forward–backward greedy algorithm: Zhang 2009; with gradients, Liu, Ye and Fujimaki 2014.
///
/// Forward, the atom that correlates most with the residual is added. Backward, the atom with the
/// smallest coefficient is deleted while all deletions since cost less than a fraction ν of what that
/// addition gained, in ½‖A x − y‖²: every addition with its deletions gains 1 − ν of that at least, so
/// that no support comes back. Supports grow beyond k, to let early mistakes show, and are trimmed to k
/// in the end, one atom at a time.
public struct FoBa: IterativeSolver {
  /// `foba`.
  public static let name = "foba"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption(
        "deletion-share", "the share of a gain that deletions may cost", fraction: \.deletionShare),
      SolverOption("breadth", "how many times k atoms it grows to at most", \.breadth),
    ]
  }

  /// ν, the share of the last gain that deletions may cost together, in [0, 1).
  public var deletionShare: Double
  /// How many times k atoms the support may grow to, at least 1; never beyond the rows unless
  /// there is a ridge.
  public var breadth: Int
  /// When to stop before the support is full.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(deletionShare: Double = 0.5, breadth: Int = 2, limits: Limits = Limits()) {
    self.deletionShare = deletionShare
    self.breadth = breadth
    self.limits = limits
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// One gradient an addition; one projection an addition, a deletion tried, and a support recorded.
  public func step(
    _ state: inout PointState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let k = search.groupCount
    let ν = try valid(fraction: deletionShare, "deletion share")
    let rank = workspace.problem.mostIndependentGroups
    let most = max(k, min(min(try valid(breadth, "breadth"), rank) * k, rank))
    var x = state.x
    func count(_ x: Iterate) -> Int { workspace.problem.atoms.groupCount(of: x.support) }
    guard count(x) < most, !search.isExplained(by: x.residualNorm) else {
      return try trimmed(x, workspace, k)
    }
    let entering = try workspace.strongest(1, at: x).support
    guard !entering.isEmpty else { return try trimmed(x, workspace, k) }
    let grown = try workspace.project(onto: x.support.union(entering))
    let gain = x.loss - grown.loss
    guard gain > 0 else { return try trimmed(x, workspace, k) }
    x = grown
    while count(x) > 1 {
      let fewer = try workspace.pruned(x, to: count(x) - 1)
      guard fewer.loss - grown.loss < ν * gain else { break }
      x = fewer
    }
    state.x = x
    return Step(try workspace.pruned(x, to: k))
  }

  /// The end: x with k atoms, one deleted after the other.
  private func trimmed(
    _ x: Iterate, _ workspace: Workspace, _ k: Int
  ) throws(RecoveryError) -> Step {
    var x = x
    let atoms = workspace.problem.atoms
    for count in stride(from: atoms.groupCount(of: x.support) - 1, through: k, by: -1) {
      x = try workspace.pruned(x, to: count)
    }
    return Step(x, stop: .converged)
  }
}

extension Iterate {
  /// ½‖A x − y‖₂².
  fileprivate var loss: Double { residualNorm * residualNorm / 2 }
}
