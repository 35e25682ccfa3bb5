import SparseRecovery
import Testing

@testable import Benchmarking

@Suite struct StopwatchTests {
  /// Every call is counted, and every batch, the first call included, ends with one wait.
  @Test func waitsOnceABatch() throws {
    var calls = 0
    var waits = 0
    var callsAtWait: [Int] = []
    let timing = try Stopwatch(repetitions: 7, totalSeconds: 0).time {
      waits += 1
      callsAtWait.append(calls)
    } _: {
      calls += 1
    }
    #expect(callsAtWait.first == 1)
    #expect(callsAtWait.last == calls)
    #expect(timing.repetitions == 7)
    // After the first call: batches of 1, 2, 4, … until one is long enough, and six like it.
    let size = timing.callsPerRepetition
    #expect(calls == 1 + (2 * size - 1) + 6 * size)
    #expect(waits == 1 + (size.trailingZeroBitCount + 1) + 6)
  }

  @Test func slowOperationsAreTimedOneByOne() throws {
    let timing = try Stopwatch(repetitions: 2, totalSeconds: 0).time {
      let start = ContinuousClock.now
      while seconds(since: start) < 0.006 {}
    }
    #expect(timing.callsPerRepetition == 1)
    #expect(timing.seconds.minimum >= 0.006)
  }

  @Test func errorsComeThrough() {
    let failure = RecoveryError.emptyMatrix(rows: 0, columns: 0)
    #expect(throws: failure) {
      try Stopwatch(repetitions: 1, totalSeconds: 0).time { () throws(RecoveryError) in
        throw failure
      }
    }
  }
}
