/// The columns of A as the solvers see them: scaled to unit norm, without a second copy of A.
///
/// Atom j is T a_j · `scale[j]`, with T the transform of the rows: the identity in plain least
/// squares. A solver works with T A D, D = diag(scale), and finds coefficients c; the coefficients of
/// the original columns are x = D c. Engines hold A and know D.
public struct Atoms: Sendable {
  /// The matrix A as given, m × n.
  public let matrix: DenseMatrix
  /// The factor of every column: 1 / ‖T a_j‖₂, or 1 where atoms are not normalised, or 0 where the
  /// column may not be selected.
  public let scale: [Double]
  /// The columns whose atom is zero, in ascending order. They are never selected.
  ///
  /// A norm below the smallest normal double counts as zero: its reciprocal overflows. So does what
  /// rounding leaves of a combination of the intercept and the columns included.
  public let zeroColumns: [Int]

  /// The columns that are in every support, in ascending order.
  package let required: [Int]
  /// T, or nil for the identity.
  package let transform: RowTransform?
  /// The largest norm of an atom: 1 where atoms are normalised, to rounding.
  package let largestNorm: Double
  /// The largest ‖Tᵀ‖ · ‖a_j‖ · scale_j: what an engine's product is rounded relative to.
  package let largestEngineNorm: Double
  /// The number of columns that may be selected.
  public let usableColumns: Int

  /// The number of rows, m.
  public var rows: Int { matrix.rows }
  /// The number of columns, n, zero columns included.
  public var columns: Int { matrix.columns }

  /// Computes the norms, reading A once: m · n elements.
  ///
  /// - Parameters:
  ///   - normalize: whether atoms have unit norm. The theory of SEA assumes it, and every pursuit
  ///     that compares correlations needs it to be fair to small columns.
  ///   - model: what is fitted beside.
  /// - Throws: ``RecoveryError/nonFiniteMatrix(row:column:value:)`` for the first NaN or infinity,
  ///   ``RecoveryError/columnNormOverflow(column:)``,
  ///   ``RecoveryError/noUsableColumn(columns:)`` when every column is zero or excluded, or what an
  ///   inconsistent model does.
  public init(
    _ matrix: DenseMatrix, normalize: Bool = true, model: Model = Model()
  ) throws(RecoveryError) {
    try model.validate(rows: matrix.rows, columns: matrix.columns)
    let given =
      switch matrix {
      case .double(let entries): try Self.columnNorms(entries)
      case .single(let entries): try Self.columnNorms(entries)
      }
    let transform = RowTransform(model, matrix)
    let norms =
      if let transform { Self.columnNorms(matrix, transform, given: given) } else { given }
    let isBarred = norms.indices.map { model.included.contains($0) || model.excluded.contains($0) }
    zeroColumns = norms.indices.filter { norms[$0] < .leastNormalMagnitude && !isBarred[$0] }
    scale = norms.indices.map { j in
      if isBarred[j] || norms[j] < .leastNormalMagnitude { return 0 }
      return normalize || model.isStandardized ? 1 / norms[j] : 1
    }
    usableColumns = scale.count { $0 != 0 }
    required = model.included.sorted()
    guard usableColumns + required.count > 0 else { throw .noUsableColumn(columns: norms.count) }
    largestNorm = zip(norms, scale).reduce(0) { max($0, $1.0 * $1.1) }
    largestEngineNorm =
      (transform?.norm ?? 1) * zip(given, scale).reduce(0) { max($0, $1.0 * $1.1) }
    self.matrix = matrix
    self.transform = transform
  }

  /// Writes a_j · `scale`[j], as engines hold it, to the `rows` numbers at `target`.
  package func copy<Target: MatrixScalar>(_ j: Int, to target: UnsafeMutablePointer<Target>) {
    matrix.copyColumn(j, times: scale[j], to: target)
  }

  /// Writes atom `j` to the `rows` numbers at `target`.
  package func gather(_ j: Int, to target: UnsafeMutablePointer<Double>) {
    matrix.copyColumn(j, times: scale[j], to: target)
    transform?.apply(to: UnsafeMutableBufferPointer(start: target, count: rows))
  }

  /// Tᵀ r: what an engine correlates with the columns of A.
  package func pulledBack(_ r: [Double]) -> [Double] { transform?.transposed(r) ?? r }

  /// W^½ v.
  package func weighted(_ v: [Double]) -> [Double] { transform?.weighted(v) ?? v }

  /// Whether column `j` may be selected.
  package func isUsable(_ j: Int) -> Bool { scale[j] != 0 }
}
