import SparseCore

/// Coefficients c ≥ 0 on a support, on their way to the minimum of a convex function: the active set of Lawson and
/// Hanson (1974, chapter 23), who have it for least squares.
///
/// A place is passive where its coefficient may be above zero. The minimum on the passive places is a function of theirs;
/// nothing else is asked of what is minimised, since along a line to a minimum a convex function falls.
struct PassiveSet {
  private var c: [Double]
  private var isPassive: [Bool]

  /// - Parameters:
  ///   - count: how many coefficients there are; all are zero.
  ///   - areAllPassive: whether all may grow at once, or none before it is admitted.
  init(_ count: Int, areAllPassive: Bool = false) {
    c = Array(repeating: 0, count: count)
    isPassive = Array(repeating: areAllPassive, count: count)
  }

  /// Admissions at most: each ends with a smaller value, so that none repeats but by rounding.
  var mostRounds: Int { 3 * c.count + 3 }

  /// Makes the place passive along which the function falls most steeply: false where it falls along none.
  ///
  /// - Parameter slopes: the negative gradient, less what rounding may make of it, of every place.
  mutating func admit(steepestOf slopes: [Double]) -> Bool {
    let entering = c.indices.filter { !isPassive[$0] }.max { slopes[$0] < slopes[$1] }
    guard let entering, slopes[entering] > 0 else { return false }
    isPassive[entering] = true
    return true
  }

  /// Moves c to the minimum on the passive places, making those active that reach zero before. Nil where none stays.
  ///
  /// - Parameters:
  ///   - minimize: the minimum on some places, whatever its signs.
  ///   - coefficients: its coefficients.
  mutating func settle<Minimum>(
    _ minimize: ([Int]) throws(RecoveryError) -> Minimum, coefficients: (Minimum) -> [Double]
  ) throws(RecoveryError) -> Minimum? {
    while true {
      let places = c.indices.filter { isPassive[$0] }
      guard !places.isEmpty else { return nil }
      let minimum = try minimize(places)
      let wanted = coefficients(minimum)
      /// The part of the way at which a coefficient reaches zero.
      let parts = zip(places, wanted).map { place, wanted in
        wanted > 0 ? 1 : c[place] > 0 ? c[place] / (c[place] - wanted) : 0
      }
      let step = parts.reduce(1) { min($0, $1) }
      var isSmaller = false
      for ((place, wanted), part) in zip(zip(places, wanted), parts) {
        let leaves = wanted <= 0 && part <= step
        c[place] = leaves ? 0 : step == 1 ? wanted : c[place] + step * (wanted - c[place])
        isPassive[place] = !leaves
        isSmaller = isSmaller || leaves
      }
      // Each turn has fewer passive places than the one before.
      guard isSmaller else { return wanted.allSatisfy { $0 > 0 } ? minimum : nil }
    }
  }

  /// c.
  var coefficients: [Double] { c }
}
