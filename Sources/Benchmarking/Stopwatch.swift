import SparseRecovery

/// Times operations that may return before their work is done.
///
/// A batch of calls is followed by one wait. A batch lasts 5 ms or more, so that a wait, which costs
/// some tens of microseconds, adds less than a hundredth to it; it is not subtracted. Batches of one
/// call are what remains for operations that are slower than that.
struct Stopwatch {
  /// The fewest batches.
  let repetitions: Int
  /// The shortest time of all batches together, in seconds.
  let totalSeconds: Double

  private static var batchSeconds: Double { 0.005 }
  private static var mostCalls: Int { 1 << 14 }

  /// - Parameter wait: returns when all work started before has been done.
  func time(
    wait: () throws(RecoveryError) -> Void = {},
    _ operation: () throws(RecoveryError) -> Void
  ) throws(RecoveryError) -> Timing {
    func batch(_ calls: Int) throws(RecoveryError) -> Double {
      let start = ContinuousClock.now
      for _ in 0..<calls { try operation() }
      try wait()
      return seconds(since: start)
    }
    let firstCall = try batch(1)
    var calls = 1
    var elapsed = try batch(calls)
    while elapsed < Self.batchSeconds, calls < Self.mostCalls {
      calls *= 2
      elapsed = try batch(calls)
    }
    // The batch that was long enough is the first one that counts.
    var samples = [elapsed / Double(calls)]
    var total = elapsed
    while samples.count < repetitions || total < totalSeconds {
      elapsed = try batch(calls)
      total += elapsed
      samples.append(elapsed / Double(calls))
    }
    return Timing(
      firstCall: firstCall, seconds: Quartiles(of: samples), repetitions: samples.count,
      callsPerRepetition: calls)
  }
}

/// The seconds that have passed.
func seconds(since start: ContinuousClock.Instant) -> Double {
  (ContinuousClock.now - start) / .seconds(1)
}
