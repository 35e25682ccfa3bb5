extension Atoms {
  /// ‖a_j‖₂ of every column, with the finiteness of every entry checked on the way.
  static func columnNorms<Scalar: MatrixScalar>(
    _ matrix: Matrix<Scalar>
  ) throws(RecoveryError) -> [Double] {
    var norms = [Double](repeating: 0, count: matrix.columns)
    for j in 0..<matrix.columns {
      let column = matrix.column(j)
      let sum = sumOfSquares(column)
      if sum.isFinite, sum > smallestTrustedSquare {
        norms[j] = sum.squareRoot()
        continue
      }
      if let i = column.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteMatrix(row: i, column: j, value: Double(column[i]))
      }
      norms[j] = scaledNorm(column)
      guard norms[j].isFinite else { throw .columnNormOverflow(column: j) }
    }
    return norms
  }

  /// ‖T a_j‖₂ of every column. A column that T takes to the rounding of its own norm is zero.
  static func columnNorms(
    _ matrix: DenseMatrix, _ transform: RowTransform, given norms: [Double]
  ) -> [Double] {
    var column = [Double](repeating: 0, count: matrix.rows)
    return norms.enumerated().map { j, norm in
      guard norm >= Double.leastNormalMagnitude else { return 0 }
      return column.withUnsafeMutableBufferPointer { column in
        guard let start = column.baseAddress else { return 0 }
        // Near one, so that no square overflows; by a power of two, which rounds nothing.
        let exponent = Int(norm.exponent)
        matrix.copyColumn(j, times: 1.0.scaled(by: -exponent), to: start)
        transform.apply(to: column)
        let transformed = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let rounding = transform.rounding * norm.scaled(by: -exponent)
        return transformed <= rounding ? 0 : transformed.scaled(by: exponent)
      }
    }
  }

  /// Below this sum of squares, squares of entries may have lost digits to underflow.
  private static var smallestTrustedSquare: Double { 0x1p-900 }

  /// Σ aᵢ² in eight lanes, so that the loop is bound by memory and not by the latency of one sum.
  private static func sumOfSquares<Scalar: MatrixScalar>(
    _ column: UnsafeBufferPointer<Scalar>
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    let whole = column.count / 8 * 8
    for start in stride(from: 0, to: whole, by: 8) {
      var entries = SIMD8<Double>.zero
      for lane in 0..<8 { entries[lane] = Double(column[start + lane]) }
      lanes += entries * entries
    }
    var sum = lanes.sum()
    for i in whole..<column.count { sum += Double(column[i]) * Double(column[i]) }
    return sum
  }

  /// ‖a‖₂ where squares may overflow or underflow: the largest entry is brought near one first, by
  /// a power of two, which rounds nothing.
  private static func scaledNorm<Scalar: MatrixScalar>(
    _ column: UnsafeBufferPointer<Scalar>
  ) -> Double {
    let largest = column.reduce(0) { max($0, abs(Double($1))) }
    guard largest > 0 else { return 0 }
    let exponent = Int(largest.exponent)
    let sum = column.reduce(0) { sum, entry in
      let scaled = Double(entry).scaled(by: -exponent)
      return sum + scaled * scaled
    }
    return sum.squareRoot().scaled(by: exponent)
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
