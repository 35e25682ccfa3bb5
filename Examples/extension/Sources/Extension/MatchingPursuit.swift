public import SparseRecovery

/// Matching pursuit: Mallat and Zhang 1993, doi:10.1109/78.258082.
///
/// The coefficient of the atom that correlates most with the residual takes all of that correlation; the
/// others stay as they are. It ends where the next atom would be one too many, or where the residual stands
/// still.
public struct MatchingPursuit: IterativeSolver {
  /// `mp`.
  public static let name = "mp"

  /// The relative fall of the residual that counts as none, in [0, 1).
  public var stillness = 1e-10
  /// When to stop before.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// One gradient, and 4 · m · k flops on the host.
  public func step(
    _ state: inout PointState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    guard workspace.problem.model.ridge == 0, !workspace.problem.model.isNonnegative else {
      throw .unsupportedModel(solver: Self.name, option: "a ridge or signs")
    }
    let x = state.x
    guard let (atom, correlation) = try strongest(x, workspace) else { return .end(.residual) }
    var coefficients = Dictionary(uniqueKeysWithValues: zip(x.support, x.coefficients))
    coefficients[atom, default: 0] += correlation
    guard coefficients.count <= search.atomCount else { return .end(.converged) }
    let support = coefficients.keys.sorted()
    state.x = try workspace.iterate(
      SparseVector(support: support, coefficients: support.compactMap { coefficients[$0] }))
    let isStill = state.x.residualNorm >= (1 - stillness) * x.residualNorm
    return Step(state.x, stop: isStill ? .converged : nil)
  }

  /// argmax |a_jᵀ r| over all atoms, and a_jᵀ r.
  private func strongest(
    _ x: Iterate, _ workspace: Workspace
  ) throws(RecoveryError) -> (atom: Int, correlation: Double)? {
    let outside = try workspace.strongest(1, at: x)
    let inside = try workspace.correlate(x.residual, with: x.support)
    var best: (atom: Int, correlation: Double)?
    for (j, c) in zip(outside.support + x.support, outside.coefficients + inside)
    where abs(c) > abs(best?.correlation ?? 0) {
      best = (j, c)
    }
    return best
  }
}
