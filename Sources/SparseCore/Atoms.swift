/// The columns of A as the solvers see them: scaled to unit norm, without a second copy of A.
///
/// Atom j is T a_j · `scale[j]`, with T the transform of the rows: the identity in plain least
/// squares. A solver works with T A D, D = diag(scale), and finds coefficients c; the coefficients of
/// the original columns are x = D c. Engines hold A and know D.
public struct Atoms: Sendable {
  /// The matrix A as given, m × n. A row of weight 0 that holds a NaN or an infinity is zeros here: A
  /// is then a copy.
  public let matrix: DenseMatrix
  /// The factor of every column: 1 / ‖T a_j‖₂, or 1 where atoms are not normalised, or 0 where the
  /// column may not be selected.
  public let scale: [Double]
  /// The columns that are zero on the rows that take part, in ascending order. They are never
  /// selected.
  ///
  /// A norm below the smallest normal double counts as zero: its reciprocal overflows.
  public let zeroColumns: [Int]
  /// The columns that the intercept and the columns included explain but for rounding, in ascending
  /// order. They are never selected.
  public let explainedColumns: [Int]

  /// The columns that are in every support, in ascending order.
  package let required: [Int]
  /// T, or nil for the identity.
  package let transform: RowTransform?
  /// The largest norm of an atom: 1 where atoms are normalised, to rounding.
  package let largestNorm: Double
  /// The largest ‖W^½ a_j‖ · scale_j: what an engine's product with Tᵀr is rounded relative to.
  private let largestWeightedNorm: Double
  /// The largest ‖a_j‖ · scale_j, over the rows that take part: of a column as engines hold it.
  package let largestStoredNorm: Double
  /// ‖W^½ a_j‖ / ‖T a_j‖ of every column, or nil where nothing is projected out.
  private let cancellations: [Double]?
  /// ‖W^½(a_j − mean)‖₂ of every column where they are standardised and T takes more away than means,
  /// else nil: then it is ‖T a_j‖.
  let centredNorms: [Double]?
  /// The number of columns that may be selected.
  public let usableColumns: Int

  /// The rows of weight 0, in ascending order.
  private let absentRows: [Int]

  /// The number of rows, m.
  public var rows: Int { matrix.rows }
  /// The number of columns, n, zero columns included.
  public var columns: Int { matrix.columns }

  /// Computes the norms, reading A once: m · n elements.
  ///
  /// - Parameters:
  ///   - normalize: whether atoms have unit norm. The theory of SEA assumes it, and every pursuit
  ///     that compares correlations needs it to be fair to small columns.
  ///   - model: what is fitted beside. What stands in rows of weight 0 is not looked at.
  /// - Throws: ``RecoveryError/nonFiniteMatrix(row:column:value:)`` for the first NaN or infinity,
  ///   ``RecoveryError/columnNormOverflow(column:)``,
  ///   ``RecoveryError/noUsableColumn(columns:zero:explained:excluded:)`` when no column may be in a
  ///   support, ``RecoveryError/outOfMemory(bytes:)``, or what an inconsistent model does.
  public init(
    _ matrix: DenseMatrix, normalize: Bool = true, model: Model = Model()
  ) throws(RecoveryError) {
    try model.validate(rows: matrix.rows, columns: matrix.columns)
    absentRows = model.absentRows
    let matrix =
      matrix.isFinite(inRows: absentRows) ? matrix : try matrix.zeroing(rows: absentRows)
    let transform = RowTransform(model, matrix)
    let norms = try ColumnNorms(matrix, transform, absent: absentRows)
    let columns = norms.given.indices
    let candidates = columns.filter { !model.included.contains($0) && !model.excluded.contains($0) }
    zeroColumns = candidates.filter { norms.transformed[$0] == 0 && !norms.isExplained($0) }
    explainedColumns = candidates.filter(norms.isExplained)
    var scale = columns.map { _ in 0.0 }
    for j in candidates where norms.transformed[j] > 0 {
      scale[j] = normalize || model.isStandardized ? 1 / norms.transformed[j] : 1
    }
    usableColumns = candidates.count - zeroColumns.count - explainedColumns.count
    required = model.included.sorted()
    guard usableColumns + required.count > 0 else {
      throw .noUsableColumn(
        columns: columns.count, zero: zeroColumns.count, explained: explainedColumns.count,
        excluded: model.excluded.count)
    }
    func largest(_ norms: [Double]) -> Double {
      zip(norms, scale).reduce(0) { max($0, $1.0 * $1.1) }
    }
    largestNorm = largest(norms.transformed)
    largestWeightedNorm = largest(norms.weighted)
    largestStoredNorm = largest(norms.given)
    cancellations =
      transform?.projects == true
      ? zip(norms.weighted, norms.transformed).map { $1 > 0 ? max($0 / $1, 1) : 1 } : nil
    var means = Model()
    means.hasIntercept = true
    means.weights = model.weights
    centredNorms =
      model.isStandardized && !model.included.isEmpty
      ? try ColumnNorms(matrix, RowTransform(means, matrix), absent: absentRows).transformed : nil
    self.scale = scale
    self.matrix = matrix
    self.transform = transform
  }

  /// Writes atom `j`, T a_j · `scale`[j], to the `rows` numbers at `target`: what solvers see.
  package func copyAtom(_ j: Int, to target: UnsafeMutablePointer<Double>) {
    matrix.copyColumn(j, times: scale[j], to: target)
    transform?.apply(to: UnsafeMutableBufferPointer(start: target, count: rows))
  }

  /// Atom `j`, T a_j · `scale`[j]: what solvers see.
  package func atom(_ j: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: rows) { entries, count in
      if let start = entries.baseAddress { copyAtom(j, to: start) }
      count = rows
    }
  }

  /// Writes `factor` · a_j · `scale`[j], T left out, to the `rows` numbers at `target`: what engines
  /// store, who get Tᵀ r to correlate with. Rows of weight 0 are zeros.
  package func copyStoredColumn<Target: MatrixScalar>(
    _ j: Int, times factor: Double = 1, to target: UnsafeMutablePointer<Target>
  ) {
    matrix.copyColumn(j, times: factor * scale[j], to: target)
    for i in absentRows { target[i] = 0 }
  }

  /// Tᵀ r: what an engine correlates with the columns of A.
  package func pulledBack(_ r: [Double]) -> [Double] { transform?.transposed(r) ?? r }

  /// By how much the rounding of atom `j` exceeds that of its own entries: ‖W^½ a_j‖ / ‖T a_j‖, at
  /// least 1. A column far from zero whose mean an intercept takes away has lost that many digits.
  package func cancellation(_ j: Int) -> Double { cancellations?[j] ?? 1 }

  /// How far an engine's correlation of an atom with a unit vector may be off, at most, when sums of m
  /// products are rounded by `sumRoundoff` relative to the norms of their factors, and stored columns
  /// by `storageRoundoff`.
  package func correlationError(sumRoundoff: Double, storageRoundoff: Double) -> Double {
    sumRoundoff * largestWeightedNorm
      + storageRoundoff * (transform?.norm ?? 1) * largestStoredNorm
  }

  /// W^½ v.
  package func weighted(_ v: [Double]) -> [Double] { transform?.weighted(v) ?? v }

  /// The columns that may be selected, in ascending order: O(n).
  package var usable: [Int] { (0..<columns).filter(isUsable) }

  /// Whether column `j` may be selected.
  package func isUsable(_ j: Int) -> Bool { scale[j] != 0 }
}

extension DenseMatrix {
  /// Whether the entries of these rows are all finite: |rows| · n of them.
  fileprivate func isFinite(inRows rows: [Int]) -> Bool {
    (0..<columns).allSatisfy { j in rows.allSatisfy { self[$0, j].isFinite } }
  }

  /// A copy with zeros in these rows: m · n elements.
  fileprivate func zeroing(rows: [Int]) throws(RecoveryError) -> DenseMatrix {
    switch self {
    case .double(let entries): .double(try entries.zeroing(rows: rows))
    case .single(let entries): .single(try entries.zeroing(rows: rows))
    }
  }
}

extension Matrix {
  fileprivate func zeroing(rows absent: [Int]) throws(RecoveryError) -> Matrix {
    try Matrix(rows: rows, columns: columns) { target in
      for j in 0..<columns {
        let start = j * rows
        _ = target[start..<start + rows].initialize(fromContentsOf: column(j))
        for i in absent { target[start + i] = 0 }
      }
    }
  }
}
