import SparseCore

/// When a solver stops.
public struct Limits: Sendable {
  /// The most supports to evaluate, at least 1.
  public var iterations = 1000
  /// The longest time to solve, or nil for no limit. At least one support is evaluated, and all of those that
  /// an iteration evaluates together.
  public var time: Duration?
  /// How many iterations may go by without a better support, or nil for no limit.
  public var stagnation: Int?
  /// The relative residual ‖Ax − y‖₂ / ‖y‖₂ at which nothing is left to explain: the default is a
  /// few hundred roundings of a double, what well-conditioned columns leave of an exact solution.
  public var tolerance = 1e-12
  /// Asked again and again while an iteration takes long, from any thread: whether to end now with the best so
  /// far, as where an observer answers ``SolveControl/stop`` after an iteration. A yes must stay one. Nil where
  /// observers are enough.
  public var isCancelled: (@Sendable () -> Bool)?

  /// The default limits: 1000 iterations.
  public init() {}

  /// The same for a solver that evaluates `count` supports by its own rule: only what is left to
  /// explain, the time and the observer stop it before.
  func evaluating(_ count: Int) -> Limits {
    var limits = self
    limits.iterations = count
    limits.stagnation = nil
    return limits
  }

  /// The same, ending where so many iterations go by without a better support, if not before.
  func stagnating(after patience: Int) -> Limits {
    var limits = self
    limits.stagnation = min(stagnation ?? patience, patience)
    return limits
  }

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for the first limit that makes
  ///   no sense.
  func validate() throws(RecoveryError) {
    guard iterations >= 1 else {
      throw .invalidOption(
        name: "iterations", value: "\(iterations)", expected: "a number of at least 1")
    }
    if let time, time < .zero {
      throw .invalidOption(name: "time limit", value: "\(time)", expected: "a time of at least 0")
    }
    if let stagnation, stagnation < 1 {
      throw .invalidOption(
        name: "stagnation", value: "\(stagnation)", expected: "a number of at least 1")
    }
    guard tolerance >= 0, tolerance < 1 else {
      throw .invalidOption(
        name: "tolerance", value: "\(tolerance)", expected: "a number from 0 up to 1")
    }
  }
}

extension Limits: CustomReflectable {
  /// The numbers: who may cancel is no part of what stored experiments and checkpoints are compared by.
  public var customMirror: Mirror {
    Mirror(
      self,
      children: [
        "iterations": iterations, "time": time as Any, "stagnation": stagnation as Any,
        "tolerance": tolerance,
      ], displayStyle: .struct)
  }
}

/// Whether an iteration under way is to end with what it has.
struct Interruption: Sendable {
  /// When the time is over, or nil where it is not limited.
  let deadline: ContinuousClock.Instant?
  /// As ``Limits/isCancelled``.
  let isCancelled: (@Sendable () -> Bool)?

  /// Why it is to end, or nil.
  var reason: StopReason? {
    if let isCancelled, isCancelled() { return .interrupted }
    if let deadline, ContinuousClock.now >= deadline { return .time }
    return nil
  }
}

/// A step size as given.
///
/// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` unless it is finite and above 0.
func valid(stepSize: Double) throws(RecoveryError) -> Double {
  guard stepSize > 0, stepSize.isFinite else {
    throw .invalidOption(
      name: "step size", value: "\(stepSize)", expected: "a finite number above 0")
  }
  return stepSize
}

/// A number of things as given.
///
/// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` unless it is at least `least`.
func valid(_ count: Int, _ name: String, atLeast least: Int = 1) throws(RecoveryError) -> Int {
  guard count >= least else {
    throw .invalidOption(name: name, value: "\(count)", expected: "a number of at least \(least)")
  }
  return count
}

/// A fraction as given.
///
/// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` unless it lies in [0, 1).
func valid(fraction: Double, _ name: String) throws(RecoveryError) -> Double {
  guard fraction >= 0, fraction < 1 else {
    throw .invalidOption(name: name, value: "\(fraction)", expected: "a number from 0 up to 1")
  }
  return fraction
}
