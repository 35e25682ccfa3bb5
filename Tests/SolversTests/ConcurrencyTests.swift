import CPUBackend
import Solvers
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

/// Many solves at once in one process.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ConcurrencyTests {
  /// A solve that may run beside others.
  private struct Job: Sendable {
    let solver: any Solver
    /// Which of the backends.
    let place: Int
    let precision: Precision
  }

  private static let k = 6

  /// Solvers of every kind, with threads of their own on the processor.
  private static let solvers: [any Solver] = {
    var limits = Limits()
    limits.iterations = 40
    return [
      SEA(gradient: .direct, limits: limits), SEA(gradient: .blocked, limits: limits),
      SEA(start: .solver(OMP()), gradient: .gram, limits: limits), OMP(), Splicing(limits: limits),
      NIHT(limits: limits), Portfolio(rounds: 1, limits: limits),
    ]
  }()

  /// Wide enough, unless told, for two threads to share a product.
  private static func problem(columns: Int = 1500) throws -> RecoveryProblem {
    try draw(.gaussian(rows: 60, columns: columns), k, snr: 10, seed: 21).1
  }

  /// Sixteen threads, each with a share of the jobs in an order of its own: on one backend of every
  /// kind for all of them, or on one for each thread.
  @Test(arguments: [true, false]) func everyAnswerIsTheOneAlone(sharesBackends: Bool) throws {
    let problem = try Self.problem()
    let shared = try everyBackend()
    let jobs = shared.indices.flatMap { place in
      // The reference computes in double precision alone.
      (place == 0 ? [.double] : Precision.allCases).flatMap { precision in
        Self.solvers.map { Job(solver: $0, place: place, precision: precision) }
      }
    }
    @Sendable func outcome(_ job: Job, _ backends: [any Backend]) throws -> Outcome {
      Outcome(
        try job.solver.solve(
          problem, sparsity: Self.k, on: backends[job.place], precision: job.precision))
    }
    let alone = try jobs.map { try outcome($0, shared) }
    let answers = onThreads(16) { thread in
      let backends = sharesBackends ? shared : try everyBackend()
      return try (0..<jobs.count / 4).map { turn in
        let number = (5 * thread + 11 * turn) % jobs.count
        return (number, try outcome(jobs[number], backends))
      }
    }
    for (number, answer) in try answers.flatMap({ try $0.get() }) {
      #expect(answer == alone[number], "\(jobs[number])")
    }
  }

  /// With a limit that is never reached: each ends because it is told to.
  @Test(arguments: [SEA.Gradient.direct, .blocked, .gram])
  func endlessSolvesStop(gradient: SEA.Gradient) throws {
    let problem = try Self.problem()
    var limits = Limits()
    limits.iterations = .max
    let solver = SEA(gradient: gradient, limits: limits)
    for backend in try everyBackend() {
      try expectStops(within: .milliseconds(100), whole: nil, sparsity: Self.k) {
        try solver.solve(problem, sparsity: Self.k, on: backend, observer: $0)
      }
    }
  }

  /// Solves that also end by themselves; after all of them the backend gives the same bits.
  @Test(arguments: [OMP(), OLS(), Portfolio(rounds: 3)] as [any Solver])
  func solvesStopOrEnd(solver: any Solver) throws {
    let problem = try Self.problem(columns: 200)
    for backend in try everyBackend() {
      let begin = ContinuousClock.now
      let whole = Outcome(try solver.solve(problem, sparsity: Self.k, on: backend))
      try expectStops(within: ContinuousClock.now - begin, whole: whole, sparsity: Self.k) {
        try solver.solve(problem, sparsity: Self.k, on: backend, observer: $0)
      }
      #expect(Outcome(try solver.solve(problem, sparsity: Self.k, on: backend)) == whole)
    }
  }
}
