/// How far the mass of one spike train must be moved to make another: the 1-Wasserstein distance, in
/// samples, between |a| / ‖a‖₁ and |b| / ‖b‖₁, on a line or on a circle of n samples.
///
/// 0 for equal positions and proportions, whatever the signs; unlike a comparison of supports it
/// tells a spike one sample off from one far away. Nil where one train is zero and the other is not.
/// O(n log n) on a circle, by the median of the cumulative differences (Rabin, Delon and Gousseau
/// 2011); O(n) on a line.
func spikeDistance(_ a: [Double], _ b: [Double], onCircle: Bool) -> Double? {
  precondition(a.count == b.count, "spike trains of different lengths")
  let massOfA = a.reduce(0) { $0 + abs($1) }
  let massOfB = b.reduce(0) { $0 + abs($1) }
  guard massOfA > 0, massOfB > 0 else { return massOfA == massOfB ? 0 : nil }
  var sum = 0.0
  let differences = zip(a, b).map { x, y in
    sum += abs(x) / massOfA - abs(y) / massOfB
    return sum
  }
  let middle = onCircle ? differences.sorted()[differences.count / 2] : 0
  // On a line the last difference is zero but for rounding, and no mass moves beyond it.
  return (onCircle ? differences[...] : differences.dropLast()).reduce(0) { $0 + abs($1 - middle) }
}
