import SparseRecovery

/// How long one call of an operation takes.
public struct Timing: Equatable, Sendable, Codable {
  /// The first call, in seconds: with compilation, page faults and cold caches.
  public let firstCall: Double
  /// The later calls, in seconds a call.
  public let seconds: Quartiles
  /// How many times a batch of calls was timed.
  public let repetitions: Int
  /// The calls of a batch.
  public let callsPerRepetition: Int

  /// Collects the parts.
  package init(
    firstCall: Double, seconds: Quartiles, repetitions: Int, callsPerRepetition: Int
  ) {
    self.firstCall = firstCall
    self.seconds = seconds
    self.repetitions = repetitions
    self.callsPerRepetition = callsPerRepetition
  }
}

/// What is kept of a sample of numbers.
public struct Quartiles: Equatable, Sendable, Codable {
  /// The smallest.
  public let minimum: Double
  /// A quarter of the sample is no larger.
  public let lowerQuartile: Double
  /// Half of the sample is no larger.
  public let median: Double
  /// Three quarters of the sample are no larger.
  public let upperQuartile: Double

  /// Sorts `samples`, at least one; between two of them, interpolates.
  package init(of samples: [Double]) {
    precondition(!samples.isEmpty, "statistics of nothing")
    let sorted = samples.sorted()
    func quantile(_ fraction: Double) -> Double {
      let place = fraction * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    minimum = quantile(0)
    lowerQuartile = quantile(0.25)
    median = quantile(0.5)
    upperQuartile = quantile(0.75)
  }
}

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

/// Uses a value without looking at it, so that the work that made it is not optimised away.
@inline(never) @_optimize(none)
func blackHole<Value>(_ value: Value) {}
