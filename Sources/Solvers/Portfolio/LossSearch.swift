import LeastSquares
import SparseCore

/// Searches in rounds under any loss: descents over exchanges from unlike starts.
///
/// Every round depends on what the rounds before found, and on the seed, and on nothing else: its descents run side by side,
/// and find the same however many do. Work is counted as ``FitWork`` has it, and no clock decides.
struct LossSearch: PortfolioMember {
  static let name = RoundSearch.name

  /// What other solvers found before.
  var elite: Elite
  var settings: SearchSettings
  var limits: Limits

  /// It does.
  var minimizesAnyLoss: Bool { true }
  /// How many descents there are in a round.
  private static var descents: Int { 8 }
  /// What all descents take by default, in nanoseconds, and all fits of exchanges of the best support.
  static var descentNanoseconds: Double { 1.2e9 }
  private static var polishNanoseconds: Double { 4e8 }
  /// So often the best loss must be reached from nothing known to be believed, and only after this part of the work.
  private static var believedHits: Int { 10 }
  private static var believedShare: Double { 0.5 }
  /// So many numbers of atoms are looked at for an exchange: what takes some fits.
  private static var mostNumbers: Int { 1 << 18 }
  /// One of so many atoms enters where a support grows: those that lower the loss most.
  private static var choices: Int { 3 }

  /// Where a search stands between two rounds.
  struct State: IterationState {
    var elite: Elite
    /// Whether the best that was known is still to be told.
    var isNew = true
    /// How many rounds are done.
    var round = 0
    /// How many descents were begun.
    var descents = 0
    /// What the descents took.
    var work = 0.0
    /// What was spent on exchanges of the best supports, and the loss of the last of which all were tried, or as many as that
    /// allows.
    var polishing = 0.0
    var polished = Double.infinity

    init(_ elite: Elite) { self.elite = elite }

    /// Whether exchanges of the best support are still to be tried.
    var isRough: Bool { elite.best.map { $0.loss != polished } ?? false }

    func write(to writer: inout StateWriter) {
      elite.write(to: &writer)
      writer.write(isNew)
      for count in [round, descents] { writer.write(count) }
      for number in [work, polishing, polished] { writer.write(number) }
    }

    init(from reader: inout StateReader) throws(RecoveryError) {
      elite = try Elite(from: &reader)
      isNew = try reader.flag()
      round = try reader.int(in: 0...(1 << 48))
      descents = try reader.int(in: 0...(1 << 48))
      work = try reader.double()
      polishing = try reader.double()
      polished = try reader.double()
      try reader.require(work >= 0 && polishing >= 0 && polished >= 0)
    }
  }

  /// What is known already.
  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State { State(elite) }

  /// A round, or all exchanges of the best support: in the end, and where nobody knows when that is, after the second round,
  /// the fourth and so on.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if state.isNew {
      state.isNew = false
      if let best = state.elite.best { return Step(try workspace.project(onto: best.support)) }
    }
    guard search.atomCount < workspace.problem.atoms.usableColumns else { return .end(.converged) }
    let before = state
    let isOver = isOver(state)
    let isDue =
      isOver || (mostWork == nil && state.round > 1 && state.round & (state.round - 1) == 0)
    if isDue, state.isRough, state.polishing < polishWork(state) {
      let step = try polish(&state, workspace, search)
      if step.isCut { state = before }
      return step
    }
    guard !isOver else { return .end(.converged) }
    let step = try round(&state, workspace, search)
    if step.isCut { state = before }
    return step
  }

  /// That of complete rounds.
  func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search, after stop: StopReason,
    observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    search.rounds = state.round
    return stop
  }

  /// Nil where the number of rounds or the time is the limit.
  private var mostWork: Double? {
    settings.isBounded ? Self.descentNanoseconds / Double(settings.share) : nil
  }

  /// What may be spent on exchanges of the best supports.
  private func polishWork(_ state: State) -> Double {
    Self.polishNanoseconds / Double(settings.share) + (mostWork == nil ? state.work : 0)
  }

  private func isOver(_ state: State) -> Bool {
    if let rounds = settings.rounds { return state.round >= rounds }
    guard let mostWork else { return false }
    return state.work >= mostWork
      || (state.elite.hits >= Self.believedHits && state.work >= Self.believedShare * mostWork)
  }

  /// All exchanges of the best support until one lowers the loss, and on from there by those that are ranked first.
  private func polish(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    guard let best = state.elite.best else { return .end(.converged) }
    let interruption = search.interruption
    var exchanges = LossExchanges(workspace, until: interruption)
    exchanges.mostWork = polishWork(state) - state.polishing
    exchanges.helpers = helpers(of: workspace)
    var count = 0
    var next = try exchanges.better(than: exchanges.fit(best.support), .all)
    count += exchanges.fits.count
    if let found = next {
      let (end, fits) = try descend(from: found, &exchanges)
      next = end
      count += fits
    }
    state.polishing += exchanges.work
    if interruption.reason != nil { return search.cut() }
    guard let next else {
      state.polished = best.loss
      return .silent
    }
    state.elite.insert(next.support, next.residualNorm * next.residualNorm)
    // What is better by so little that it counts as the same is not looked at again.
    if state.elite.best == best { state.polished = best.loss }
    return Step([Candidate(next, untold: count - 1)])
  }

  /// Workspaces for fits side by side, one for each worker.
  private func helpers(of workspace: Workspace) -> [Workspace] {
    let count = min(settings.workers(), Self.descents)
    return (0..<count).map { _ in
      let helper = workspace.apart()
      helper.minimizer = LossMinimizer(helper.problem, oneOf: count)
      return helper
    }
  }

  /// What a descent came to.
  private struct Descended: Sendable {
    /// Nil where the loss failed.
    let end: Candidate?
    let isIndependent: Bool
    let work: Double
    let passes: Int
  }

  /// Descents side by side, until their work is what is left. Of a round that the time cuts short nothing counts but where it is
  /// the first, so that the number of rounds says what was found.
  private func round(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let (isFirst, elite, first) = (state.round == 0, state.elite, state.descents)
    let left = mostWork.map { $0 - state.work } ?? .infinity
    let (turns, count) = (Turns(), search.atomCount)
    // They take turns at the engine, which is all that they share.
    nonisolated(unsafe) let helpers = helpers(of: workspace)
    let interruption = search.interruption
    let (ended, areCut) = try SideBySide.run(
      Self.descents, workers: helpers.count, until: interruption, limit: left, cost: \.work
    ) { (place, worker, interruption) throws(RecoveryError) in
      var exchanges = LossExchanges(
        helpers[worker], mostNumbers: Self.mostNumbers, until: interruption, taking: turns)
      exchanges.mostWork = left
      return try descent(first + place, elite, helpers[worker], count, &exchanges)
    }
    let found = ended.compactMap(\.end)
    workspace.matrixPasses += ended.reduce(0) { $0 + $1.passes }
    if areCut, let reason = interruption.reason {
      let best = found.min { $0.residualNorm < $1.residualNorm }
      return reason == .time && !isFirst
        ? search.cut() : best.map { .cut($0, reason) } ?? search.cut()
    }
    state.descents += ended.count
    for descent in ended {
      state.work += descent.work
      guard let end = descent.end else { continue }
      state.elite.insert(
        end.support, end.residualNorm * end.residualNorm, isIndependent: descent.isIndependent)
    }
    if mostWork.map({ state.work < $0 }) ?? true { state.round += 1 }
    return found.isEmpty ? .silent : Step(found)
  }

  /// One of the descents of a round.
  private func descent(
    _ number: Int, _ elite: Elite, _ workspace: Workspace, _ count: Int,
    _ exchanges: inout LossExchanges
  ) throws(RecoveryError) -> Descended {
    let passes = workspace.matrixPasses
    var end: Candidate?
    do throws(RecoveryError) {
      let start = try start(number, elite, workspace, count, &exchanges)
      let (x, fits) = try descend(from: exchanges.fit(start), &exchanges)
      end = Candidate(x, untold: fits)
    } catch {
      guard error.isOfOneSupport else { throw error }
    }
    return Descended(
      end: end, isIndependent: Self.isIndependent(number), work: exchanges.work + Self.leastWork,
      passes: workspace.matrixPasses - passes)
  }

  /// Exchanges for as long as one that is ranked first lowers the loss. With the number of fits.
  private func descend(
    from x: Iterate, _ exchanges: inout LossExchanges
  ) throws(RecoveryError) -> (Iterate, Int) {
    var x = x
    var count = 0
    while exchanges.mayGoOn {
      let next = try exchanges.better(than: x, .refitted)
      count += exchanges.fits.count
      guard let next else { break }
      x = next
    }
    return (x, count)
  }

  /// The support that a descent starts from. In turn: a support that depends on none found before; the best support with some
  /// atoms replaced by those of the best scores; the best support with some atoms replaced at random; what two of the elite
  /// have in common.
  private func start(
    _ number: Int, _ elite: Elite, _ workspace: Workspace, _ count: Int,
    _ exchanges: inout LossExchanges
  ) throws(RecoveryError) -> [Int] {
    var generator = SeededGenerator(seed: SeededGenerator.derivedSeed(settings.seed, number))
    let usable = workspace.problem.atoms.usable
    guard let best = elite.best, !Self.isIndependent(number) else {
      // Forward selection first, then random supports and random growths in turns.
      let choices = number == 0 ? 1 : Self.choices
      let grown = number % (2 * Self.kinds) == 0 ? count : 0
      return try Self.grown([], grown, count, choices, usable, &exchanges, &generator)
    }
    let leaving = 1 + generator.int(below: max(count / 2, 1))
    let kept = Array(generator.shuffled(best.support).dropFirst(leaving)).sorted()
    switch number % Self.kinds {
    case 1: return try Self.grown(kept, count, count, Self.choices, usable, &exchanges, &generator)
    case 2 where elite.members.count > 1:
      return elite.merged(of: count, among: usable, &generator)
    default: return Elite.filled(kept, by: count - kept.count, from: usable, &generator)
    }
  }

  private static var kinds: Int { 4 }

  /// Whether descent number `number` starts from nothing that is known.
  private static func isIndependent(_ number: Int) -> Bool { number % kinds == 0 }

  /// What a descent takes beside its fits, at least: so that work is done in any case.
  private static var leastWork: Double { 1e4 }

  /// A support with atoms added one by one, each of them one of the best by scores, and filled up at random.
  private static func grown(
    _ support: [Int], _ grown: Int, _ count: Int, _ choices: Int, _ usable: [Int],
    _ exchanges: inout LossExchanges, _ generator: inout SeededGenerator
  ) throws(RecoveryError) -> [Int] {
    var support = support
    while support.count < grown, exchanges.mayGoOn {
      let entering = try exchanges.entering(choices, beside: support)
      guard !entering.isEmpty else { break }
      support = (support + [entering[generator.int(below: entering.count)]]).sorted()
    }
    return Elite.filled(support, by: count - support.count, from: usable, &generator)
  }
}
