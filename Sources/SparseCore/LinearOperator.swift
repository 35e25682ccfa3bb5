/// A linear map A from coefficients in ℝⁿ to observations in ℝᵐ: a matrix in memory, a convolution, a
/// sparse matrix, a function of the caller's.
///
/// Only the sizes, a fingerprint and columns are required. The products have defaults that read every
/// column, 2 · m · n flops; an operator with a faster way overrides them. One that knows inner products of its columns
/// says so by ``gram(_:_:weights:)``, and is then solved without gathering any. All backends take every
/// operator: the processor multiplies by it where it is, an OpenCL device holds its columns as a dense
/// matrix.
///
/// Several threads may call at once. Calls with equal arguments give equal bits.
public protocol LinearOperator: Sendable {
  /// The number of rows, m ≥ 1.
  var rows: Int { get }
  /// The number of columns, n ≥ 1.
  var columns: Int { get }
  /// A hash of everything the operator holds, the same in every run: what a checkpoint is told apart by.
  var fingerprint: UInt64 { get }

  /// Writes columns of A side by side: m numbers for each.
  ///
  /// - Throws: ``RecoveryError/operatorFailure(_:)`` when the operator cannot answer.
  func copyColumns(
    _ columns: [Int], into target: inout MutableSpan<Double>
  ) throws(RecoveryError)

  /// y ← A x, for x of length n and y of length m.
  ///
  /// - Throws: ``RecoveryError/operatorFailure(_:)`` when the operator cannot answer.
  func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) throws(RecoveryError)

  /// z ← Aᵀ r, for r of length m and z of length n.
  ///
  /// - Throws: ``RecoveryError/operatorFailure(_:)`` when the operator cannot answer.
  func adjoint(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws(RecoveryError)

  /// The inner products of columns, A_IᵀW A_J with W = diag(`weights`): |I| × |J|, column after column; nil where
  /// they are to be made of the columns.
  ///
  /// Least squares on an operator that answers gathers no columns, m numbers each: products of A make residuals, these
  /// the normal equations. An operator answers for all lists or for none, for the same weights. Each product is off
  /// by m roundings of ‖W^½a_i‖ ‖W^½a_j‖ at most.
  ///
  /// - Parameter weights: m numbers of at least 0, or nil for ones.
  /// - Throws: ``RecoveryError/operatorFailure(_:)`` when the operator cannot answer.
  func gram(
    _ I: [Int], _ J: [Int], weights: [Double]?
  ) throws(RecoveryError) -> [Double]?

  /// ‖W^½a_j‖² of every column, to m roundings; nil where the columns are to be read for them, m · n numbers.
  ///
  /// - Parameter weights: m numbers of at least 0, or nil for ones.
  /// - Throws: ``RecoveryError/operatorFailure(_:)`` when the operator cannot answer.
  func squaredNorms(weights: [Double]?) throws(RecoveryError) -> [Double]?
}

extension LinearOperator {
  /// Nil: inner products are made of columns.
  public func gram(
    _ I: [Int], _ J: [Int], weights: [Double]?
  ) throws(RecoveryError) -> [Double]? { nil }

  /// Nil: norms are made of columns.
  public func squaredNorms(weights: [Double]?) throws(RecoveryError) -> [Double]? { nil }

  /// Σ_j x_j a_j, column after column: 2 · m · n flops.
  public func apply(
    _ x: Span<Double>, into y: inout MutableSpan<Double>
  ) throws(RecoveryError) {
    for i in 0..<rows { y[i] = 0 }
    var column = [Double](repeating: 0, count: rows)
    for j in 0..<columns where x[j] != 0 {
      try copyColumn(j, into: &column)
      for i in 0..<rows { y[i] += x[j] * column[i] }
    }
  }

  /// a_jᵀ r, column after column: 2 · m · n flops.
  public func adjoint(
    _ r: Span<Double>, into z: inout MutableSpan<Double>
  ) throws(RecoveryError) {
    var column = [Double](repeating: 0, count: rows)
    for j in 0..<columns {
      try copyColumn(j, into: &column)
      var sum = 0.0
      for i in 0..<rows { sum += column[i] * r[i] }
      z[j] = sum
    }
  }

  /// A x, m numbers.
  package func applied(to x: [Double]) throws(RecoveryError) -> [Double] {
    var y = [Double](repeating: 0, count: rows)
    var span = y.mutableSpan
    try apply(x.span, into: &span)
    return y
  }

  /// Aᵀ r, n numbers.
  package func correlations(with r: [Double]) throws(RecoveryError) -> [Double] {
    var z = [Double](repeating: 0, count: columns)
    var span = z.mutableSpan
    try adjoint(r.span, into: &span)
    return z
  }

  /// Column `j`, m numbers.
  public func column(_ j: Int) throws(RecoveryError) -> [Double] {
    var column = [Double](repeating: 0, count: rows)
    try copyColumn(j, into: &column)
    return column
  }

  /// column ← a_j, for m numbers.
  private func copyColumn(_ j: Int, into column: inout [Double]) throws(RecoveryError) {
    var span = column.mutableSpan
    try copyColumns([j], into: &span)
  }

  /// Writes `factor` · a_j to the `rows` numbers at `target`, rounding once to `Target`.
  package func copyColumn<Target: MatrixScalar>(
    _ j: Int, times factor: Double, to target: UnsafeMutablePointer<Target>
  ) throws(RecoveryError) {
    write(try column(j), times: factor, to: target)
  }
}

/// Writes `factor` · v, rounding once to `Target`.
@specialized(where Target == Float)
@specialized(where Target == Double)
private func write<Target: MatrixScalar>(
  _ v: [Double], times factor: Double, to target: UnsafeMutablePointer<Target>
) {
  for i in v.indices { target[i] = Target(v[i] * factor) }
}

/// A 64-bit hash of words, the same on every machine: FNV-1a with a shift, so that high bits mix with
/// low ones. Another word anywhere always gives another hash.
public struct Checksum: Sendable {
  /// The hash of the words so far.
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Of no words.
  public init() {}

  /// Adds a word.
  public mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01B3
    value ^= value >> 29
  }

  /// Adds bytes, a word each.
  package mutating func add(bytes: some Sequence<UInt8>) {
    for byte in bytes { add(UInt64(byte)) }
  }
}
