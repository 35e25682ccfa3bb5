package import SparseCore

/// The largest relative error of one rounding in `precision`.
package func roundoff(_ precision: Precision) -> Double {
  precision == .single ? Double(Float.ulpOfOne) / 2 : Double.ulpOfOne / 2
}

/// What Σ aᵢxᵢ may differ by between two orders of summation: 8 · ε · Σ|aᵢxᵢ|.
///
/// The worst case grows with the length; pairwise and blocked sums stay far below, and a plain loop
/// over some thousand terms of either sign does too. One denormal is added for sums that are zero.
package func dotTolerance(sumOfMagnitudes: Double, _ precision: Precision) -> Double {
  let smallest =
    precision == .single ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
  return 16 * roundoff(precision) * sumOfMagnitudes + smallest
}

extension Precision {
  /// `value` as this precision holds it. For sums and products of two such numbers, computed in
  /// double precision, that is what this precision computes.
  package func rounded(_ value: Double) -> Double { self == .single ? Double(Float(value)) : value }
}
