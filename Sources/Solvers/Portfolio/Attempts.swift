import SparseCore

/// What several solvers found on one problem, within one time.
struct Attempts<E: Engine> {
  /// A solution with the name of what found it.
  struct Found {
    let name: String
    let solution: SparseSolution
  }

  private let problem: LoadedProblem<E>
  private let sparsity: Int
  private let allowed: Limits
  private let begin = ContinuousClock.now
  private let passesBefore: Int
  private var found: [Found] = []
  private var reports: [Attempt] = []

  init(_ problem: LoadedProblem<E>, sparsity: Int, limits: Limits) {
    self.problem = problem
    self.sparsity = sparsity
    allowed = limits
    passesBefore = problem.matrixPasses
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

  /// The best `count` with different supports, the best first.
  func leaders(_ count: Int) -> [Found] {
    var supports: Set<[Int]> = []
    let ranked = found.enumerated()
      .sorted { ($0.element.loss, $0.offset) < ($1.element.loss, $1.offset) }
      .map(\.element)
    return Array(ranked.filter { supports.insert($0.solution.support).inserted }.prefix(count))
  }

  /// Whether two of the attempts with these names found the same support.
  func agree(_ names: [String]) -> Bool {
    let supports = found.filter { names.contains($0.name) }.map(\.solution.support)
    return Set(supports).count < supports.count
  }

  /// Lets a solver try. A reason to stop is one that ends all: nothing left to explain, no time, or
  /// the observer. A solver that cannot do what the model asks is passed over.
  mutating func run(
    from start: String? = nil, _ observer: Observer, _ make: (Limits) -> any Solver
  ) throws(RecoveryError) -> StopReason? {
    let limits = limits
    if limits.time == .zero, !found.isEmpty { return .time }
    let solver = make(limits)
    let begin = ContinuousClock.now
    let solution: SparseSolution
    do throws(RecoveryError) {
      solution = try solver.solve(problem, sparsity: sparsity, observer: observer)
    } catch .unsupportedModel {
      return nil
    }
    let name = type(of: solver).name
    found.append(Found(name: start.map { "\(name) from \($0)" } ?? name, solution: solution))
    reports.append(
      Attempt(
        solver: name, start: start, relativeResidual: solution.relativeResidual,
        iterations: solution.iterations, matrixPasses: solution.matrixPasses,
        seconds: (ContinuousClock.now - begin) / .seconds(1)))
    return switch solution.stopReason {
    case .residual, .interrupted: solution.stopReason
    default: nil
    }
  }

  /// The best solution, with what all attempts did.
  func solution(_ stop: StopReason) -> SparseSolution? {
    guard let place else { return nil }
    var solution = found[place].solution
    let before = found[..<place].reduce(0) { $0 + $1.solution.iterations }
    solution.bestIteration += before
    solution.iterations = found.reduce(0) { $0 + $1.solution.iterations }
    solution.supportsExplored = found.reduce(0) { $0 + $1.solution.supportsExplored }
    solution.matrixPasses = problem.matrixPasses - passesBefore
    solution.stopReason = stop
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
