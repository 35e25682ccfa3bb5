import Foundation
package import SparseCore
import SyntheticProblems
package import Testing

/// Lets another thread stop a solve at random moments, the first before it has begun.
///
/// A solve that was told to stop says that it was interrupted, and asks its observer nothing more: but
/// for a solver whose start was stopped, which evaluates that start. One that ended before gives what it
/// gives when it is left alone.
///
/// - Parameters:
///   - length: about how long a solve takes that is left alone.
///   - whole: what it gives then, or nil where it would not end.
package func expectStops(
  count: Int = 8, within length: Duration, whole: Outcome?, sparsity: Int, seed: UInt64 = 5,
  location: SourceLocation = #_sourceLocation, solve: (SolveObserver) throws -> SparseSolution
) throws {
  var generator = SeededGenerator(seed: seed)
  for turn in 0..<count {
    let flag = StopFlag()
    if turn == 0 {
      flag.raise()
    } else {
      let moment = length / .seconds(1) * generator.uniform()
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: moment)
        flag.raise()
      }
    }
    let solution = try solve { _ in flag.answer() }
    #expect(flag.timesTold <= 2, sourceLocation: location)
    if flag.timesTold == 0, turn > 0 {
      #expect(Outcome(solution) == whole, sourceLocation: location)
    } else {
      #expect(solution.stopReason == .interrupted, sourceLocation: location)
    }
    #expect(solution.support.count <= sparsity, sourceLocation: location)
    #expect(
      zip(solution.support, solution.support.dropFirst()).allSatisfy(<), sourceLocation: location)
  }
}
