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
  private let record: CompositeRecord?

  init(
    _ workspace: Workspace, sparsity: Int, limits: Limits, record: CompositeRecord? = nil
  ) {
    self.workspace = workspace
    self.sparsity = sparsity
    allowed = limits
    passesBefore = workspace.matrixPasses
    self.record = record
    if let record { begin -= record.elapsed }
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

  /// Whether the latest attempt came to its own end.
  var latestConverged: Bool { found.last?.solution.stopReason == .converged }

  /// Whether two of the attempts with these names found the same support.
  func agree(_ names: [String]) -> Bool {
    let supports = found.filter { names.contains($0.name) }.map(\.solution.support)
    return Set(supports).count < supports.count
  }

  /// Lets a solver try. A reason to stop is one that ends all: nothing left to explain, no time, or
  /// the observer. A solver that cannot do what the model asks is passed over, and so is one whose
  /// result is beyond the range of a double, or that the loss fails.
  mutating func run(
    from start: String? = nil, _ observer: SolveObserver,
    _ make: (Limits) -> any IterativeSolver
  ) throws(RecoveryError) -> StopReason? {
    let ended = try record?.next(workspace) { (r) throws(CheckpointError) in
      try FinishedAttempt(from: &r)
    }
    if let ended { return try note(ended, from: start, make(allowed)) }
    let limits = limits
    if limits.time == .zero, !found.isEmpty { return .time }
    let solver = make(limits)
    let name = type(of: solver).name
    let resumed: IterationCheckpoint? = try record?.takeUnderWay()
    // As if there had been no break.
    let before = resumed?.search.elapsed ?? .zero
    begin -= before
    let attemptBegin = ContinuousClock.now - before
    record?.elapsed = attemptBegin - begin
    // With checkpoints, attempts share nothing that they do not share after a break.
    if record != nil { workspace.forget() }
    let solution: SparseSolution
    do throws(RecoveryError) {
      solution = try solver.solve(
        workspace, sparsity: sparsity, resuming: resumed, keeper: record?.memberKeeper(),
        observer: observer)
    } catch {
      switch error {
      case .unsupportedModel, .resultOverflow, .lossFailure: break
      default: throw error
      }
      record?.add(workspace) {
        FinishedAttempt(solver: name, start: start, seconds: 0).write(to: &$0)
      }
      return nil
    }
    let seconds = (ContinuousClock.now - attemptBegin) / .seconds(1)
    note(solution, name, from: start, seconds: seconds)
    switch solution.stopReason {
    // Cut short: what is kept of it goes on.
    case .interrupted, .time: break
    default:
      record?.elapsed = ContinuousClock.now - begin
      let ended = FinishedAttempt(
        solver: name, start: start, solution: KnownSolution(solution), seconds: seconds)
      record?.add(workspace) { ended.write(to: &$0) }
    }
    return endsAll(solution)
  }

  /// Takes an attempt that had ended before the break.
  private mutating func note(
    _ ended: FinishedAttempt, from start: String?, _ solver: any IterativeSolver
  ) throws(RecoveryError) -> StopReason? {
    guard ended.solver == type(of: solver).name, ended.start == start,
      ended.seconds >= 0, ended.seconds < 1e12
    else { throw .contradictoryCheckpoint(of: Portfolio.name) }
    guard let known = ended.solution else { return nil }
    let solution = try known.solution(
      of: ended.solver, workspace, sparsity: sparsity, limits: allowed,
      provesSupports: solver.provesSupports(workspace.problem))
    note(solution, ended.solver, from: start, seconds: ended.seconds)
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

  /// Why no other solver needs to try, if so: a proof is a reason too.
  private func endsAll(_ solution: SparseSolution) -> StopReason? {
    switch solution.stopReason {
    case .residual, .interrupted, .time: solution.stopReason
    default: (solution.optimalityGap ?? 1) <= SearchTree.leastGap ? .converged : nil
    }
  }

  /// The share of a squared loss by which that of another support may be smaller, by what the attempts proved. Nil where the
  /// bound is so far away that it says nothing about the support.
  private func optimalityGap(of best: Found) -> Double? {
    let gaps = found.compactMap { $0.solution.optimalityGap(of: best.loss) }
    return gaps.min().flatMap { $0 <= 1 - SearchTree.promisingShare ? $0 : nil }
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
    solution.optimalityGap = optimalityGap(of: found[place])
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

/// What a checkpoint keeps of an attempt that has ended.
private struct FinishedAttempt {
  let solver: String
  let start: String?
  /// Nil where the solver cannot do what the model asks, its result is beyond all doubles, or the loss failed.
  var solution: KnownSolution?
  let seconds: Double
}

extension FinishedAttempt {
  func write(to writer: inout WordWriter) {
    writer.write(solver)
    writer.write(start.map { [$0] } ?? []) { $0.write($1) }
    writer.write(solution.map { [$0] } ?? []) { $1.write(to: &$0) }
    writer.write(seconds)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    solver = try reader.text()
    start = try reader.optional { (r) throws(CheckpointError) in try r.text() }
    solution = try reader.optional { (r) throws(CheckpointError) in try KnownSolution(from: &r) }
    seconds = try reader.double()
  }
}

/// A solver that is a part of a portfolio and nothing else: it ends by a rule of its own.
protocol PortfolioMember: IterativeSolver {}

extension PortfolioMember {
  /// It does.
  var recoversJointly: Bool { true }

  /// Only time, nothing left to explain, and the observer stop it before its own rule does.
  func limits(sparsity: Int) -> Limits { limits.evaluating(.max) }

  /// None: a portfolio compares its own.
  func facts(_ problem: RecoveryProblem) -> [(name: String, value: String)] { [] }
}

extension RecoveryError {
  /// Whether the loss failed a start, or its result is beyond all doubles: nothing is known of it, and others are left.
  var isOfOneSupport: Bool {
    switch self {
    case .lossFailure, .resultOverflow: true
    default: false
    }
  }
}
