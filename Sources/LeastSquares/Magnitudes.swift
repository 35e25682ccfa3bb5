/// Σ |aᵢ| xᵢ.
func sumOfMagnitudes(
  _ a: UnsafePointer<Double>, times x: UnsafePointer<Double>, count: Int
) -> Double {
  typealias Lanes = SIMD8<Double>
  let sign = SIMD8<UInt64>(repeating: 1 << 63)
  var sums = Lanes.zero
  var i = 0
  while i + 8 <= count {
    let values = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<UInt64>.self) & ~sign
    let factors = UnsafeRawPointer(x + i).loadUnaligned(as: Lanes.self)
    sums += unsafeBitCast(values, to: Lanes.self) * factors
    i += 8
  }
  var sum = sums.sum()
  while i < count {
    sum += abs(a[i]) * x[i]
    i += 1
  }
  return sum
}

/// t ← t + s · |a|.
func addMagnitudes(
  _ a: UnsafePointer<Double>, times s: Double, to t: UnsafeMutablePointer<Double>, count: Int
) {
  guard count > 0 else { return }
  for i in 0..<count { t[i] += s * abs(a[i]) }
}
