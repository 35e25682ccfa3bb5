import Dispatch
import LeastSquares
import SparseCore
import Synchronization

/// Several observations on one A, an iteration of all at a time: one pass over A serves as many of
/// them as the engine takes residuals, and projections run on all cores.
struct Lockstep {
  let engine: any Engine
  let lanes: [Lane]

  /// The lanes that have no reason to stop yet.
  var running: [Lane] { lanes.filter { $0.stop == nil } }

  /// Projects every running lane onto its support.
  func project(
    _ supports: [[Int]], of running: [Lane]
  ) throws(RecoveryError) {
    // Every index is written by one thread only, and no lane shares anything with another.
    nonisolated(unsafe) let points = running.map(\.point)
    let failure = Mutex<RecoveryError?>(nil)
    DispatchQueue.concurrentPerform(iterations: points.count) { place in
      do throws(RecoveryError) {
        try points[place].project(onto: supports[place])
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// g ← Aᵀ r for every running lane: a pass over A for each group of residuals.
  func updateNegativeGradients(of running: [Lane]) throws(RecoveryError) {
    try engine.write(
      running.map { $0.workspace.problem.atoms.pulledBack($0.iterate.residual) },
      to: running.map(\.residual))
    try engine.correlate(running.map(\.residual), into: running.map(\.negativeGradient))
    for lane in running {
      try engine.clear(lane.negativeGradient, at: lane.workspace.stationary(lane.iterate))
      // Each has its own from one pass over A, shared with others.
      lane.workspace.matrixPasses += 1
    }
  }
}

/// One observation among several that march in step: its search and its exploratory vector.
final class Lane {
  let workspace: Workspace
  var search: Search
  /// 𝒳.
  let exploratory: EngineVector
  /// Aᵀ r.
  let negativeGradient: EngineVector
  /// r = y − A x on the engine.
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
    negativeGradient = try workspace.engine.makeVector(.correlation)
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
