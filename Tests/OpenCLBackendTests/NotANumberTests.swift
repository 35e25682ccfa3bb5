import Solvers
import SparseCore
import Synchronization
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Kernels that give NaN where they should give numbers.
  @Suite struct NotANumber {
    /// The statement of a kernel that stores a result, and the one that stores NaN instead.
    struct Change {
      let statement: String
      let wrong: String
    }

    static let changes = [
      Change(statement: "  const REAL value = flags", wrong: "  const REAL value = NAN; flags"),
      Change(statement: "v[i] = v[i] + alpha * u[i];", wrong: "v[i] = NAN;"),
      Change(statement: "z[i] = sum;", wrong: "z[i] = NAN;"),
      Change(statement: "r[i] = UNSCALED(sum);", wrong: "r[i] = NAN;"),
    ]

    /// No support is made of it: the answer is right, because the kernel was not needed, or an error.
    @Test(arguments: changes) func isAnError(change: Change) throws {
      let problem = try SmallProblem.problem()
      var calls = OpenCLCalls()
      let isChanged = Mutex(false)
      calls.makeProgram = { context, source in
        let changed = source.replacing(change.statement, with: change.wrong)
        if changed != source { isChanged.withLock { $0 = true } }
        return OpenCLCalls().makeProgram(context, changed)
      }
      let (sound, wrong) = (
        try OpenCLBackend(calls: OpenCLCalls()), try OpenCLBackend(calls: calls)
      )
      var errors = 0
      for gradient in Lifetimes.gradients {
        for start in [SEA.Start.zero, .correlation] {
          let expected = try SmallProblem.solve(
            problem, on: sound, gradient: gradient, start: start)
          do {
            let found = try SmallProblem.solve(
              problem, on: wrong, gradient: gradient, start: start)
            #expect(found.support == expected.support)
          } catch RecoveryError.nonFiniteCorrelation(let engine, _) {
            #expect(engine == "opencl")
            errors += 1
          }
        }
      }
      #expect(errors > 0 && isChanged.withLock(\.self))
    }
  }
}
