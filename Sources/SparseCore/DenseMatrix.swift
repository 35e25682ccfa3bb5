/// A matrix in either precision, as it came from the caller or from a file.
public enum DenseMatrix: Sendable {
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
