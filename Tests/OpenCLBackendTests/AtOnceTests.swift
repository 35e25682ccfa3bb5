import Solvers
import SparseCore
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Many solves at once, on every device of the machine, with all objects counted.
  @Suite(.timeLimit(.minutes(10))) struct AtOnce {
    private static let solvers: [any Solver] = {
      var limits = Limits()
      limits.iterations = 12
      return [
        SEA(gradient: .direct, limits: limits), SEA(gradient: .blocked, limits: limits),
        SEA(gradient: .gram, limits: limits), OMP(), Portfolio(limits: limits),
      ]
    }()

    /// A solver, a context by its number, and a precision.
    private struct Job: Sendable {
      let solver: any Solver
      let place: Int
      let precision: Precision
    }

    /// One context, or two for each device; half of them hold only part of the matrix.
    private static func backends(_ isOne: Bool, _ ledger: Ledger) throws -> [OpenCLBackend] {
      let devices = OpenCLBackend.devices()
      let places = isOne ? [devices[0]] : devices + devices
      return try places.enumerated().map { place, device in
        try OpenCLBackend(
          device, calls: ledger.counting(OpenCLCalls()), kernels: .native,
          deviceMemory: place % 2 == 0 ? nil : 30 * SmallProblem.columnBytes)
      }
    }

    @Test(arguments: [true, false]) func everyAnswerIsTheOneAlone(inOneContext: Bool) throws {
      let problem = try SmallProblem.problem()
      let ledger = Ledger()
      do {
        let backends = try Self.backends(inOneContext, ledger)
        let jobs = backends.indices.flatMap { place in
          OnDevice.precisions.flatMap { precision in
            Self.solvers.map { Job(solver: $0, place: place, precision: precision) }
          }
        }
        @Sendable func outcome(_ job: Job) throws -> Outcome {
          Outcome(
            try job.solver.solve(
              problem, sparsity: 3, on: backends[job.place], precision: job.precision))
        }
        let alone = try jobs.map(outcome)
        let answers = onThreads(16) { thread in
          try (0..<6).map { turn in
            let number = (5 * thread + 7 * turn) % jobs.count
            return (number, try outcome(jobs[number]))
          }
        }
        for (number, answer) in try answers.flatMap({ try $0.get() }) {
          #expect(answer == alone[number], "\(jobs[number])")
        }
      }
      #expect(ledger.alive.isEmpty && ledger.unknown.isEmpty)
      #expect(Set(ledger.made.keys) == Set(OpenCLCalls.Object.allCases))
    }

    /// Another thread stops them at random moments; nothing stays behind, and the context goes on.
    @Test(
      arguments: [SEA(gradient: .direct), SEA(gradient: .blocked), OMP(), Portfolio()]
        as [any Solver])
    func stopsLeaveNothingBehind(solver: any Solver) throws {
      let problem = try SmallProblem.problem()
      let ledger = Ledger()
      do {
        let backend = try OpenCLBackend(calls: ledger.counting(OpenCLCalls()))
        func solve(_ observer: SolveObserver) throws -> SparseSolution {
          try solver.solve(
            problem, sparsity: 3, on: backend, precision: .single, observer: observer)
        }
        let begin = ContinuousClock.now
        let whole = Outcome(try solve { _ in .proceed })
        try expectStops(
          within: ContinuousClock.now - begin, whole: whole, sparsity: 3, solve: solve)
        #expect(Outcome(try solve { _ in .proceed }) == whole)
      }
      #expect(ledger.alive.isEmpty && ledger.unknown.isEmpty)
    }
  }
}
