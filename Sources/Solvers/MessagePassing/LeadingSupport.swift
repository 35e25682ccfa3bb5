import SparseCore

/// The support that scores name: the columns of the `count` largest magnitudes, or of the largest
/// numbers above zero where coefficients must not be negative. Zeros are never among them.
///
/// O(n).
///
/// - Parameter columns: the column of every score, in ascending order.
func leadingSupport(
  _ count: Int, of scores: [Double], columns: [Int], isNonnegative: Bool
) -> [Int] {
  let entries = isNonnegative ? scores.map { max($0, 0) } : scores
  let places =
    entries.count > count ? largestMagnitudes(count, of: entries) : Array(entries.indices)
  return places.filter { entries[$0] != 0 }.map { columns[$0] }
}
