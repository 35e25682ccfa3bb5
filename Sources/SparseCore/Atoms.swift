/// The columns of A as the solvers see them: scaled to unit norm, without a second copy of A.
///
/// Atom j is `scale[j]` · a_j. A solver works with A·D, D = diag(scale), and finds coefficients c;
/// the coefficients of the original columns are x = D c.
public struct Atoms: Sendable {
  /// The matrix A as given, m × n.
  public let matrix: DenseMatrix
  /// The factor of every column: 1 / ‖a_j‖₂, or 1 where atoms are not normalised, or 0 where the
  /// column may not be selected.
  public let scale: [Double]
  /// The columns that are zero, in ascending order. They are never selected.
  ///
  /// A norm below the smallest normal double counts as zero: its reciprocal overflows.
  public let zeroColumns: [Int]

  /// The largest ‖a_j‖₂ of an atom: 1 where atoms are normalised, to rounding.
  package let largestNorm: Double

  /// The number of rows, m.
  public var rows: Int { matrix.rows }
  /// The number of columns, n, zero columns included.
  public var columns: Int { matrix.columns }
  /// The number of columns that may be selected.
  public var usableColumns: Int { columns - zeroColumns.count }

  /// Computes the norms, reading A once: m · n elements.
  ///
  /// - Parameter normalize: whether atoms have unit norm. The theory of SEA assumes it, and every
  ///   pursuit that compares correlations needs it to be fair to small columns.
  /// - Throws: ``RecoveryError/nonFiniteMatrix(row:column:value:)`` for the first NaN or infinity,
  ///   ``RecoveryError/columnNormOverflow(column:)``, or
  ///   ``RecoveryError/noUsableColumn(columns:)`` when every column is zero.
  public init(_ matrix: DenseMatrix, normalize: Bool = true) throws(RecoveryError) {
    let norms =
      switch matrix {
      case .double(let entries): try Self.columnNorms(entries)
      case .single(let entries): try Self.columnNorms(entries)
      }
    self.matrix = matrix
    zeroColumns = norms.indices.filter { norms[$0] < Double.leastNormalMagnitude }
    guard zeroColumns.count < norms.count else { throw .noUsableColumn(columns: norms.count) }
    scale = norms.map { $0 < Double.leastNormalMagnitude ? 0 : normalize ? 1 / $0 : 1 }
    largestNorm = normalize ? 1 : norms.reduce(0, max)
  }

  /// Writes atom `j` to the `rows` numbers at `target`.
  package func copy<Target: MatrixScalar>(_ j: Int, to target: UnsafeMutablePointer<Target>) {
    matrix.copyColumn(j, times: scale[j], to: target)
  }

  /// Whether column `j` may be selected.
  package func isUsable(_ j: Int) -> Bool { scale[j] != 0 }
}
