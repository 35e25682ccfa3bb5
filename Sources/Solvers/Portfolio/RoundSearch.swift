import LeastSquares
import SparseCore

/// Searches in rounds: walks over exchanges from unlike starts, on all cores at once.
///
/// Probes come first: descents over exchanges from random supports. A few scouts find out whether all starts lead to the best loss
/// known; where they do, twenty others confirm it, and it is believed at the price of some hundred exchanges.
///
/// Every round depends on what the rounds before found, and on the seed, and on nothing else: neither on
/// the number of cores nor on the time. Work is counted in nanoseconds of a model, which knows the shape
/// of the problem and what was done, and no clock.
struct RoundSearch: PortfolioMember {
  static let name = "search"

  /// What other solvers found before.
  var elite: Elite
  var settings: SearchSettings
  /// Whether columns are incoherent enough for message passing.
  var passesMessages: Bool
  /// Whether nodes of a search tree are a part of every round.
  var proves: Bool
  /// How SEA explores between rounds; its start takes no part.
  var sea: SEA
  var limits: Limits

  /// How many searches there are in a round, and in one that is shared by many at least.
  static var jobs: Int { 8 }
  private static var fewestJobs: Int { 2 }
  /// So often the best loss must be reached from nothing known to be believed: after five, 13 of 30 searches of problems whose
  /// best support is hard to find ended at another one.
  static var believedHits: Int { 20 }

  /// Where a search stands between two rounds, or between a round and the exploration after it.
  struct State: IterationState {
    var elite: Elite
    /// What is left to prove; nil where nothing can be.
    var tree: SearchTree?
    /// Whether the best that was known is still to be told.
    var isNew = true
    /// What probes come next, and how many batches of them were made.
    var probing = Probing.scouting
    var batches = 0
    /// How many rounds are done.
    var round = 0
    /// Whether the exploration after a round comes next.
    var explores = false
    /// How many walks were begun.
    var walks = 0
    /// How many runs of message passing were begun.
    var runs = 0
    /// The least squared loss that they led to.
    var lossOfRuns = Double.infinity
    /// What follows from the problem, once it is needed.
    var tools: Tools?

    init(_ elite: Elite, _ tree: SearchTree?) { (self.elite, self.tree) = (elite, tree) }

    /// Whether no support is better than this one.
    func isProved(_ best: Double?) -> Bool {
      guard let tree, let best else { return false }
      return tree.gap(below: best * best) ?? 1 <= SearchTree.leastGap
    }

    /// Rounds that were not cut short, the latest included.
    var completeRounds: Int { round + (explores ? 1 : 0) }

    func write(to writer: inout StateWriter) {
      elite.write(to: &writer)
      for flag in [isNew, explores] { writer.write(flag) }
      for count in [probing.rawValue, batches, round, walks, runs] { writer.write(count) }
      writer.write(lossOfRuns)
      writer.write(ifAny: tree) { $1.write(to: &$0) }
    }

    init(from reader: inout StateReader) throws(RecoveryError) {
      elite = try Elite(from: &reader)
      isNew = try reader.flag()
      explores = try reader.flag()
      let most = 1 << 48
      let stage = Probing(rawValue: try reader.int(in: 0...2))
      probing = stage ?? .over
      batches = try reader.int(in: 0...most)
      round = try reader.int(in: 0...most)
      walks = try reader.int(in: 0...most)
      runs = try reader.int(in: 0...most)
      lossOfRuns = try reader.double()
      tree = try reader.optional { (reader) throws(RecoveryError) in try SearchTree(from: &reader) }
    }
  }

  /// What all rounds on a problem share.
  struct Tools {
    let plan: SearchPlan
    /// Nil where message passing does not pay.
    let messages: VectorAMP?
    var sets: ProblemWorkingSets
  }

  /// What is known already.
  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    State(elite, proves ? try SearchTree(workspace, atMost: search.atomCount) : nil)
  }

  /// A round, or the exploration after it.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if state.isNew {
      state.isNew = false
      if let best = state.elite.best { return Step(try workspace.project(onto: best.support)) }
    }
    guard search.atomCount < workspace.problem.atoms.usableColumns,
      !state.isProved(search.best?.residualNorm)
    else { return .end(.converged) }
    let isWhole = workspace.problem.atoms.usableColumns <= WorkingSetSize.few
    if state.probing != .over, isWhole, let best = state.elite.best {
      return try probe(&state, best, workspace, search)
    }
    let isBelieved =
      settings.isBounded && isWhole && state.elite.hits >= Self.believedHits
    guard !isBelieved else { return .end(.converged) }
    var tools = try tools(of: state, workspace, search)
    // The state gives its own up, which would be copied otherwise.
    state.tools = nil
    defer { state.tools = tools }
    let before = state
    if state.explores {
      state.explores = false
      state.round += 1
      if let step = try explore(&state, tools.plan, workspace, search) {
        if step.isCut { state = before }
        return step
      }
    }
    let most = settings.effort == .thorough ? .max : max(tools.plan.rounds / settings.share, 1)
    let last = settings.rounds ?? most
    guard state.round < last else { return .end(.converged) }
    state.explores = true
    // What a round finds must not depend on a break before it.
    workspace.forget()
    let step = try round(&state, &tools, workspace, search)
    if step.isCut { state = before }
    return step
  }

  /// Exchanges of one atom for any other, until none lowers the loss of the best support.
  func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search, after stop: StopReason,
    observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    search.rounds = state.completeRounds
    var reason = stop
    if stop == .converged, search.atomCount < workspace.problem.atoms.usableColumns,
      !state.isProved(search.best?.residualNorm)
    {
      var sets =
        if let tools = state.tools { tools.sets } else {
          try ProblemWorkingSets(workspace, sparsity: search.atomCount)
        }
      reason = try Descent.finish(&search, workspace, on: &sets, after: stop, observer: observer)
    }
    if let tree = state.tree, let norm = search.best?.residualNorm, norm > 0 {
      search.optimalityGap = tree.gap(below: norm * norm)
    }
    return reason
  }

  private func tools(
    of state: State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Tools {
    if let tools = state.tools { return tools }
    let plan = SearchPlan(
      workspace.problem, sparsity: search.atomCount, memory: workspace.cache.bytes,
      settings
    )
    return Tools(
      plan: plan, messages: try messages(workspace, plan),
      sets: try ProblemWorkingSets(workspace, sparsity: search.atomCount))
  }

  /// One round. Of one that the time cuts short nothing counts but where it is the first, so that the number of
  /// rounds says what was found.
  private func round(
    _ state: inout State, _ tools: inout Tools, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let findings: [SearchJob.Finding]
    var isCut = false
    let (interruption, isFirst) = (search.interruption, state.round == 0)
    switch tools.sets {
    case .host(let host):
      // Of less than a round the part that is due.
      let due = settings.isBounded ? Self.jobs * tools.plan.rounds / settings.share : .max
      let jobs = try jobs(
        min(max(due, Self.fewestJobs), Self.jobs), &state, tools.plan, tools.messages, workspace,
        search.explainedLoss)
      (findings, isCut) = try SearchJob.run(
        jobs, on: host, workers: tools.plan.workers, until: interruption)
    case .engine(var engine):
      let jobs = try jobs(1, &state, tools.plan, nil, workspace, search.explainedLoss)
      let found = try jobs[0].run(on: &engine) {
        isCut = interruption.reason != nil
        return !isCut
      }
      findings = found.map { [$0] } ?? []
      tools.sets = .engine(engine)
    }
    var candidates: [Candidate] = []
    if !isCut {
      for finding in findings {
        state.elite.insert(
          finding.support, finding.loss, isIndependent: finding.isIndependent)
        if finding.solver == VAMP.name { state.lossOfRuns = min(state.lossOfRuns, finding.loss) }
        candidates.append(try candidate(finding, workspace))
      }
      let found = try prove(&state, tools.plan, workspace, search)
      isCut = found == nil
      candidates += found ?? []
    }
    if isCut, let reason = interruption.reason {
      return try cut(
        reason, reason == .time && !isFirst ? [] : findings, workspace, search)
    }
    return Step(candidates)
  }

  func candidate(
    _ finding: SearchJob.Finding, _ workspace: Workspace
  ) throws(RecoveryError) -> Candidate {
    Candidate(
      try workspace.project(onto: finding.support), untold: max(finding.steps - 1, 0),
      finder: finding.solver)
  }

  /// Nodes of the tree, for a quarter of the work of a round, and the supports that they led to; as long as a proof is in
  /// sight. Nil where it was cut short.
  private func prove(
    _ state: inout State, _ plan: SearchPlan, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> [Candidate]? {
    guard var tree = state.tree, var best = state.elite.best?.loss else { return [] }
    state.tree = nil
    tree.toldAll()
    var (work, candidates) = (0.0, [Candidate]())
    while work < plan.roundWork / 4, tree.isPromising(below: best) {
      let target = best * (1 - SearchTree.leastGap)
      guard tree.bound < target else { break }
      let advance = try tree.advance(
        atMost: search.atomCount, below: target, on: workspace, until: search.interruption)
      guard let advance else { return nil }
      work += advance.work
      for x in advance.found {
        let loss = x.residualNorm * x.residualNorm
        state.elite.insert(x.support, loss)
        best = min(best, loss)
        candidates.append(Candidate(x, finder: BranchAndBound.name))
      }
    }
    state.tree = tree
    return candidates
  }

  /// What a round that was cut short comes to: the best of its findings, or what was known before.
  func cut(
    _ reason: StopReason, _ findings: [SearchJob.Finding], _ workspace: Workspace,
    _ search: Search
  ) throws(RecoveryError) -> Step {
    let known = search.best.map { Candidate($0.support, residualNorm: $0.residualNorm) }
    guard let best = findings.min(by: { $0.loss < $1.loss }), best.loss < .infinity else {
      return .cut(known, reason)
    }
    return .cut(
      Candidate(
        best.support,
        residualNorm: try workspace.problem.projection(onto: best.support).residualNorm,
        untold: max(findings.reduce(0) { $0 + $1.steps } - 1, 0), finder: best.solver), reason)
  }

  /// SEA from zero after the first round, and from the best after the second, fourth, eighth and so on,
  /// for a quarter of the work of a round.
  private func explore(
    _ state: inout State, _ plan: SearchPlan, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step? {
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
    let interruption = search.interruption
    sea.limits.isCancelled = { interruption.reason != nil }
    var candidates: [Candidate] = []
    // What is repeated after a break depends on nothing that the part before it left behind.
    let apart = workspace.apart()
    let found = try sea.solve(apart, sparsity: search.sparsity) { report in
      candidates.append(
        Candidate(
          report.support, residualNorm: report.relativeResidual * search.observationNorm,
          method: report.projection, finder: report.solver))
      return .proceed
    }
    if found.stopReason == .interrupted, let reason = interruption.reason {
      // Repeated as a whole, it computes ‖AD‖₂ again.
      workspace.matrixPasses += apart.matrixPasses
      let best = candidates.min { $0.residualNorm < $1.residualNorm }
      return .cut(
        best.map {
          Candidate(
            $0.support, residualNorm: $0.residualNorm, method: $0.method,
            untold: candidates.count - 1, finder: $0.finder)
        }, reason)
    }
    workspace.add(apart)
    state.elite.insert(
      found.atomCoefficients.support, found.lossNorm * found.lossNorm)
    return Step(candidates)
  }

  /// The generator of a job: one of its own, whatever the jobs before drew.
  func generator(_ round: Int, _ job: Int) -> SeededGenerator {
    SeededGenerator(seed: SeededGenerator.derivedSeed(settings.seed, round, job))
  }

  /// Message passing on these columns, if it pays: nil where they are coherent or the eigenvectors take
  /// longer than the search.
  private func messages(
    _ workspace: Workspace, _ plan: SearchPlan
  ) throws(RecoveryError) -> VectorAMP? {
    guard passesMessages, settings.effort == .thorough || plan.rotationIsCheap,
      let atoms = try workspace.host.rotated()
    else { return nil }
    return try VectorAMP(atoms, workspace.problem, sparsity: plan.sparsity)
  }

  /// Walks and message passing in turns: twelve runs first, then its share of the work, which is small where nothing that it
  /// found is nearly as good as the best.
  private func jobs(
    _ count: Int, _ state: inout State, _ plan: SearchPlan, _ messages: VectorAMP?,
    _ workspace: Workspace, _ explained: Double
  ) throws(RecoveryError) -> [SearchJob] {
    var jobs: [SearchJob] = []
    let best = state.elite.best?.loss ?? .infinity
    let isPromising = state.lossOfRuns < SearchJob.promise * best
    for place in 0..<count {
      var generator = generator(state.round, place)
      let method: SearchJob.Method
      if let messages,
        state.runs < Self.firstRuns
          || plan.prefersMessages(
            runs: state.runs, walks: state.walks, isPromising: isPromising)
      {
        var runs: [VAMPRun] = []
        for _ in 0..<plan.runsInJob {
          runs.append(try run(&state, messages, workspace, &generator))
        }
        method = .messages(runs, messages, leader: best)
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
    var run = VAMPRun.random(number: state.runs, for: messages, using: &generator)
    let members = state.elite.members
    guard state.runs % 8 == 6, !members.isEmpty else { return run }
    let x = try workspace.project(onto: members[generator.int(below: members.count)].support)
    let seen = x.support.indices.filter { _ in generator.uniform() < Self.seenShare }
    run.start = messages.start(x.vector.rows(seen))
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
    return .walk(
      from: support, patience: plan.patience(&generator),
      bansNeighbours: state.walks % 2 == 1, isIndependent: Elite.isIndependent(state.walks))
  }
}
