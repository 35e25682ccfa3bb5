public import SparseCore

/// Orthogonal least squares, also called forward stepwise selection and order recursive matching
/// pursuit: Chen, Billings and Luo 1989.
///
/// Adds the atom that lowers the loss most after projection, argmax (a_jᵀ r)² / ‖P^⊥a_j‖², where OMP
/// takes the one most correlated with the residual.
public struct OLS: IterativeSolver {
  /// `ols`.
  public static let name = "ols"

  /// Every support on the way is the solution for its size.
  public static var pathRule: PathRule { .nested }

  /// When to stop before k atoms are found. OLS evaluates k supports, whatever the iterations here.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// It does.
  public var recoversJointly: Bool { true }

  /// k supports.
  public func limits(sparsity: Int) -> Limits { limits.evaluating(max(sparsity, 1)) }

  /// x = 0: one pass over A.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> ForwardSelection {
    try workspace.problem.model.requirePlain(for: Self.name)
    return try ForwardSelection(workspace, sparsity: search.atomCount)
  }

  /// k projections of growing size, and k passes over A with two vectors each, or a fraction of them
  /// where the engine takes more in a pass: see ``ForwardSelection``.
  public func step(
    _ state: inout ForwardSelection, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step { try state.step(search) }
}
