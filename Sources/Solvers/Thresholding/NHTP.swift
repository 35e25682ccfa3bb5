public import SparseCore

/// Normalised hard thresholding pursuit: ``HTP`` with a step size of its own in every iteration.
///
/// The step of ``NIHT`` on the support of x is 0/0 here, because x is a projection and its gradient
/// vanishes there. The best step along the k largest entries T of g = Aᵀ(y − A x) takes its place:
/// μ = ‖g_T‖² / ‖A g_T‖², which is the same at x = 0.
public struct NHTP: IterativeSolver {
  /// `nhtp`.
  public static let name = "nhtp"

  /// When to stop before a support comes back.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// It does.
  public var recoversJointly: Bool { true }

  /// One gradient and one projection an iteration, and 2 · m · k flops on the host.
  public func step(
    _ state: inout VisitingState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let k = search.atomCount
    return try workspace.pursuitStep(&state, k) { (g) throws(RecoveryError) in
      try workspace.exactStep(along: g.direction(k))
    }
  }
}
