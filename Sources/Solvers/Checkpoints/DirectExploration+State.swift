import LeastSquares
import SparseCore

extension DirectExploration {
  /// Goes on from a state that was kept.
  init(
    _ problem: LoadedProblem<E>, resuming state: DirectState, sparsity: Int
  ) throws(RecoveryError) {
    let engine = problem.engine
    func vector(_ values: [Double]) throws(RecoveryError) -> E.Vector {
      let vector = try engine.makeVector(values.count)
      try engine.write(values, to: vector)
      return vector
    }
    self.init(
      problem, try vector(state.exploratory), state.stepSize, .never, sparsity: sparsity)
    problem.restartProjector(capacity: sparsity, state.projector)
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
    let engine = problem.engine
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
      projector: try problem.withProjector(for: 1) { (projector) throws(RecoveryError) in
        projector.arrangement
      })
  }
}
