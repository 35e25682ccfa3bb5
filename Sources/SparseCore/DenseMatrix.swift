/// A matrix in either precision, as it came from the caller or from a file: the linear operator whose
/// entries lie in memory, where backends read them in place.
public enum DenseMatrix: LinearOperator {
  /// Entries of 8 bytes.
  case double(Matrix<Double>)
  /// Entries of 4 bytes.
  case single(Matrix<Float>)

  /// The number of rows, m.
  public var rows: Int {
    switch self {
    case .double(let matrix): matrix.rows
    case .single(let matrix): matrix.rows
    }
  }

  /// The number of columns, n.
  public var columns: Int {
    switch self {
    case .double(let matrix): matrix.columns
    case .single(let matrix): matrix.columns
    }
  }

  /// The format of the entries.
  public var precision: Precision {
    switch self {
    case .double: .double
    case .single: .single
    }
  }

  /// The entry in row `i` and column `j`.
  public subscript(i: Int, j: Int) -> Double {
    switch self {
    case .double(let matrix): matrix[i, j]
    case .single(let matrix): Double(matrix[i, j])
    }
  }

  /// Of the sizes and at most 65 536 entries, evenly spaced in column-major order: not a pass over A.
  public var fingerprint: UInt64 {
    var checksum = Checksum()
    checksum.add(UInt64(rows))
    for place in stride(from: 0, to: rows * columns, by: max(1, rows * columns / (1 << 16))) {
      checksum.add(self[place % rows, place / rows].bitPattern)
    }
    return checksum.value
  }

  /// Copies columns: no faster way than to read the entries in place.
  public func copyColumns(_ columns: [Int], into target: inout MutableSpan<Double>) {
    for (place, j) in columns.enumerated() {
      for i in 0..<rows { target[place * rows + i] = self[i, j] }
    }
  }

  /// Writes `factor` · a_j to the `rows` numbers at `target`, rounding once to `Target`.
  @specialized(where Target == Float)
  @specialized(where Target == Double)
  package func copyColumn<Target: MatrixScalar>(
    _ j: Int, times factor: Double, to target: UnsafeMutablePointer<Target>
  ) {
    switch self {
    case .double(let matrix): Self.copy(matrix.column(j), times: factor, to: target)
    case .single(let matrix): Self.copy(matrix.column(j), times: factor, to: target)
    }
  }

  private static func copy<Source: MatrixScalar, Target: MatrixScalar>(
    _ source: UnsafeBufferPointer<Source>, times factor: Double,
    to target: UnsafeMutablePointer<Target>
  ) {
    for i in source.indices { target[i] = Target(Double(source[i]) * factor) }
  }
}
