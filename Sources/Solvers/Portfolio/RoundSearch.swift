import LeastSquares
import SparseCore

/// Searches in rounds: walks over exchanges from unlike starts, on all cores at once.
///
/// Every round depends on what the rounds before found, and on the seed, and on nothing else: neither on
/// the number of cores nor on the time. Work is counted in nanoseconds of a model, which knows the shape
/// of the problem and what was done, and no clock.
struct RoundSearch: Solver {
  static let name = "search"

  /// What other solvers found before.
  var elite: Elite
  /// Whether columns are incoherent enough for message passing.
  var passesMessages: Bool
  /// How many rounds there are, or nil for what the effort says.
  var rounds: Int?
  var effort: Effort
  var seed: UInt64
  /// How SEA explores between rounds; its start takes no part.
  var sea: SEA
  var limits: Limits
  /// How many searches run at once, or nil for one a core.
  var threads: Int?
}

extension RoundSearch {
  /// How many searches there are in a round.
  static var jobs: Int { 8 }
  /// So often the best loss must be reached from nothing known to be believed.
  private static var believedHits: Int { 5 }

  func solve(
    _ workspace: Workspace, sparsity: Int, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    try solve(workspace, sparsity: sparsity, resuming: nil, keeper: nil, observer: observer)
  }

  /// The same from a checkpoint, or handing out checkpoints between rounds.
  func solve(
    _ workspace: Workspace, sparsity: Int, resuming checkpoint: Checkpoint?,
    keeper: CheckpointKeeper<Checkpoint>?, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    var limits = limits.evaluating(.max)
    limits.time = nil
    var search = try Search(Self.name, workspace, sparsity: sparsity, limits: limits)
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    var state = State(elite: elite)
    if let checkpoint {
      state = checkpoint.state
      search.resume(checkpoint.search)
      workspace.matrixPasses += checkpoint.search.matrixPasses
    } else if let best = elite.best {
      let x = try workspace.project(onto: best.support)
      if let stop = search.record(x, observer: observer) {
        return try search.solution(stop, workspace)
      }
    }
    let stop = try run(&state, workspace, &search, keeper, observer)
    var solution = try search.solution(stop, workspace)
    solution.rounds = state.round
    return solution
  }

  /// Where a search stands between two rounds.
  struct State: Sendable, Equatable {
    var elite: Elite
    /// How many rounds are done.
    var round = 0
    /// How many walks were begun.
    var walks = 0
    /// How many runs of message passing were begun.
    var runs = 0
  }

  /// All that is needed to go on with the next round.
  struct Checkpoint: Sendable, Equatable {
    let search: SearchState
    let state: State

    /// Whether a search may have come there: whatever a file holds must not trap.
    func isPossible(_ problem: RecoveryProblem, sparsity: Int) -> Bool {
      let counts = [
        state.round, state.walks, state.runs, state.elite.hits, search.iterations,
        search.bestIteration,
        search.matrixPasses,
      ]
      return search.best.count <= sparsity && problem.areAtoms(search.best)
        && problem.areAtoms(search.latest)
        && search.bestNorm >= 0 && counts.allSatisfy { (0...(1 << 48)).contains($0) }
        && state.elite.members.count <= Elite.capacity
        && state.elite.members.allSatisfy {
          $0.support.count <= sparsity && problem.areAtoms($0.support) && $0.loss >= 0
        }
    }
  }

  private func run(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search,
    _ keeper: CheckpointKeeper<Checkpoint>?, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    let deadline = limits.time.map { ContinuousClock.now + $0 }
    let plan = SearchPlan(
      workspace.problem, sparsity: search.atomCount, memory: workspace.cache.bytes, threads: threads
    )
    let last = rounds ?? (effort == .thorough ? .max : plan.rounds)
    guard search.atomCount < plan.usable.count else { return .converged }
    var sets = try ProblemWorkingSets(workspace, sparsity: search.atomCount)
    let messages = try messages(workspace, plan)
    while state.round < last {
      if let deadline, ContinuousClock.now >= deadline { return .time }
      if effort == .normal, rounds == nil, plan.isWhole, state.elite.hits >= Self.believedHits {
        break
      }
      let begin = Checkpoint(search: search.state(passes: workspace.matrixPasses), state: state)
      if let keeper, keeper.isDue() { keeper.keep(begin) }
      // What a round finds must not depend on a break before it.
      workspace.forget()
      if let stop = try round(&state, plan, messages, workspace, &sets, &search, observer) {
        // The round is done again.
        if stop == .interrupted { keeper?.keep(begin) }
        return stop
      }
    }
    return try Descent.finish(
      &search, workspace, on: &sets, after: .converged, observer: observer)
  }

  /// One round, and the exploration after it.
  private func round(
    _ state: inout State, _ plan: SearchPlan, _ messages: VectorAMP?, _ workspace: Workspace,
    _ sets: inout ProblemWorkingSets, _ search: inout Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason? {
    let findings: [SearchJob.Finding]
    switch sets {
    case .host(let host):
      let jobs = try jobs(Self.jobs, &state, plan, messages, workspace, search.explainedLoss)
      findings = try SearchRound.run(jobs, on: host, workers: plan.workers)
    case .engine(var engine):
      let jobs = try jobs(1, &state, plan, nil, workspace, search.explainedLoss)
      findings = try jobs[0].run(on: &engine).map { [$0] } ?? []
      sets = .engine(engine)
    }
    for finding in findings {
      search.skip(max(finding.steps - 1, 0))
      state.elite.insert(
        finding.support, finding.loss, isIndependent: finding.isIndependent)
      let x = try workspace.project(onto: finding.support)
      if let stop = search.record(x, by: finding.solver, observer: observer) { return stop }
    }
    state.round += 1
    return try explore(&state, plan, workspace, &search, observer)
  }

  /// SEA from zero after the first round, and from the best after the second, fourth, eighth and so on,
  /// for a quarter of the work of a round.
  private func explore(
    _ state: inout State, _ plan: SearchPlan, _ workspace: Workspace, _ search: inout Search,
    _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason? {
    guard state.round & (state.round - 1) == 0, let best = search.best else { return nil }
    var sea = sea
    sea.limits = limits
    sea.limits.time = nil
    sea.limits.iterations = min(limits.iterations, plan.explorations)
    if state.round > 1 {
      sea.start = .atoms(try workspace.project(onto: best.support).vector)
      sea.limits.stagnation = min(limits.stagnation ?? 100, 100)
    } else {
      sea.start = .zero
    }
    var stop: StopReason?
    let found = try sea.solve(workspace, sparsity: search.sparsity) { report in
      stop = search.record(report, by: report.solver, observer: observer)
      return stop == nil ? .proceed : .stop
    }
    state.elite.insert(
      found.atomCoefficients.support, found.lossNorm * found.lossNorm)
    return stop
  }

  /// The generator of a job: one of its own, whatever the jobs before drew.
  private func generator(_ round: Int, _ job: Int) -> SeededGenerator {
    SeededGenerator(seed: SeededGenerator.derivedSeed(seed, round, job))
  }

  /// Message passing on these columns, if it pays: nil where they are coherent or the eigenvectors take
  /// longer than the search.
  private func messages(
    _ workspace: Workspace, _ plan: SearchPlan
  ) throws(RecoveryError) -> VectorAMP? {
    guard passesMessages, effort == .thorough || plan.rotationIsCheap,
      let atoms = try workspace.host.rotated()
    else { return nil }
    return VectorAMP(
      atoms, observation: workspace.problem.scaledObservation, sparsity: plan.sparsity,
      isOneSided: workspace.problem.model.isNonnegative)
  }

  /// Walks and message passing in turns: twelve runs first, then its share of the work.
  private func jobs(
    _ count: Int, _ state: inout State, _ plan: SearchPlan, _ messages: VectorAMP?,
    _ workspace: Workspace, _ explained: Double
  ) throws(RecoveryError) -> [SearchJob] {
    var jobs: [SearchJob] = []
    for place in 0..<count {
      var generator = generator(state.round, place)
      let method: SearchJob.Method
      if let messages,
        state.runs < Self.firstRuns || plan.prefersMessages(runs: state.runs, walks: state.walks)
      {
        var runs: [VAMPRun] = []
        for _ in 0..<plan.runsInJob {
          runs.append(try run(&state, messages, workspace, &generator))
        }
        method = .messages(runs, messages, leader: state.elite.best?.loss ?? .infinity)
      } else {
        method = walk(&state, plan, &generator)
      }
      jobs.append(
        SearchJob(
          method: method, problem: workspace.problem, explained: explained, generator: generator))
    }
    return jobs
  }

  /// So many runs of message passing come before the walks: where it finds the support at all, one of
  /// these mostly does.
  private static var firstRuns: Int { 12 }
  /// The share of the support of an elite solution from which every eighth run starts.
  private static var seenShare: Double { 0.7 }

  private func run(
    _ state: inout State, _ messages: VectorAMP, _ workspace: Workspace,
    _ generator: inout SeededGenerator
  ) throws(RecoveryError) -> VAMPRun {
    defer { state.runs += 1 }
    guard state.runs > 0 else { return .first }
    var run = VAMPRun.random(
      number: state.runs, columns: messages.count, share: messages.share, using: &generator)
    let members = state.elite.members
    guard state.runs % 8 == 6, !members.isEmpty else { return run }
    let x = try workspace.project(onto: members[generator.int(below: members.count)].support)
    var start = [Double](repeating: 0, count: messages.count)
    let places = Dictionary(
      uniqueKeysWithValues: zip(messages.atoms.columns, messages.atoms.columns.indices))
    for (j, c) in zip(x.support, x.coefficients) where generator.uniform() < Self.seenShare {
      if let place = places[j] { start[place] = c * messages.atoms.lengths[place] / messages.unit }
    }
    run.start = start
    return run
  }

  private func walk(
    _ state: inout State, _ plan: SearchPlan, _ generator: inout SeededGenerator
  ) -> SearchJob.Method {
    defer { state.walks += 1 }
    var support = state.elite.best?.support ?? []
    if state.walks > 0 || support.count < plan.sparsity {
      support = state.elite.start(
        state.walks, of: plan.sparsity, among: plan.usable, &generator)
    }
    let patience = SwapWalk.patience(sparsity: plan.sparsity, &generator)
    return .walk(
      from: support, patience: min(patience, plan.mostPatience),
      bansNeighbours: state.walks % 2 == 1, isIndependent: Elite.isIndependent(state.walks))
  }
}
