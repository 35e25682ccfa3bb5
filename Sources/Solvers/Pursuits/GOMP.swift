public import SparseCore

/// Generalised orthogonal matching pursuit: Wang, Kwon and Shim 2012,
/// doi:10.1109/TSP.2012.2218810.
///
/// ``OMP`` with N atoms a step, for at most k steps: up to N · k atoms, and no more than there are
/// rows. The k largest coefficients name the support, evaluated after every step.
public struct GOMP: IterativeSolver {
  /// `gomp`.
  public static let name = "gomp"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("atoms-per-step", "how many atoms a step adds", \.atomsPerStep)
    ]
  }

  /// N, how many atoms a step adds, at least 1. One is OMP.
  public var atomsPerStep: Int
  /// When to stop before k steps. GOMP evaluates at most k supports, whatever the iterations here.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(atomsPerStep: Int = 2, limits: Limits = Limits()) {
    self.atomsPerStep = atomsPerStep
    self.limits = limits
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }

  /// At most k supports.
  public func limits(sparsity: Int) -> Limits { limits.evaluating(max(sparsity, 1)) }

  /// At most k gradients, and as many projections of up to N · k and of k atoms.
  public func step(
    _ state: inout PointState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let k = search.atomCount
    let rank = workspace.problem.mostIndependentAtoms
    let step = min(try valid(atomsPerStep, "atoms per step"), rank)
    // The support grows beyond k, but not beyond what least squares can tell apart.
    let most = max(k, min(step * k, rank))
    let size = state.x.support.count
    guard size < most else { return .end(.iterations) }
    let atoms = try workspace.strongest(min(step, most - size), at: state.x).support
    guard !atoms.isEmpty else { return .end(.residual) }
    state.x = try workspace.project(onto: state.x.support.union(atoms))
    let isExplained = search.isExplained(by: state.x.residualNorm)
    return Step(try workspace.pruned(state.x, to: k), stop: isExplained ? .converged : nil)
  }
}
