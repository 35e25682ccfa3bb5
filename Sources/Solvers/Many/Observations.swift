public import SparseCore

extension Solver {
  /// None are solved together.
  public func solveTogether(
    _ workspaces: [Workspace], sparsity: Int,
    observer: (Int, IterationReport) -> SolveControl
  ) throws(RecoveryError) -> (solutions: [SparseSolution?], repeated: Int) {
    (Array(repeating: nil, count: workspaces.count), 0)
  }

  /// Solves for several observations on one A, each on its own.
  ///
  /// The supports visited are those of one observation at a time. Those that ``solveTogether(_:sparsity:observer:)``
  /// leaves are solved one after another, on shared Gram columns; on Gram columns of their own where checkpoints are
  /// asked for.
  ///
  /// - Parameters:
  ///   - workspace: the atoms; its own observation takes no part.
  ///   - observations: as many y of length m as wanted.
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called with the place of the observation after every evaluated support.
  /// - Throws: what ``solve(_:sparsity:observer:)`` throws, or
  ///   ``RecoveryError/observationLength(expected:found:)``,
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``.
  public func solve(
    _ workspace: Workspace, observations: [[Double]], sparsity: Int,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: (Int, IterationReport) -> SolveControl = { _, _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    var record: CompositeRecord?
    if checkpoint != nil || keeper != nil {
      record = try CompositeRecord(
        "several observations", facts(workspace, observations, sparsity: sparsity), keeper: keeper,
        resuming: checkpoint)
    }
    var workspaces: [Workspace] = []
    for y in observations { workspaces.append(try workspace.observing(y)) }
    let (together, repeated) = try solveTogether(workspaces, sparsity, record, observer)
    var solutions: [SparseSolution] = []
    for (place, workspace) in workspaces.enumerated() {
      if let solution = together[place] {
        solutions.append(solution)
        continue
      }
      solutions.append(
        try solveAlone(workspace, sparsity, record) {
          $0.iteration < repeated ? .proceed : observer(place, $0)
        })
      // What follows is cut short: no checkpoint may tell of it.
      if solutions.last?.stopReason == .interrupted { record = nil }
    }
    return solutions
  }

  /// Solves with the atoms on `engine`.
  ///
  /// - Parameter problem: the atoms; its own observation takes no part.
  /// - Throws: what ``solve(_:observations:sparsity:resuming:keeper:observer:)`` throws.
  public func solve(
    _ problem: RecoveryProblem, observations: [[Double]], sparsity: Int, with engine: any Engine,
    observer: (Int, IterationReport) -> SolveControl = { _, _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    try solve(
      Workspace(problem, on: engine), observations: observations, sparsity: sparsity,
      observer: observer)
  }

  /// What the solutions depend on.
  private func facts(
    _ workspace: Workspace, _ observations: [[Double]], sparsity: Int
  ) -> [ProblemFact] {
    ProblemFact.problem(workspace.problem, sparsity: sparsity)
      + ProblemFact.place(workspace)
      + [
        ProblemFact("observations", hashOf: observations.joined()),
        ProblemFact("solver", Self.name), ProblemFact("options", hashOf: optionText(self)),
      ]
  }

  /// The same as ``solveTogether(_:sparsity:observer:)``, or what it had led to before a break.
  private func solveTogether(
    _ workspaces: [Workspace], _ sparsity: Int, _ record: CompositeRecord?,
    _ observer: (Int, IterationReport) -> SolveControl
  ) throws(RecoveryError) -> (solutions: [SparseSolution?], repeated: Int) {
    let known = try record?.next { (r) throws(CheckpointError) in
      let solutions = try r.array { (r) throws(CheckpointError) in
        try r.optional { (r) throws(CheckpointError) in try KnownSolution(from: &r) }
      }
      return (solutions, try r.int())
    }
    guard let (solutions, repeated) = known else {
      let found = try solveTogether(workspaces, sparsity: sparsity, observer: observer)
      if !found.solutions.contains(where: { $0?.stopReason == .interrupted }) {
        record?.add {
          $0.write(found.solutions.map { $0.map(KnownSolution.init) }) {
            $0.write($1.map { [$0] } ?? []) { $1.write(to: &$0) }
          }
          $0.write(found.repeated)
        }
      }
      return found
    }
    guard solutions.count == workspaces.count else {
      throw .contradictoryCheckpoint(of: Self.name)
    }
    var restored: [SparseSolution?] = []
    for (known, workspace) in zip(solutions, workspaces) {
      restored.append(
        try known.map { (known) throws(RecoveryError) in
          try solution(known, workspace, sparsity)
        })
    }
    return (restored, repeated)
  }

  private func solveAlone(
    _ workspace: Workspace, _ sparsity: Int, _ record: CompositeRecord?,
    _ observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    guard let record else {
      return try solve(workspace, sparsity: sparsity, observer: observer)
    }
    let known = try record.next(workspace) { (r) throws(CheckpointError) in
      try KnownSolution(from: &r)
    }
    if let known { return try solution(known, workspace, sparsity) }
    workspace.forget()
    let found = try record.solve(self, workspace, sparsity: sparsity, observer: observer)
    if found.stopReason != .interrupted {
      record.add(workspace) { KnownSolution(found).write(to: &$0) }
    }
    return found
  }

  private func solution(
    _ known: KnownSolution, _ workspace: Workspace, _ sparsity: Int
  ) throws(RecoveryError) -> SparseSolution {
    try known.solution(
      of: Self.name, workspace, sparsity: sparsity, limits: Limits(),
      provesSupports: (self as? any IterativeSolver)?.provesSupports(workspace.problem) ?? false)
  }
}

extension SEA {
  /// From zero the first iterations of all run in step: many observations without noise are explained within
  /// them, for a fraction of their passes over A.
  public func solveTogether(
    _ workspaces: [Workspace], sparsity: Int,
    observer: (Int, IterationReport) -> SolveControl
  ) throws(RecoveryError) -> (solutions: [SparseSolution?], repeated: Int) {
    var solutions = [SparseSolution?](repeating: nil, count: workspaces.count)
    guard start.isZero, let problem = workspaces.first?.problem, problem.hasSquaredLoss,
      problem.atoms.groups == nil
    else {
      return (solutions, 0)
    }
    // As many at a time as keep their vectors within 128 MB.
    let width = max(1, (128 << 20) / (16 * problem.columns))
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
          try lane.workspace.largest(lane.search.atomCount, of: [lane.exploratory])
            .support(among: lane.workspace.problem.atoms))
      }
      try lockstep.project(supports, of: running)
      for (place, lane) in lanes.enumerated() where lane.stop == nil {
        lane.stop = lane.search.record(lane.iterate) { observer(place, $0) }
      }
      if running.contains(where: { $0.stop == .interrupted }) {
        for lane in lockstep.running { lane.stop = .interrupted }
      }
      try lockstep.updateNegativeGradients(of: lockstep.running)
      for lane in lockstep.running {
        try engine.add(1, times: lane.negativeGradient, to: lane.exploratory)
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
