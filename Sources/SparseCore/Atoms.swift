/// The columns of A as the solvers see them: scaled to unit norm, without a second copy of A.
///
/// Atom j is T a_j · `scale[j]`, with T the transform of the rows: the identity in plain least
/// squares. A solver works with T A D, D = diag(scale), and finds coefficients c; the coefficients of
/// the original columns are x = D c. Engines hold A and know D.
///
/// Immutable: all that works on a problem shares one.
public final class Atoms: Sendable {
  /// A as given, m × n. Where A is a dense matrix and a row of weight 0 holds a NaN or an infinity, that
  /// row is zeros here, and A is a copy.
  public let `operator`: any LinearOperator
  /// The factor of every column: 1 / ‖T a_j‖₂, or one for all where atoms are not normalised, or 0 where the
  /// column may not be selected.
  ///
  /// That one is 1, but where the largest norm is beyond 2^±256: there it is the power of two that brings it near one, so
  /// that no square leaves the range of a double.
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
  /// How much of the sparsity these take: their number, or that of their groups.
  package let requiredCount: Int
  /// The groups that are selected as a whole, or nil where each atom stands for itself.
  package let groups: AtomGroups?
  /// Whether atoms have unit norm.
  package let isNormalized: Bool
  /// The factor of columns that are not normalised: a power of two.
  package let unit: Double
  /// T, or nil for the identity.
  package let transform: RowTransform?
  /// The largest norm of an atom: 1 where atoms are normalised, to rounding.
  package let largestNorm: Double
  /// The largest ‖W^½ a_j‖ · scale_j: what an engine's product with Tᵀr is rounded relative to.
  private let largestWeightedNorm: Double
  /// The largest ‖a_j‖ · scale_j, over the rows that take part: of a column as engines hold it.
  package let largestStoredNorm: Double
  /// How many of the columns that every support contains are independent, of each other and of an intercept.
  package let requiredRank: Int
  /// ‖W^½ a_j‖ / ‖T a_j‖ of every column, or nil where nothing is projected out.
  private let cancellations: [Double]?
  /// ‖W^½(a_j − mean)‖₂ of every column where they are standardised and T takes more away than means,
  /// else nil: then it is ‖T a_j‖.
  let centredNorms: [Double]?
  /// The number of columns that may be selected.
  public let usableColumns: Int

  /// The rows of weight 0, in ascending order.
  private let absentRows: [Int]
  /// A where its entries lie in memory, for engines that read them in place; nil for another operator.
  public let dense: DenseMatrix?
  /// Products with atoms where the operator knows the inner products of its columns; nil where atoms are gathered.
  package let products: AtomProducts?

  /// The number of rows, m.
  public let rows: Int
  /// The number of columns, n, zero columns included.
  public let columns: Int

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
    _ operator: any LinearOperator, normalize: Bool = true, model: RecoveryModel = RecoveryModel()
  ) throws(RecoveryError) {
    (rows, columns) = (`operator`.rows, `operator`.columns)
    try model.validate(rows: rows, columns: columns)
    absentRows = model.absentRows
    dense = try (`operator` as? DenseMatrix)?.present(without: absentRows)
    let `operator`: any LinearOperator = dense ?? `operator`
    let transform = try RowTransform(model, `operator`)
    let norms = try ColumnNorms(`operator`, transform, absent: absentRows)
    let columns = norms.given.indices
    let candidates = columns.filter { !model.included.contains($0) && !model.excluded.contains($0) }
    zeroColumns = candidates.filter { norms.transformed[$0] == 0 && !norms.isExplained($0) }
    explainedColumns = candidates.filter(norms.isExplained)
    isNormalized = normalize || model.isStandardized
    unit = isNormalized ? 1 : Self.unit(candidates.map { norms.transformed[$0] })
    var scale = columns.map { _ in 0.0 }
    for j in candidates where norms.transformed[j] > 0 {
      scale[j] = isNormalized ? 1 / norms.transformed[j] : unit
    }
    usableColumns = candidates.count - zeroColumns.count - explainedColumns.count
    required = model.included.sorted()
    requiredCount = model.requiredCount
    groups = model.columnGroups.map { AtomGroups(labels: $0) { scale[$0] != 0 } }
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
    requiredRank = (transform?.basis.count ?? 0) - (model.fitsIntercept ? 1 : 0)
    cancellations =
      transform?.projects == true
      ? zip(norms.weighted, norms.transformed).map { $1 > 0 ? max($0 / $1, 1) : 1 } : nil
    var means = RecoveryModel()
    means.hasIntercept = true
    means.weights = model.weights
    centredNorms =
      model.isStandardized && !model.included.isEmpty
      ? try ColumnNorms(`operator`, RowTransform(means, `operator`), absent: absentRows).transformed
      : nil
    self.scale = scale
    self.operator = `operator`
    self.transform = transform
    products =
      dense == nil
      ? try AtomProducts(`operator`, scale: scale, norms: norms.weighted, transform) : nil
  }

  /// The factor of columns with these norms: it and its reciprocal are normal.
  private static func unit(_ norms: [Double]) -> Double {
    let exponent = (norms.max() ?? 0).extremeExponent
    return Double(sign: .plus, exponent: -min(max(exponent, -1000), 1000), significand: 1)
  }

  /// Writes atom `j`, T a_j · `scale`[j], to the `rows` numbers at `target`: what solvers see.
  package func copyAtom(
    _ j: Int, to target: UnsafeMutablePointer<Double>
  ) throws(RecoveryError) {
    try copyColumn(j, times: scale[j], to: target)
    transform?.apply(to: UnsafeMutableBufferPointer(start: target, count: rows))
  }

  /// Writes the atom of `columns[i]` to the `rows` numbers from `start` + `places[i]` · m on. Of a dense matrix by several
  /// threads, unless that takes no longer than threads need to begin; an operator is asked by one.
  ///
  /// - Throws: what an operator throws that cannot answer.
  package func copyAtoms(
    _ columns: [Int], to start: UnsafeMutablePointer<Double>, at places: [Int], threads: Int
  ) throws(RecoveryError) {
    guard let dense, threads > 1, columns.count * rows >= 1 << 17 else {
      for (j, place) in zip(columns, places) { try copyAtom(j, to: start + place * rows) }
      return
    }
    nonisolated(unsafe) let start = start
    Blocks(count: columns.count, size: 1, threads: threads).forEach { first, count in
      for i in first..<first + count {
        let target = start + places[i] * rows
        dense.copyColumn(columns[i], times: scale[columns[i]], to: target)
        transform?.apply(to: UnsafeMutableBufferPointer(start: target, count: rows))
      }
    }
  }

  /// Atom `j`, T a_j · `scale`[j]: what solvers see.
  public func atom(_ j: Int) throws(RecoveryError) -> [Double] {
    try block([j])
  }

  /// Atoms side by side, m × |columns|.
  package func block(_ columns: [Int]) throws(RecoveryError) -> [Double] {
    var block = [Double](repeating: 0, count: rows * columns.count)
    try block.withUnsafeMutableBufferPointer { (target) throws(RecoveryError) in
      guard let start = target.baseAddress else { return }
      for (place, j) in columns.enumerated() { try copyAtom(j, to: start + place * rows) }
    }
    return block
  }

  /// Column `j` of A as given, times `factor`.
  package func column(_ j: Int, times factor: Double = 1) throws(RecoveryError) -> [Double] {
    var column = [Double](repeating: 0, count: rows)
    try column.withUnsafeMutableBufferPointer { (target) throws(RecoveryError) in
      if let start = target.baseAddress { try copyColumn(j, times: factor, to: start) }
    }
    return column
  }

  private func copyColumn<Target: MatrixScalar>(
    _ j: Int, times factor: Double, to target: UnsafeMutablePointer<Target>
  ) throws(RecoveryError) {
    if let dense {
      dense.copyColumn(j, times: factor, to: target)
    } else {
      try `operator`.copyColumn(j, times: factor, to: target)
    }
  }

  /// Writes `factor` · a_j · `scale`[j], T left out, to the `rows` numbers at `target`: what engines
  /// store, who get Tᵀ r to correlate with. Rows of weight 0 are zeros.
  public func copyStoredColumn<Target: MatrixScalar>(
    _ j: Int, times factor: Double = 1, to target: UnsafeMutablePointer<Target>
  ) throws(RecoveryError) {
    let whole = factor * scale[j]
    try copyColumn(j, times: whole.isFinite ? whole : scale[j], to: target)
    // Where columns are tiny, what makes them near one and what makes that fit a type are beyond a double together.
    if !whole.isFinite { for i in 0..<rows { target[i] *= Target(factor) } }
    for i in absentRows { target[i] = 0 }
  }

  /// Refuses atoms that single precision cannot hold: columns that are not normalised may have any norm.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where the largest norm is beyond the largest number,
  ///   or so small that digits are lost.
  public func requireRange(of precision: Precision) throws(RecoveryError) {
    let least = Float.leastNormalMagnitude / Float.ulpOfOne
    guard precision == .single, largestStoredNorm > 0,
      !(Double(least)...Double(Float.greatestFiniteMagnitude)).contains(largestStoredNorm)
    else { return }
    throw .invalidOption(
      name: "precision", value: "single",
      expected:
        "double for columns with norms up to \(largestStoredNorm), or columns that are normalised")
  }

  /// Tᵀ r: what an engine correlates with the columns of A.
  package func pulledBack(_ r: [Double]) -> [Double] { transform?.transposed(r) ?? r }

  /// By how much the rounding of atom `j` exceeds that of its own entries: ‖W^½ a_j‖ / ‖T a_j‖, at
  /// least 1. A column far from zero whose mean an intercept takes away has lost that many digits.
  package func cancellation(_ j: Int) -> Double { cancellations?[j] ?? 1 }

  /// By how much the rounding of inner products of `atoms` exceeds that of products of their entries: 1 where they are
  /// gathered, else what a difference of squares has lost.
  package func gramCancellation(_ atoms: some Sequence<Int>) -> Double {
    guard products != nil, cancellations != nil else { return 1 }
    let worst = atoms.reduce(1) { max($0, cancellation($1)) }
    return worst * worst
  }

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

  /// How many groups may be selected; how many atoms, where each stands for itself.
  public var usableGroups: Int { groups?.count ?? usableColumns }

  /// The most atoms that a support of so many groups has.
  package func mostAtoms(of groups: Int) -> Int { self.groups?.mostAtoms(of: groups) ?? groups }

  /// How many groups an ascending support of atoms has; its size, where each atom stands for itself.
  public func groupCount(of support: [Int]) -> Int {
    groups?.groups(of: support).count ?? support.count
  }

  /// Whether column `j` may be selected.
  package func isUsable(_ j: Int) -> Bool { scale[j] != 0 }
}

extension DenseMatrix {
  /// This matrix, or a copy with zeros in the rows that take no part where these hold a NaN or an infinity.
  fileprivate func present(without absent: [Int]) throws(RecoveryError) -> DenseMatrix {
    isFinite(inRows: absent) ? self : try zeroing(rows: absent)
  }

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
