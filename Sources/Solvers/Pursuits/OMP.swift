public import SparseCore

/// Orthogonal matching pursuit: Pati, Rezaiifar and Krishnaprasad 1993; Tropp and Gilbert 2007.
///
/// Adds the atom most correlated with the residual, projects, and repeats until the support has k
/// atoms or nothing is left to explain.
public struct OMP: Solver {
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

  /// k projections of growing size, and direct k gradients, one pass over A each where no Gram columns
  /// are at hand; blocked, a fraction of these passes: see ``BlockedPursuit``.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    let limits = limits.evaluating(max(sparsity, 1))
    var search = try Search(Self.name, problem, sparsity: sparsity, limits: limits)
    if let stop = search.triviality { return try search.solution(stop, problem) }
    let stop: StopReason
    // Signs are told apart on the host only.
    if !problem.problem.model.isNonnegative,
      gradient.isBlocked(for: problem.problem, sparsity: search.atomCount, on: problem.engine)
    {
      var pursuit = try BlockedPursuit(problem, sparsity: search.atomCount)
      stop = try pursuit.run(&search, observer)
    } else {
      stop = try pursueDirectly(problem, &search, observer)
    }
    return try search.solution(stop, problem)
  }

  /// The algorithm read plainly: the specification of the faster way.
  private func pursueDirectly<E: Engine>(
    _ problem: LoadedProblem<E>, _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    var x = Iterate(empty: problem.problem)
    while x.support.count < search.atomCount {
      // j ← argmax |a_jᵀ r| over j ∉ S
      guard let atom = try problem.strongest(1, at: x).indices.first else { return .residual }
      // x ← argmin ‖A x − y‖₂ over supp(x) ⊂ S ∪ {j}
      x = try problem.project(onto: x.support.inserting(atom))
      if let stop = search.record(x, observer: observer) { return stop }
    }
    return .iterations
  }
}
