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

  /// What happened once, and is both the first call and all there is.
  init(once seconds: Double) {
    self.init(
      firstCall: seconds, seconds: Quartiles(of: [seconds]), repetitions: 1, callsPerRepetition: 1)
  }
}
