import SparseCore

/// What several solvers found on one problem, within one time.
struct Attempts {
  /// A solution with the name of what found it.
  struct Found {
    let name: String
    let solution: SparseSolution
  }

  private let workspace: Workspace
  private let sparsity: Int
  private let allowed: Limits
  private var begin = ContinuousClock.now
  private let passesBefore: Int
  private var found: [Found] = []
  private var reports: [Attempt] = []
  /// Nil where nobody asked for checkpoints.
  private var record: PortfolioRecord?

  init(
    _ workspace: Workspace, sparsity: Int, limits: Limits, record: PortfolioRecord? = nil
  ) {
    self.workspace = workspace
    self.sparsity = sparsity
    allowed = limits
    passesBefore = workspace.matrixPasses
    self.record = record
    if let record {
      begin -= record.elapsed
      workspace.matrixPasses += record.matrixPasses
    }
  }

  /// The limits of the next attempt: less time.
  private var limits: Limits {
    var limits = allowed
    if let time = allowed.time {
      limits.time = max(.zero, time - (ContinuousClock.now - begin))
    }
    return limits
  }

  /// The best so far: of equal ones, the first.
  var best: Found? { place.map { found[$0] } }

  /// What all of them found, as a search starts from it.
  var elite: Elite {
    var elite = Elite()
    for attempt in found {
      elite.insert(attempt.solution.atomCoefficients.support, attempt.loss * attempt.loss)
    }
    return elite
  }

  /// Whether the latest attempt diverged.
  var latestDiverged: Bool {
    found.last?.solution.warnings.contains(where: \.tellsDivergence) ?? false
  }

  /// Whether two of the attempts with these names found the same support.
  func agree(_ names: [String]) -> Bool {
    let supports = found.filter { names.contains($0.name) }.map(\.solution.support)
    return Set(supports).count < supports.count
  }

  /// Lets a solver try. A reason to stop is one that ends all: nothing left to explain, no time, or
  /// the observer. A solver that cannot do what the model asks is passed over, and so is one whose
  /// result is beyond the range of a double.
  mutating func run(
    from start: String? = nil, _ observer: SolveObserver, _ make: (Limits) -> any Solver
  ) throws(RecoveryError) -> StopReason? {
    if let ended = record?.nextEnded() { return try note(ended, from: start, make(allowed)) }
    let limits = limits
    if limits.time == .zero, !found.isEmpty { return .time }
    let solver = make(limits)
    let name = type(of: solver).name
    let resumed = record?.takeUnderWay()
    // As if there had been no break.
    let before = resumed?.elapsed ?? .zero
    begin -= before
    let attemptBegin = ContinuousClock.now - before
    record?.elapsed = attemptBegin - begin
    let solution: SparseSolution
    do throws(RecoveryError) {
      solution = try solve(solver, resuming: resumed, observer)
    } catch {
      switch error {
      case .unsupportedModel, .resultOverflow: break
      default: throw error
      }
      record?.add(FinishedAttempt(solver: name, start: start, outcome: nil))
      return nil
    }
    let seconds = (ContinuousClock.now - attemptBegin) / .seconds(1)
    note(solution, name, from: start, seconds: seconds)
    switch solution.stopReason {
    case .interrupted where !(solver is SEA || solver is RoundSearch): record?.keep()
    // Cut short, and to be repeated.
    case .interrupted, .time: break
    default:
      let outcome = FinishedAttempt.Outcome(solution, seconds: seconds)
      record?.elapsed = ContinuousClock.now - begin
      record?.add(FinishedAttempt(solver: name, start: start, outcome: outcome))
    }
    return endsAll(solution)
  }

  /// With checkpoints, attempts share nothing that they do not share after a break.
  private func solve(
    _ solver: any Solver, resuming checkpoint: Portfolio.UnderWay?, _ observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    guard let record else {
      return try solver.solve(workspace, sparsity: sparsity, observer: observer)
    }
    workspace.forget()
    switch (solver, checkpoint) {
    case (let sea as SEA, nil), (let sea as SEA, .exploring):
      return try sea.solve(
        workspace, sparsity: sparsity, resuming: checkpoint?.exploring,
        keeper: record.keeper { .exploring($0) }, observer: observer)
    case (let search as RoundSearch, nil), (let search as RoundSearch, .searching):
      return try search.solve(
        workspace, sparsity: sparsity, resuming: checkpoint?.searching,
        keeper: record.keeper { .searching($0) }, observer: observer)
    case (_, nil): return try solver.solve(workspace, sparsity: sparsity, observer: observer)
    default: throw .contradictoryCheckpoint(of: Portfolio.name)
    }
  }

  /// Takes an attempt that had ended before the break.
  private mutating func note(
    _ ended: FinishedAttempt, from start: String?, _ solver: any Solver
  ) throws(RecoveryError) -> StopReason? {
    guard ended.solver == type(of: solver).name, ended.start == start else {
      throw .contradictoryCheckpoint(of: Portfolio.name)
    }
    guard let outcome = ended.outcome else { return nil }
    let solution = try outcome.solution(
      of: ended.solver, workspace, sparsity: sparsity, limits: allowed)
    note(solution, ended.solver, from: start, seconds: outcome.seconds)
    return endsAll(solution)
  }

  private mutating func note(
    _ solution: SparseSolution, _ name: String, from start: String?, seconds: Double
  ) {
    found.append(Found(name: start.map { "\(name) from \($0)" } ?? name, solution: solution))
    reports.append(
      Attempt(
        solver: name, start: start, relativeResidual: solution.relativeResidual,
        iterations: solution.iterations, matrixPasses: solution.matrixPasses, seconds: seconds))
  }

  /// Why no other solver needs to try, if so.
  private func endsAll(_ solution: SparseSolution) -> StopReason? {
    switch solution.stopReason {
    case .residual, .interrupted, .time: solution.stopReason
    default: nil
    }
  }

  /// The best solution, with what all attempts did.
  func solution(_ stop: StopReason) -> SparseSolution? {
    guard let place else { return nil }
    var solution = found[place].solution
    // It told the portfolio about the columns, and others have searched since.
    solution.warnings.removeAll(where: \.tellsDivergence)
    let before = found[..<place].reduce(0) { $0 + $1.solution.iterations }
    solution.bestIteration += before
    solution.iterations = found.reduce(0) { $0 + $1.solution.iterations }
    solution.supportsExplored = found.reduce(0) { $0 + $1.solution.supportsExplored }
    solution.matrixPasses = workspace.matrixPasses - passesBefore
    solution.stopReason = stop
    solution.rounds = found.reduce(0) { $0 + $1.solution.rounds }
    solution.attempts = reports
    solution.bestAttempt = place
    return solution
  }

  private var place: Int? {
    found.indices.min { (found[$0].loss, $0) < (found[$1].loss, $1) }
  }
}

extension Attempts.Found {
  /// What solutions are compared by.
  var loss: Double { solution.lossNorm }
}
