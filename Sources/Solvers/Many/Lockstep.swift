import Dispatch
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

  /// g ← Aᵀ(A x − y) for every running lane: a pass over A for each group of residuals.
  func updateGradients(of running: [Lane]) throws(RecoveryError) {
    for lane in running {
      try engine.write(
        lane.workspace.problem.atoms.pulledBack(lane.iterate.residual), to: lane.residual)
    }
    try engine.correlate(running.map(\.residual), into: running.map(\.gradient))
    for lane in running {
      try engine.clear(lane.gradient, at: lane.workspace.stationary(lane.iterate))
      // Each has its gradient from one pass over A, shared with others.
      lane.workspace.matrixPasses += 1
    }
  }
}
