public import SparseCore

/// Subspace pursuit: Dai and Milenkovic 2009, doi:10.1109/TIT.2009.2016006.
///
/// From the k atoms that correlate most with y: U ← S and the k atoms that correlate most with the
/// residual; S ← the k largest entries of the projection onto U; x ← the projection onto S. It ends
/// when the residual does not decrease.
public struct SP: IterativeSolver {
  /// `sp`.
  public static let name = "sp"

  /// When to stop while the residual still decreases.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// The k atoms that correlate most with y.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> StartedState {
    StartedState(try workspace.start(nil, search, observer: observer))
  }

  /// One gradient and two projections an iteration, onto up to 2k atoms and onto k.
  public func step(
    _ state: inout StartedState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if let first = state.takeFirst() { return first }
    let (k, x) = (search.groupCount, state.x)
    let union = x.support.union(try workspace.strongest(k, at: x).support)
    state.x = try workspace.pruned(workspace.project(onto: union), to: k)
    return Step(state.x, stop: state.x.residualNorm < x.residualNorm ? nil : .converged)
  }
}
