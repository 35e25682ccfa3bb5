import LeastSquares
import SparseCore

/// Searches for groups of columns in rounds: walks over exchanges of groups from unlike starts, on all cores at once; under
/// another loss than least squares splicing from such starts.
///
/// Descents from random supports come first: where they all lead to the best loss known, it is believed. Every round depends
/// on what the rounds before found, and on the seed, and on nothing else. Work is counted in nanoseconds of a model, and no
/// clock decides.
struct GroupSearch: PortfolioMember {
  static let name = RoundSearch.name

  /// What other solvers found before.
  var elite: Elite
  var settings: SearchSettings
  var limits: Limits

  /// It does.
  var recoversGroups: Bool { true }
  /// It does.
  var minimizesAnyLoss: Bool { true }
  /// How many walks there are in a round.
  private static var walks: Int { 8 }
  /// What all walks take by default, in nanoseconds, and one of them at most.
  private static var allNanoseconds: Double { 1.2e9 }
  private static var walkNanoseconds: Double { 1e8 }

  /// Where a search stands between two rounds.
  struct State: IterationState {
    var elite: Elite
    /// Whether the best that was known is still to be told.
    var isNew = true
    /// How many rounds are done, descents included.
    var round = 0
    /// What the walks took.
    var work = 0.0

    init(_ elite: Elite) { self.elite = elite }

    func write(to writer: inout StateWriter) {
      elite.write(to: &writer)
      writer.write(isNew)
      writer.write(round)
      writer.write(work)
    }

    init(from reader: inout StateReader) throws(RecoveryError) {
      elite = try Elite(from: &reader)
      isNew = try reader.flag()
      round = try reader.int(in: 0...(1 << 48))
      work = try reader.double()
      try reader.require(work >= 0 && reader.workspace.problem.atoms.groups != nil)
    }
  }

  /// What is known already.
  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State { State(elite) }

  /// A round.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if state.isNew {
      state.isNew = false
      if let best = state.elite.best { return Step(try workspace.project(onto: best.support)) }
    }
    guard let groups = workspace.problem.atoms.groups, search.groupCount < groups.count,
      let best = state.elite.best, !isOver(state, workspace)
    else { return .end(.converged) }
    guard workspace.problem.hasSquaredLoss else {
      let before = state
      let step = try splice(&state, groups, workspace, search)
      if step.isCut { state = before }
      return step
    }
    let set = try GroupWorkingSet(groups, around: best.support, workspace, search)
    // There must be something to exchange.
    guard search.groupCount < set.numbers.count else { return .end(.converged) }
    let (walks, interruption) = (walks(state, set, workspace, search), search.interruption)
    let (findings, areCut) = try SideBySide.run(
      walks.count, workers: settings.workers(holding: set.bytes, of: workspace.cache.bytes),
      until: interruption,
      limit: left(state) ?? .infinity, cost: \.work
    ) { (place, _, interruption) throws(RecoveryError) in
      try walks[place].run { interruption.reason == nil }
    }
    let supports = findings.map { groups.atoms(of: $0.groups.map { set.numbers[$0] }) }
    if areCut, let reason = interruption.reason {
      let best = findings.indices.min { findings[$0].loss < findings[$1].loss }
      return reason == .time && state.round > 0
        ? search.cut()
        : .cut(
          try best.map { (place) throws(RecoveryError) in
            Candidate(try workspace.project(onto: supports[place]))
          }, reason)
    }
    var candidates: [Candidate] = []
    state.work += set.making
    for (support, finding) in zip(supports, findings) {
      state.work += finding.work
      state.elite.insert(support, finding.loss, isIndependent: finding.isIndependent)
      candidates.append(
        Candidate(
          try workspace.project(onto: support), untold: max(finding.steps - 1, 0),
          finder: Tabu.name))
    }
    state.round += 1
    return Step(candidates)
  }

  /// That of complete rounds.
  func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search, after stop: StopReason,
    observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    search.rounds = state.round
    return stop
  }

  /// What is left of the work; nil where the number of rounds or the time is the limit.
  private func left(_ state: State) -> Double? {
    settings.isBounded
      ? max(Self.allNanoseconds / Double(settings.share) - state.work, 1) : nil
  }

  private func isOver(_ state: State, _ workspace: Workspace) -> Bool {
    if let rounds = settings.rounds { return state.round >= rounds }
    guard settings.isBounded else { return false }
    // Walks see no more than their working set.
    let seesAll =
      !workspace.problem.hasSquaredLoss
      || workspace.problem.atoms.usableColumns <= WorkingSetSize.few
    return state.work >= Self.allNanoseconds / Double(settings.share)
      || (state.elite.hits >= RoundSearch.believedHits && seesAll)
  }

  /// A round of splicing, from starts as walks have them.
  private func splice(
    _ state: inout State, _ groups: AtomGroups, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let (problem, interruption) = (workspace.problem, search.interruption)
    let (left, begin) = (left(state) ?? .infinity, state.work)
    var candidates: [Candidate] = []
    for place in 0..<Self.walks where state.work - begin < left {
      var generator = SeededGenerator(
        seed: SeededGenerator.derivedSeed(settings.seed, state.round, place))
      let number = state.round * Self.walks + place
      let start = state.elite.mapped(groups.groups).start(
        number, of: search.groupCount, among: Array(groups.members.indices), &generator)
      var limits = limits.evaluating(.max)
      limits.time = nil
      limits.isCancelled = { interruption.reason != nil }
      let splicing = Splicing(start: FixedSupport(groups.atoms(of: start)), limits: limits)
      let passes = workspace.matrixPasses
      var fits = 1
      do throws(RecoveryError) {
        let found = try splicing.solve(workspace, sparsity: search.sparsity) { _ in .proceed }
        let x = try workspace.project(onto: found.atomCoefficients.support)
        fits += found.iterations
        candidates.append(Candidate(x, untold: found.iterations - 1, finder: Splicing.name))
        if let reason = interruption.reason {
          return .cut(candidates.min { $0.residualNorm < $1.residualNorm }, reason)
        }
        state.elite.insert(
          x.support, x.residualNorm * x.residualNorm, isIndependent: Elite.isIndependent(number))
      } catch {
        guard error.isOfOneSupport else { throw error }
      }
      let model = FitWork(problem)
      state.work +=
        Double(fits) * model.usualFit(of: search.atomCount)
        + Double(workspace.matrixPasses - passes) * model.pass(over: problem.columns)
    }
    state.round += 1
    return candidates.isEmpty ? .silent : Step(candidates)
  }

  /// Descents from random supports in the first round, one of them from the best; then walks, in turn from a random support,
  /// from the best with a part replaced, and from what two of the elite have in common.
  private func walks(
    _ state: State, _ set: GroupWorkingSet, _ workspace: Workspace, _ search: Search
  ) -> [Walk] {
    let known = state.elite.mapped { support in
      set.places(of: workspace.problem.atoms.groups?.groups(of: support) ?? [])
    }
    let (count, all) = (search.groupCount, Array(set.numbers.indices))
    let isFirst = state.round == 0
    return (0..<(isFirst ? RoundSearch.believedHits + 1 : Self.walks)).map { place in
      var generator = SeededGenerator(
        seed: SeededGenerator.derivedSeed(settings.seed, state.round, place))
      let number = (state.round - 1) * Self.walks + place
      let isIndependent = isFirst ? place > 0 : Elite.isIndependent(number)
      let start =
        if isFirst {
          place == 0
            ? Elite.filled(
              known.best?.support ?? [], by: count - (known.best?.support.count ?? 0), from: all,
              &generator)
            : Elite.random(count, of: all, &generator).sorted()
        } else {
          known.start(number, of: count, among: all, &generator)
        }
      let most = max(20, Int(Self.walkNanoseconds / set.stepWork))
      let patience =
        isFirst ? 0 : min(SwapWalk.patience(sparsity: count, &generator), most)
      return Walk(
        walk: GroupWalk(
          workspace.problem, set.set, from: start, explained: search.explainedLoss,
          patience: patience, generator: generator),
        isIndependent: isIndependent, stepWork: set.stepWork)
    }
  }

  /// A walk of a round.
  private struct Walk: Sendable {
    struct Finding: Sendable {
      let groups: [Int]
      let loss: Double
      let steps: Int
      let work: Double
      let isIndependent: Bool
    }

    let walk: GroupWalk
    let isIndependent: Bool
    let stepWork: Double

    /// Nil where it was ended before anything was evaluated.
    func run(while mayGoOn: () -> Bool) throws(RecoveryError) -> Finding? {
      var walk = walk
      try walk.run(while: mayGoOn)
      guard walk.best.loss < .infinity else { return nil }
      return Finding(
        groups: walk.best.groups, loss: walk.best.loss, steps: walk.steps,
        work: Double(walk.steps + 1) * stepWork, isIndependent: isIndependent)
    }
  }
}

/// The groups among which a round exchanges: all of them where their atoms are few, else the most promising around a support.
private struct GroupWorkingSet {
  let set: GroupSet
  /// The numbers of its groups among all, the largest groups first.
  let numbers: [Int]
  /// What a step of a walk takes, and the Gram matrix where there is one for every round, in nanoseconds of one core of an
  /// AMD EPYC.
  let stepWork: Double
  let making: Double
  /// What a walk holds.
  let bytes: Int

  init(
    _ groups: AtomGroups, around support: [Int], _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) {
    let problem = workspace.problem
    func largestFirst(_ numbers: [Int]) -> [Int] {
      numbers.sorted { (groups.members[$1].count, $0) < (groups.members[$0].count, $1) }
    }
    if let atoms = try workspace.host.atoms(), let gram = try workspace.host.gram() {
      making = 0
      numbers = largestFirst(Array(0..<groups.count))
      set = GroupSet(
        try SwapSet(atoms, gram: gram, observation: problem.scaledPlanes),
        groups: numbers.map { groups.members[$0] })
    } else {
      // As many as there is room for, those that explain most of the residual first.
      let mean = max(problem.atoms.usableColumns / groups.count, 1)
      let room = WorkingSetSize.size(sparsity: search.atomCount)
      let x = try workspace.project(onto: support)
      let others = try workspace.strongest(max(room / mean, 2 * search.groupCount), at: x).support
      numbers = largestFirst(Array(Set(groups.groups(of: support) + groups.groups(of: others))))
      let members = numbers.map { groups.members[$0] }
      set = GroupSet(
        try SwapSet(
          HostAtoms(members.flatMap { $0 }.sorted(), of: problem),
          observation: problem.scaledPlanes),
        groups: members)
      making = Double(problem.rows) * Double(set.columns.count * set.columns.count) / 8
    }
    let (w, s) = (Double(set.columns.count), Double(search.atomCount))
    let (k, g) = (Double(search.groupCount), w / Double(numbers.count))
    stepWork = 5_000 + w * (0.14 * s * s + 0.6 * s * g + 1.35 * k * (g + 10))
    bytes = 16 * search.atomCount * set.columns.count
  }

  /// The places in the set of some groups, of which those that are not in it are left out.
  func places(of groups: [Int]) -> [Int] {
    let wanted = Set(groups)
    return numbers.indices.filter { wanted.contains(numbers[$0]) }
  }
}
