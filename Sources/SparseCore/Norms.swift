extension Sequence<Double> {
  /// Σ xᵢ², in order, for numbers whose squares neither overflow nor underflow.
  @inlinable package var squaredNorm: Double { reduce(0) { $0 + $1 * $1 } }
}

extension Collection<Double> {
  /// ‖x‖₂ of numbers of any size: the largest is brought near one first, by a power of two, which
  /// rounds nothing. Infinite where the norm is beyond the largest double.
  package var norm: Double {
    let square = squaredNorm
    if square.isFinite, square > 0x1p-900 { return square.squareRoot() }
    return nearOne.squaredNorm.squareRoot().scaled(by: largestExponent)
  }

  /// x divided by 2^``largestExponent``.
  package var nearOne: [Double] {
    let exponent = largestExponent
    return map { $0.scaled(by: -exponent) }
  }

  /// e of the largest |xᵢ| = 1.… · 2^e; 0 where all are zero.
  package var largestExponent: Int {
    let largest = reduce(0) { Swift.max($0, abs($1)) }
    return largest > 0 && largest.isFinite ? Int(largest.exponent) : 0
  }
}

extension Double {
  /// self · 2^`exponent`, in two factors, so that 2^`exponent` itself may lie outside the range.
  package func scaled(by exponent: Int) -> Double {
    let half = exponent / 2
    return self * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: exponent - half, significand: 1)
  }
}
