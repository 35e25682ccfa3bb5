import LeastSquares
import SparseCore

/// One observation among several that march in step: its search and its exploratory vector.
final class Lane {
  let workspace: Workspace
  var search: Search
  /// 𝒳.
  let exploratory: EngineVector
  /// Aᵀ(A x − y).
  let gradient: EngineVector
  /// A x − y on the engine.
  let residual: EngineVector
  /// The host's part.
  let point: LanePoint
  /// Where this lane is.
  var iterate: Iterate { point.iterate }
  /// Why it stopped.
  var stop: StopReason?

  init(
    _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) {
    let problem = workspace.problem
    self.workspace = workspace
    self.search = search
    exploratory = try workspace.engine.makeVector(.correlation)
    gradient = try workspace.engine.makeVector(.correlation)
    residual = try workspace.engine.makeVector(.residual)
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
