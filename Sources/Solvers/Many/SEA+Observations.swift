public import SparseCore

extension SEA {
  /// From zero the first iterations of all run in step: many observations without noise are explained within
  /// them, for a fraction of their passes over A.
  public func solveTogether(
    _ workspaces: [Workspace], sparsity: Int,
    observer: (Int, IterationReport) -> SolveControl
  ) throws(RecoveryError) -> (solutions: [SparseSolution?], repeated: Int) {
    var solutions = [SparseSolution?](repeating: nil, count: workspaces.count)
    guard start.isZero, let columns = workspaces.first?.problem.columns else {
      return (solutions, 0)
    }
    // As many at a time as keep their vectors within 128 MB.
    let width = max(1, (128 << 20) / (16 * columns))
    for first in stride(from: 0, to: workspaces.count, by: width) {
      let group = first..<min(first + width, workspaces.count)
      let found = try probe(Array(workspaces[group]), sparsity) { observer(first + $0, $1) }
      for (place, solution) in zip(group, found) { solutions[place] = solution }
    }
    return (solutions, Self.stepsTogether)
  }

  /// Iterations of all observations in step, until what is explained at all early is explained.
  private func probe(
    _ problems: [Workspace], _ sparsity: Int,
    _ observer: (Int, IterationReport) -> SolveControl
  ) throws(RecoveryError) -> [SparseSolution?] {
    guard let engine = problems.first?.engine else { return [] }
    var lanes: [Lane] = []
    for workspace in problems {
      let search = try Search(Self.name, workspace, sparsity: sparsity, limits: limits)
      lanes.append(try Lane(workspace, search))
      lanes[lanes.count - 1].stop = search.triviality
    }
    let lockstep = Lockstep(engine: engine, lanes: lanes)
    for _ in 0..<Self.stepsTogether {
      let running = lockstep.running
      guard !running.isEmpty else { break }
      var supports: [[Int]] = []
      for lane in running {
        supports.append(
          try lane.workspace.largest(lane.search.atomCount, of: lane.exploratory, sign: 1)
            .support(among: lane.workspace.problem.atoms))
      }
      try lockstep.project(supports, of: running)
      for (place, lane) in lanes.enumerated() where lane.stop == nil {
        lane.stop = lane.search.record(lane.iterate) { observer(place, $0) }
      }
      if running.contains(where: { $0.stop == .interrupted }) {
        for lane in lockstep.running { lane.stop = .interrupted }
      }
      try lockstep.updateGradients(of: lockstep.running)
      for lane in lockstep.running {
        try engine.add(-1, times: lane.gradient, to: lane.exploratory)
      }
    }
    var solutions: [SparseSolution?] = []
    for lane in lanes {
      solutions.append(
        try lane.stop.map { (stop) throws(RecoveryError) in
          try lane.search.solution(stop, lane.workspace)
        })
    }
    return solutions
  }

  /// Without noise, SEA mostly finds the support within twenty iterations or not soon.
  private static var stepsTogether: Int { 24 }
}
