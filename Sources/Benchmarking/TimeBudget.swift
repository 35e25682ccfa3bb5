/// The time that measurements may take, shared out in order.
struct TimeBudget {
  private let end: ContinuousClock.Instant

  /// Ends so many seconds from now.
  init(seconds: Double) { end = .now + .seconds(seconds) }

  /// Whether nothing more should be started. What has been started is not cut short.
  var isSpent: Bool { .now >= end }

  /// The seconds left.
  var secondsLeft: Double { max(0, (end - .now) / .seconds(1)) }

  /// The part of what is left that one of several gets: what it leaves goes to the later ones.
  func share(_ weight: Double, of weights: [Double]) -> TimeBudget {
    TimeBudget(seconds: secondsLeft * weight / weights.reduce(0, +))
  }
}
