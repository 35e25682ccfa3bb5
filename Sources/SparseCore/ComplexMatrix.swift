/// A complex m × n matrix as a real linear operator, its *real form*.
///
/// Real and imaginary parts of rows, and of entries of vectors, take turns: the operator has 2m rows and 2n columns, of
/// which column 2j is c_j and column 2j + 1 is i c_j. A vector of interleaved parts is what complex numbers are in memory,
///
///     (Re y₀, Im y₀, Re y₁, Im y₁, …),
///
/// and A x, ‖y‖₂ and Re⟨a, b⟩ are the same in both forms. With columns 2j and 2j + 1 in one group
/// (``RecoveryModel/realForm(rows:columns:)``) a support of k groups is one of k complex columns.
///
/// The matrix is held once, 2 · m · n numbers, though its real form has twice as many.
public struct ComplexMatrix: LinearOperator {
  /// The real and the imaginary part of entry (i, j) in rows 2i and 2i + 1 of column j: a complex matrix in
  /// column-major order, as it lies in memory.
  public let parts: DenseMatrix

  /// 2m.
  public var rows: Int { parts.rows }
  /// 2n.
  public var columns: Int { 2 * parts.columns }

  /// - Parameter parts: 2m × n numbers.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for an odd number of rows.
  public init(parts: DenseMatrix) throws(RecoveryError) {
    guard parts.rows.isMultiple(of: 2) else {
      throw .invalidOption(
        name: "parts", value: "\(parts.rows) rows",
        expected: "a real and an imaginary part of every row, an even number")
    }
    self.parts = parts
  }

  /// A real matrix as a complex one, a copy with imaginary parts of zero: 2 · m · n numbers.
  ///
  /// - Throws: ``RecoveryError/matrixTooLarge(rows:columns:)`` or ``RecoveryError/outOfMemory(bytes:)``.
  public init(real matrix: DenseMatrix) throws(RecoveryError) {
    func widened<Scalar: MatrixScalar>(
      _ real: Matrix<Scalar>
    ) throws(RecoveryError) -> Matrix<Scalar> {
      guard real.rows <= Int32.max / 2 else {
        throw .matrixTooLarge(rows: real.rows, columns: real.columns)
      }
      return try Matrix(rows: 2 * real.rows, columns: real.columns) { target in
        for p in target.indices {
          let (i, j) = (p % (2 * real.rows), p / (2 * real.rows))
          target.initializeElement(at: p, to: i.isMultiple(of: 2) ? real[i / 2, j] : 0)
        }
      }
    }
    parts =
      switch matrix {
      case .double(let real): .double(try widened(real))
      case .single(let real): .single(try widened(real))
      }
  }

  /// That of the parts.
  public var fingerprint: UInt64 {
    var checksum = Checksum()
    checksum.add(2)
    checksum.add(parts.fingerprint)
    return checksum.value
  }

  /// c_j, or i c_j = (−Im c_j, Re c_j).
  public func copyColumns(_ columns: [Int], into target: inout MutableSpan<Double>) {
    for (place, j) in columns.enumerated() {
      parts.withColumn(j / 2) { re, im, row in
        let start = place * rows + row
        (target[start], target[start + 1]) = j.isMultiple(of: 2) ? (re, im) : (-im, re)
      }
    }
  }

  /// y ← A x: 8 flops for each entry of a column whose coefficient is not zero.
  public func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    for i in 0..<rows { y[i] = 0 }
    for j in 0..<parts.columns {
      let (u, v) = (x[2 * j], x[2 * j + 1])
      guard u != 0 || v != 0 else { continue }
      parts.withColumn(j) { re, im, row in
        y[row] += u * re - v * im
        y[row + 1] += u * im + v * re
      }
    }
  }

  /// z ← Aᵀ r, which is C* r: 8 flops for each entry.
  public func adjoint(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    for j in 0..<parts.columns {
      var (u, v) = (0.0, 0.0)
      parts.withColumn(j) { re, im, row in
        u += re * r[row] + im * r[row + 1]
        v += re * r[row + 1] - im * r[row]
      }
      (z[2 * j], z[2 * j + 1]) = (u, v)
    }
  }

  /// ‖W^½c_j‖² and ‖W^½ i c_j‖² of every complex column, which are equal where both parts of a row have one weight.
  public func squaredNorms(weights: [Double]?) -> [Double]? {
    var squares: [Double] = []
    squares.reserveCapacity(columns)
    for j in 0..<parts.columns {
      var (one, other) = (0.0, 0.0)
      guard let weights else {
        parts.withColumn(j) { re, im, _ in one += re * re + im * im }
        squares += [one, one]
        continue
      }
      parts.withColumn(j) { re, im, row in
        let (w, v) = (weights[row], weights[row + 1])
        one += w * re * re + v * im * im
        other += w * im * im + v * re * re
      }
      squares += [one, other]
    }
    return squares
  }
}

extension DenseMatrix {
  /// Calls `body` with both parts of every row of complex column `j`, and the row of the first.
  fileprivate func withColumn(_ j: Int, _ body: (Double, Double, Int) -> Void) {
    switch self {
    case .double(let matrix):
      let column = matrix.column(j)
      for i in stride(from: 0, to: column.count, by: 2) { body(column[i], column[i + 1], i) }
    case .single(let matrix):
      let column = matrix.column(j)
      for i in stride(from: 0, to: column.count, by: 2) {
        body(Double(column[i]), Double(column[i + 1]), i)
      }
    }
  }
}
