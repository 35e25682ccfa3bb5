/// The norms of every column before and after the transform of the rows.
struct ColumnNorms {
  /// ‖a_j‖₂ over the rows that take part.
  private(set) var given: [Double]
  /// ‖W^½ a_j‖₂.
  private(set) var weighted: [Double]
  /// ‖T a_j‖₂; 0 where it is within the rounding of ‖W^½ a_j‖₂, or below the smallest normal number,
  /// whose reciprocal overflows.
  private(set) var transformed: [Double]

  /// Reads A once.
  ///
  /// - Parameter absent: the rows of weight 0, in which nothing is looked at.
  /// - Throws: ``RecoveryError/nonFiniteMatrix(row:column:value:)`` for the first NaN or infinity,
  ///   ``RecoveryError/columnNormOverflow(column:)``.
  init(
    _ matrix: DenseMatrix, _ transform: RowTransform?, absent: [Int]
  ) throws(RecoveryError) {
    given =
      switch matrix {
      case _ where !absent.isEmpty: try Self.norms(of: matrix, without: absent)
      case .double(let entries): try Self.norms(of: entries)
      case .single(let entries): try Self.norms(of: entries)
      }
    weighted = given
    transformed = given.map(Self.significant)
    guard let transform else { return }
    var column = [Double](repeating: 0, count: matrix.rows)
    for j in given.indices where transformed[j] > 0 {
      // Near one, so that no square overflows.
      let exponent = Int(given[j].exponent)
      let (before, after) = column.withUnsafeMutableBufferPointer { column in
        guard let start = column.baseAddress else { return (0.0, 0.0) }
        matrix.copyColumn(j, times: 1.0.scaled(by: -exponent), to: start)
        transform.weigh(column)
        let before = column.norm
        guard transform.projects else { return (before, before) }
        transform.project(column)
        let after = column.norm
        return (before, after <= RowTransform.rounding * before ? 0 : after)
      }
      weighted[j] = before.scaled(by: exponent)
      transformed[j] = Self.significant(after.scaled(by: exponent))
      guard weighted[j].isFinite else { throw .columnNormOverflow(column: j) }
    }
  }

  /// Whether the intercept and the columns included explain column `j`, so that nothing is left of it.
  func isExplained(_ j: Int) -> Bool { transformed[j] == 0 && Self.significant(weighted[j]) > 0 }

  private static func significant(_ norm: Double) -> Double {
    norm < .leastNormalMagnitude ? 0 : norm
  }

  private static func norms<Scalar: MatrixScalar>(
    of matrix: Matrix<Scalar>
  ) throws(RecoveryError) -> [Double] {
    var norms = [Double](repeating: 0, count: matrix.columns)
    for j in norms.indices { norms[j] = try norm(of: matrix.column(j), j) }
    return norms
  }

  private static func norms(
    of matrix: DenseMatrix, without absent: [Int]
  ) throws(RecoveryError) -> [Double] {
    var norms = [Double](repeating: 0, count: matrix.columns)
    var column = [Double](repeating: 0, count: matrix.rows)
    for j in norms.indices {
      column.withUnsafeMutableBufferPointer { column in
        guard let start = column.baseAddress else { return }
        matrix.copyColumn(j, times: 1, to: start)
        for i in absent { column[i] = 0 }
      }
      norms[j] = try column.withUnsafeBufferPointer { (column) throws(RecoveryError) in
        try norm(of: column, j)
      }
    }
    return norms
  }

  /// ‖a‖₂ of column `j`, with the finiteness of every entry checked on the way.
  private static func norm<Scalar: MatrixScalar>(
    of column: UnsafeBufferPointer<Scalar>, _ j: Int
  ) throws(RecoveryError) -> Double {
    let sum = sumOfSquares(column)
    if sum.isFinite, sum > smallestTrustedSquare { return sum.squareRoot() }
    if let i = column.firstIndex(where: { !$0.isFinite }) {
      throw .nonFiniteMatrix(row: i, column: j, value: Double(column[i]))
    }
    let norm = column.map { Double($0) }.norm
    guard norm.isFinite else { throw .columnNormOverflow(column: j) }
    return norm
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
}
