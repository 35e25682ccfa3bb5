import LeastSquares
import SparseCore

/// One observation among several that march in step: its search and its exploratory vector.
final class Lane<E: Engine> {
  let loaded: LoadedProblem<E>
  var search: Search
  /// 𝒳.
  let exploratory: E.Vector
  /// Aᵀ(A x − y).
  let gradient: E.Vector
  /// A x − y on the engine.
  let residual: E.Vector
  /// The host's part.
  let point: LanePoint
  /// Where this lane is.
  var iterate: Iterate { point.iterate }
  /// Why it stopped.
  var stop: StopReason?

  init(
    _ loaded: LoadedProblem<E>, _ search: Search
  ) throws(RecoveryError) {
    let problem = loaded.problem
    self.loaded = loaded
    self.search = search
    exploratory = try loaded.engine.makeVector(problem.columns)
    gradient = try loaded.engine.makeVector(problem.columns)
    residual = try loaded.engine.makeVector(problem.rows)
    point = LanePoint(problem, sparsity: search.atomCount)
  }
}

/// Where a lane is, and its projector: host memory that no other lane shares.
final class LanePoint {
  private(set) var iterate: Iterate
  private var projector: Projector

  init(_ problem: RecoveryProblem, sparsity: Int) {
    iterate = Iterate(empty: problem)
    projector = Projector(problem, capacity: max(sparsity, 1))
  }

  /// x ← argmin ‖A x − y‖₂ over supp(x) ⊂ S.
  func project(onto support: [Int]) throws(RecoveryError) {
    iterate = Iterate(
      support: support, projection: try projector.projectAllowed(onto: support))
  }
}
