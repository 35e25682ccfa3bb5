public import SparseCore

/// Orthogonal least squares, also called forward stepwise selection and order recursive matching
/// pursuit: Chen, Billings and Luo 1989.
///
/// Adds the atom that lowers the loss most after projection, argmax (a_jᵀ r)² / ‖P^⊥a_j‖², where OMP
/// takes the one most correlated with the residual.
public struct OLS: Solver {
  /// `ols`.
  public static let name = "ols"

  /// When to stop before k atoms are found. OLS evaluates k supports, whatever the iterations here.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// k projections of growing size, and k passes over A with two vectors each, or a fraction of them
  /// where the engine takes more in a pass: see ``ForwardSelection``.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    let limits = limits.evaluating(max(sparsity, 1))
    try problem.problem.model.requirePlain(for: Self.name)
    var search = try Search(Self.name, problem, sparsity: sparsity, limits: limits)
    if let stop = search.triviality { return try search.solution(stop, problem) }

    var selection = try ForwardSelection(problem, sparsity: search.atomCount)
    let stop = try selection.run(&search, observer)
    return try search.solution(stop, problem)
  }
}
