public import SparseCore

/// Orthogonal matching pursuit: Pati, Rezaiifar and Krishnaprasad 1993; Tropp and Gilbert 2007.
///
/// Adds the atom most correlated with the residual, projects, and repeats until the support has k
/// atoms or nothing is left to explain.
public struct OMP: IterativeSolver {
  /// `omp`.
  public static let name = "omp"

  /// When to stop before k atoms are found. OMP evaluates k supports, whatever the iterations here.
  public var limits: Limits
  /// How correlations are computed; the supports are the same.
  public var gradient: Gradient

  /// A pursuit within `limits`.
  public init(gradient: Gradient = .auto, limits: Limits = Limits()) {
    self.gradient = gradient
    self.limits = limits
  }

  /// Where a pursuit stands.
  public enum State: IterationState {
    /// The algorithm read plainly: the specification of the faster way.
    case direct(PointState)
    /// Steps foreseen.
    case blocked(BlockedPursuit)

    /// Writes which it is, and that.
    public func write(to writer: inout StateWriter) throws(RecoveryError) {
      switch self {
      case .direct(let point):
        writer.write(false)
        point.write(to: &writer)
      case .blocked(let pursuit):
        writer.write(true)
        pursuit.write(to: &writer)
      }
    }

    /// Reads which it is, and that.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      self =
        try reader.flag()
        ? .blocked(BlockedPursuit(from: &reader)) : .direct(PointState(from: &reader))
    }
  }

  /// k supports.
  public func limits(sparsity: Int) -> Limits { limits.evaluating(max(sparsity, 1)) }

  /// x = 0; blocked, one pass over A.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    // Signs are told apart on the host only.
    if !workspace.problem.model.isNonnegative,
      gradient.isBlocked(for: workspace.problem, sparsity: search.atomCount, on: workspace.engine)
    {
      return .blocked(try BlockedPursuit(workspace, sparsity: search.atomCount))
    }
    return .direct(PointState(workspace))
  }

  /// One gradient, one pass over A where no Gram columns are at hand, and one projection; blocked, a
  /// fraction of these passes: see ``BlockedPursuit``.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    switch state {
    case .direct(var point):
      let x = point.x
      guard x.support.count < search.atomCount else { return .end(.iterations) }
      // j ← argmax |a_jᵀ r| over j ∉ S
      guard let atom = try workspace.strongest(1, at: x).indices.first else {
        return .end(.residual)
      }
      // x ← argmin ‖A x − y‖₂ over supp(x) ⊂ S ∪ {j}
      point.x = try workspace.project(onto: x.support.inserting(atom))
      state = .direct(point)
      return Step(point.x)
    case .blocked(var pursuit):
      defer { state = .blocked(pursuit) }
      return try pursuit.step(search)
    }
  }
}
