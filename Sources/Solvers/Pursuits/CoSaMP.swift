public import SparseCore

/// Compressive sampling matching pursuit: Needell and Tropp 2009, doi:10.1016/j.acha.2008.07.002.
///
/// U ← supp(x) and the 2k largest entries of g = Aᵀ(y − A x); b ← the projection onto U; x ← the k
/// largest entries of b, as they are. It ends when U comes back: x depends on U alone. More atoms
/// than rows have the solution of least norm.
public struct CoSaMP: IterativeSolver {
  /// `cosamp`.
  public static let name = "cosamp"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("debiases", "whether the k atoms kept are projected anew", \.debiases)
    ]
  }

  /// Whether x is the projection onto the k largest entries of b instead of these entries: the
  /// debiased form of GraSP (Bahmani, Raj and Boufounos 2013), which else is CoSaMP where the loss
  /// is that of least squares.
  public var debiases: Bool
  /// When to stop before U comes back.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(debiases: Bool = false, limits: Limits = Limits()) {
    self.debiases = debiases
    self.limits = limits
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// One gradient, one projection onto up to 3k atoms and 4 · m · k flops an iteration.
  public func step(
    _ state: inout VisitingState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if !debiases { try workspace.problem.model.requirePlain(for: Self.name) }
    let k = search.groupCount
    let g = try workspace.negativeGradient(at: state.x, outside: 2 * k)
    let union = Set(state.x.support).union(g.largest(2 * k).support).sorted()
    guard state.visited.insert(union).inserted else { return .end(.converged) }
    let b = try workspace.project(onto: union)
    state.x =
      try debiases
      ? workspace.pruned(b, to: k) : workspace.iterate(workspace.keeping(k, of: b.vector))
    return Step(state.x)
  }
}
