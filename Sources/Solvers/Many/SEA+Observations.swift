public import SparseCore

extension SEA {
  /// Solves for several observations on one A, each on its own.
  ///
  /// The supports visited are those of one observation at a time. From zero the first iterations of
  /// all run in step: many observations without noise are explained within them, for a fraction of
  /// their passes over A. The others go on alone, on shared Gram columns.
  ///
  /// - Parameters:
  ///   - problem: the atoms; its own observation takes no part.
  ///   - observations: as many y of length m as wanted.
  ///   - observer: called with the place of the observation after every evaluated support.
  /// - Throws: what ``solve(_:sparsity:observer:)`` throws, or
  ///   ``RecoveryError/observationLength(expected:found:)``,
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``.
  public func solve(
    _ workspace: Workspace, observations: [[Double]], sparsity: Int,
    observer: (Int, IterationReport) -> SolveControl = { _, _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    var solutions = [SparseSolution?](repeating: nil, count: observations.count)
    var workspaces: [Workspace] = []
    for y in observations { workspaces.append(try workspace.observing(y)) }
    if start.isZero {
      // As many at a time as keep their vectors within 128 MB.
      let width = max(1, (128 << 20) / (16 * workspace.problem.columns))
      for first in stride(from: 0, to: workspaces.count, by: width) {
        let group = first..<min(first + width, workspaces.count)
        let found = try probe(Array(workspaces[group]), sparsity) { observer(first + $0, $1) }
        for (place, solution) in zip(group, found) { solutions[place] = solution }
      }
    }
    for (place, workspace) in workspaces.enumerated() where solutions[place] == nil {
      let probed = start.isZero ? Self.probeLength : 0
      solutions[place] = try solve(workspace, sparsity: sparsity) {
        $0.iteration < probed ? .proceed : observer(place, $0)
      }
    }
    return solutions.compactMap(\.self)
  }

  /// Solves with the atoms on `engine`.
  ///
  /// - Parameter problem: the atoms; its own observation takes no part.
  /// - Throws: what ``solve(_:observations:sparsity:observer:)`` throws.
  public func solve(
    _ problem: RecoveryProblem, observations: [[Double]], sparsity: Int, with engine: any Engine,
    observer: (Int, IterationReport) -> SolveControl = { _, _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    try solve(
      Workspace(problem, on: engine), observations: observations, sparsity: sparsity,
      observer: observer)
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
    for _ in 0..<Self.probeLength {
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
  private static var probeLength: Int { 24 }
}
