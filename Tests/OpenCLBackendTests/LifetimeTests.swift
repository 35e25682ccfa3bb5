import Dispatch
import Solvers
import SparseCore
import Synchronization
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Objects of OpenCL are released when a solve ends, however it ends.
  @Suite(.timeLimit(.minutes(10))) struct Lifetimes {
    static let gradients: [SEA.Gradient] = [.direct, .blocked, .gram]

    /// Every kind of object is made, and all that are made are released.
    @Test(arguments: gradients) func endWithTheSolve(gradient: SEA.Gradient) throws {
      let ledger = Ledger()
      let calls = ledger.counting(OpenCLCalls())
      for deviceMemory in [nil, SmallProblem.columnBytes * 24] {
        _ = try SmallProblem.solve(
          SmallProblem.problem(), on: OpenCLBackend(calls: calls, deviceMemory: deviceMemory),
          gradient: gradient)
      }
      #expect(Set(ledger.made.keys) == Set(OpenCLCalls.Object.allCases))
      #expect(ledger.alive.isEmpty && ledger.unknown.isEmpty)
    }

    /// One compilation serves all that is loaded on a backend with the same options: one program for
    /// vectors and one for products in each precision.
    @Test func compileOnce() throws {
      let ledger = Ledger()
      let backend = try OpenCLBackend(calls: ledger.counting(OpenCLCalls()))
      let atoms = try SmallProblem.problem().atoms
      for precision in [Precision.single, .single, .double, .single]
      where backend.device.supports(precision) {
        _ = try backend.load(atoms, precision: precision)
      }
      #expect(ledger.made[.program] == (backend.device.supports(.double) ? 4 : 2))
    }

    /// CLBlast holds on to a context until it is told to drop its programs.
    @Test(arguments: [ProductKernels.native, .clblast])
    func endWithWhatCLBlastKeeps(kernels: ProductKernels) throws {
      let cleared = Mutex(0)
      var calls = OpenCLCalls()
      let clear = calls.clearCLBlast
      calls.clearCLBlast = {
        cleared.withLock { $0 += 1 }
        clear()
      }
      do {
        let backend = try OpenCLBackend(calls: calls, kernels: kernels)
        for _ in 0..<2 {
          _ = try SmallProblem.solve(SmallProblem.problem(), on: backend, gradient: .direct)
        }
        #expect(cleared.withLock(\.self) == 0)
      }
      #expect(cleared.withLock(\.self) == (kernels == .clblast ? 1 : 0))
    }

    /// A solve that its observer stops, at every iteration in turn.
    @Test(arguments: gradients) func endWithACancelledSolve(gradient: SEA.Gradient) throws {
      let problem = try SmallProblem.problem()
      for last in 0..<SmallProblem.iterations {
        let ledger = Ledger()
        let solution = try SmallProblem.solve(
          problem, on: OpenCLBackend(calls: ledger.counting(OpenCLCalls())), gradient: gradient
        ) { $0.iteration == last ? .stop : .proceed }
        #expect(solution.iterations == last + 1)
        #expect(ledger.alive.isEmpty && ledger.unknown.isEmpty)
      }
    }

    /// Many solves on one device at once, in one context: some run to the end, some are stopped,
    /// some fail.
    @Test func endWithSolvesAtOnce() throws {
      let problem = try SmallProblem.problem()
      let expected = try SmallProblem.solve(
        problem, on: OpenCLBackend(calls: OpenCLCalls()), gradient: .blocked)
      let ledger = Ledger()
      let outcomes = Mutex<[Result<SparseSolution, any Error>]>([])
      do {
        let sound = try OpenCLBackend(calls: ledger.counting(OpenCLCalls()))
        let lost = try OpenCLBackend(
          calls: ledger.counting(
            OpenCLCalls().failing(Fault(at: 400, code: -2, isLasting: true))))
        DispatchQueue.concurrentPerform(iterations: 24) { turn in
          let outcome = Result {
            try SmallProblem.solve(
              problem, on: turn % 3 == 0 ? lost : sound, gradient: .blocked
            ) { turn % 3 == 1 && $0.iteration == 1 ? .stop : .proceed }
          }
          outcomes.withLock { $0.append(outcome) }
        }
      }
      #expect(ledger.alive.isEmpty && ledger.unknown.isEmpty)
      var (stopped, solved) = (0, 0)
      for outcome in outcomes.withLock(\.self) {
        switch outcome {
        case .success(let solution) where solution.stopReason == .interrupted: stopped += 1
        case .success(let solution):
          #expect(solution.support == expected.support)
          solved += 1
        case .failure(let error):
          guard case RecoveryError.deviceFailure(_, _, -2, _) = error else {
            Issue.record(error)
            continue
          }
        }
      }
      #expect(stopped == 8 && solved >= 8)
    }
  }
}
