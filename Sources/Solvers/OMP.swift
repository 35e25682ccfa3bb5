import LeastSquares
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

  /// A pursuit within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// k passes over A, b · m · n bytes each, and k projections of growing size.
  public func solve<E: Engine>(
    _ problem: RecoveryProblem, sparsity: Int, with engine: E, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    var limits = limits
    limits.iterations = max(sparsity, 1)
    limits.stagnation = nil
    var search = try Search(Self.name, problem, sparsity: sparsity, limits: limits)
    var support: [Int] = []
    var residual = problem.scaledObservation
    var projector = Projector(problem, capacity: search.sparsity)
    let r = try engine.makeVector(problem.rows)
    let g = try engine.makeVector(problem.columns)

    while !search.isTrivial, support.count < search.sparsity {
      // j ← argmax |a_jᵀ r| over j ∉ S
      try engine.write(residual, to: r)
      try engine.correlate(r, into: g)
      try engine.clear(g, at: support)
      search.matrixPasses += 1
      let choice = try engine.largest(1, of: g)
      guard let atom = choice.indices.first, choice.values.first != 0 else { break }
      support.insert(atom, at: support.firstIndex { $0 > atom } ?? support.endIndex)
      // x ← argmin ‖A x − y‖₂ over supp(x) ⊂ S
      let x = try projector.project(onto: support)
      residual = x.residual
      let stop = search.record(
        support, residualNorm: x.residualNorm, method: x.method, observer: observer)
      if let stop { return try search.solution(stop, engine.identity) }
    }
    return try search.solution(
      support.count < search.sparsity ? .residual : .iterations, engine.identity)
  }
}
