import LeastSquares
import SparseCore

extension DirectExploration {
  /// Goes on from a state that was kept.
  init(
    _ workspace: Workspace, resuming state: DirectState, sparsity: Int
  ) throws(RecoveryError) {
    let engine = workspace.engine
    func vector(_ values: [Double]) throws(RecoveryError) -> EngineVector {
      let vector = try engine.makeVector(.correlation)
      try engine.write(values, to: vector)
      return vector
    }
    self.init(
      workspace, try vector(state.exploratory), state.stepSize, .never, sparsity: sparsity)
    try workspace.restartProjector(capacity: sparsity, state.projector)
    var entries: [[Int]: (value: Visit, lastUse: Int)] = [:]
    for visit in state.visits {
      entries[visit.support] = (
        (visit.residualNorm, try vector(visit.gradient)), visit.lastUse
      )
    }
    memory.restore(entries, clock: state.clock)
  }

  /// Where it stands, between two iterations.
  func state() throws(RecoveryError) -> DirectState {
    let engine = workspace.engine
    var visits: [DirectState.Visit] = []
    for (support, entry) in memory.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
      visits.append(
        DirectState.Visit(
          support: support, residualNorm: entry.value.residualNorm,
          gradient: try engine.read(entry.value.gradient), lastUse: entry.lastUse))
    }
    return DirectState(
      exploratory: try engine.read(exploratory), stepSize: η, visits: visits,
      clock: memory.clock,
      projector: try workspace.withProjector(for: 1) { (projector) throws(RecoveryError) in
        projector.arrangement
      })
  }
}
