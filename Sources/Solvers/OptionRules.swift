import SparseCore

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
