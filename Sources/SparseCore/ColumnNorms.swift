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
    _ operator: any LinearOperator, _ transform: RowTransform?, absent: [Int]
  ) throws(RecoveryError) {
    if let known = try Self(known: `operator`, transform, absent: absent) {
      self = known
    } else {
      self = try Self(reading: `operator`, transform, absent: absent)
    }
    if let j = weighted.firstIndex(where: { !$0.isFinite }) { throw .columnNormOverflow(column: j) }
  }

  private init(
    reading operator: any LinearOperator, _ transform: RowTransform?, absent: [Int]
  ) throws(RecoveryError) {
    let dense = `operator` as? DenseMatrix
    given =
      switch dense {
      case .double(let entries) where absent.isEmpty: try Self.norms(of: entries)
      case .single(let entries) where absent.isEmpty: try Self.norms(of: entries)
      default: try Self.norms(of: `operator`, without: absent)
      }
    weighted = given
    transformed = given.map(Self.significant)
    guard let transform else { return }
    if let dense {
      transformDense(dense, transform)
    } else {
      var column = [Double](repeating: 0, count: `operator`.rows)
      for j in given.indices where transformed[j] > 0 {
        let exponent = Self.exponent(given[j])
        try column.withUnsafeMutableBufferPointer { (column) throws(RecoveryError) in
          guard let start = column.baseAddress else { return }
          try `operator`.copyColumn(j, times: 1.0.scaled(by: -exponent), to: start)
          (weighted[j], transformed[j]) = Self.norms(of: column, under: transform, exponent)
        }
      }
    }
  }

  /// The norms that the operator knows: ‖T a‖² = ‖W^½a‖² − ‖Qᵀ W^½a‖², a product with A for every direction of Q.
  /// Columns of which little is left are read, and those whose squares left the range of a double.
  private init?(
    known operator: any LinearOperator, _ transform: RowTransform?, absent: [Int]
  ) throws(RecoveryError) {
    let m = `operator`.rows
    var presence: [Double]?
    if !absent.isEmpty {
      var ones = [Double](repeating: 1, count: m)
      for i in absent { ones[i] = 0 }
      presence = ones
    }
    guard let squares = try `operator`.squaredNorms(weights: presence) else { return nil }
    var weighted = squares
    if let weights = transform?.weights {
      guard let squares = try `operator`.squaredNorms(weights: weights) else { return nil }
      weighted = squares
    }
    var rest = weighted
    for q in transform?.basis ?? [] {
      let products = try `operator`.correlations(with: transform?.weighted(q) ?? q)
      for j in rest.indices { rest[j] -= products[j] * products[j] }
    }
    given = squares.map { $0.squareRoot() }
    self.weighted = weighted.map { $0.squareRoot() }
    transformed = rest.map { $0 > 0 ? $0.squareRoot() : 0 }
    // Of many columns there may be hardly an entry: to read all rows of each would take m · n.
    let sparse = `operator` as? SparseMatrix
    for j in squares.indices {
      if sparse?.isZero(column: j) == true { continue }
      let isTrusted = [squares[j], weighted[j]].allSatisfy {
        $0.isFinite && $0 > Self.smallestTrustedSquare
      }
      if isTrusted, rest[j] > Self.leastRest * weighted[j] { continue }
      var column = try `operator`.column(j)
      for i in absent where !column[i].isFinite {
        throw .nonFiniteMatrix(row: i, column: j, value: column[i])
      }
      for i in absent { column[i] = 0 }
      given[j] = try column.withUnsafeBufferPointer { (column) throws(RecoveryError) in
        try Self.norm(of: column, j)
      }
      (self.weighted[j], transformed[j]) = (given[j], Self.significant(given[j]))
      guard let transform, transformed[j] > 0 else { continue }
      let exponent = Self.exponent(given[j])
      for i in column.indices { column[i] = column[i].scaled(by: -exponent) }
      (self.weighted[j], transformed[j]) = column.withUnsafeMutableBufferPointer {
        Self.norms(of: $0, under: transform, exponent)
      }
    }
  }

  /// Where T leaves less than this of ‖W^½a‖², a difference of squares has lost three digits.
  private static var leastRest: Double { 1e-3 }

  /// The norms under T, each column on one of several threads.
  private mutating func transformDense(_ matrix: DenseMatrix, _ transform: RowTransform) {
    let given = given
    weighted.withUnsafeMutableBufferPointer { weighted in
      transformed.withUnsafeMutableBufferPointer { transformed in
        nonisolated(unsafe) let (weighted, transformed) = (weighted, transformed)
        Self.blocks(matrix.rows, matrix.columns).forEach { first, count in
          withUnsafeTemporaryAllocation(of: Double.self, capacity: matrix.rows) { column in
            column.initialize(repeating: 0)
            guard let start = column.baseAddress else { return }
            for j in first..<first + count where transformed[j] > 0 {
              let exponent = Self.exponent(given[j])
              matrix.copyColumn(j, times: 1.0.scaled(by: -exponent), to: start)
              (weighted[j], transformed[j]) = Self.norms(of: column, under: transform, exponent)
            }
          }
        }
      }
    }
  }

  /// The norms under W^½ and T of a column that was multiplied by 2^−`exponent`, which is changed.
  private static func norms(
    of column: UnsafeMutableBufferPointer<Double>, under transform: RowTransform, _ exponent: Int
  ) -> (weighted: Double, transformed: Double) {
    transform.weigh(column)
    let before = column.norm
    var after = before
    if transform.projects {
      transform.project(column)
      after = column.norm
      if after <= RowTransform.rounding * before { after = 0 }
    }
    return (before.scaled(by: exponent), significant(after.scaled(by: exponent)))
  }

  /// What brings a column near one, so that no square overflows.
  private static func exponent(_ norm: Double) -> Int { Int(norm.exponent) }

  /// Columns for each thread to work on, about 256 KB.
  private static func blocks(_ rows: Int, _ columns: Int) -> Blocks {
    Blocks(
      count: columns, size: max(1, (256 << 10) / (8 * rows)), threads: AvailableCores.count)
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
    norms.withUnsafeMutableBufferPointer { norms in
      nonisolated(unsafe) let norms = norms
      blocks(matrix.rows, matrix.columns).forEach { first, count in
        for j in first..<first + count { norms[j] = trustedNorm(of: matrix.column(j)) ?? .nan }
      }
    }
    for j in norms.indices where norms[j].isNaN { norms[j] = try norm(of: matrix.column(j), j) }
    return norms
  }

  /// By columns, several at a time. Where entries are not in memory, those of absent rows must be finite
  /// too: a product with zero would not hide them.
  private static func norms(
    of operator: any LinearOperator, without absent: [Int]
  ) throws(RecoveryError) -> [Double] {
    let (m, n) = (`operator`.rows, `operator`.columns)
    let width = min(n, max(1, (256 << 10) / (8 * m)))
    var block = [Double](repeating: 0, count: m * width)
    var norms = [Double](repeating: 0, count: n)
    for first in stride(from: 0, to: n, by: width) {
      let group = Array(first..<min(first + width, n))
      try copy(group, of: `operator`, to: &block)
      for (place, j) in group.enumerated() {
        for i in absent where !block[place * m + i].isFinite {
          throw .nonFiniteMatrix(row: i, column: j, value: block[place * m + i])
        }
        for i in absent { block[place * m + i] = 0 }
        norms[j] = try block.withUnsafeBufferPointer { (block) throws(RecoveryError) in
          try norm(of: UnsafeBufferPointer(rebasing: block[place * m..<(place + 1) * m]), j)
        }
      }
    }
    return norms
  }

  private static func copy(
    _ columns: [Int], of operator: any LinearOperator, to block: inout [Double]
  ) throws(RecoveryError) {
    var target = block.mutableSpan
    try `operator`.copyColumns(columns, into: &target)
  }

  /// ‖a‖₂ of column `j`, with the finiteness of every entry checked on the way.
  private static func norm<Scalar: MatrixScalar>(
    of column: UnsafeBufferPointer<Scalar>, _ j: Int
  ) throws(RecoveryError) -> Double {
    if let norm = trustedNorm(of: column) { return norm }
    if let i = column.firstIndex(where: { !$0.isFinite }) {
      throw .nonFiniteMatrix(row: i, column: j, value: Double(column[i]))
    }
    let norm = column.map { Double($0) }.norm
    guard norm.isFinite else { throw .columnNormOverflow(column: j) }
    return norm
  }

  /// ‖a‖₂ of finite entries whose squares neither overflow nor underflow, or nil.
  private static func trustedNorm<Scalar: MatrixScalar>(
    of column: UnsafeBufferPointer<Scalar>
  ) -> Double? {
    let sum = sumOfSquares(column)
    return sum.isFinite && sum > smallestTrustedSquare ? sum.squareRoot() : nil
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

extension Sequence<Double> {
  /// Σ xᵢ², in order, for numbers whose squares neither overflow nor underflow.
  @inlinable package var squaredNorm: Double { reduce(0) { $0 + $1 * $1 } }
}

// Inlinable, so that callers in other modules do not go through a collection that they know nothing of.
extension Collection<Double> {
  /// ‖x‖₂ of numbers of any size: the largest is brought near one first, by a power of two, which
  /// rounds nothing. Infinite where the norm is beyond the largest double.
  @inlinable package var norm: Double {
    let square = squaredNorm
    if square.isFinite, square > 0x1p-900 { return square.squareRoot() }
    return nearOne.squaredNorm.squareRoot().scaled(by: largestExponent)
  }

  /// x divided by 2^``largestExponent``.
  @inlinable package var nearOne: [Double] {
    let exponent = largestExponent
    return map { $0.scaled(by: -exponent) }
  }

  /// e of the largest |xᵢ| = 1.… · 2^e; 0 where all are zero.
  @inlinable package var largestExponent: Int {
    let largest = reduce(0) { Swift.max($0, abs($1)) }
    return largest > 0 && largest.isFinite ? Int(largest.exponent) : 0
  }
}

extension Double {
  /// e of self = 1.… · 2^e where it is beyond 2^±256, so that squares, or products of two squares, may leave the range of
  /// a double: what to divide by. 0 where nothing has to be done, and of zero.
  package var extremeExponent: Int {
    isNormal || isSubnormal ? (abs(exponent) > 256 ? Int(exponent) : 0) : 0
  }

  /// self · 2^`exponent`, in two factors, so that 2^`exponent` itself may lie outside the range.
  @inlinable package func scaled(by exponent: Int) -> Double {
    let half = exponent / 2
    return self * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: exponent - half, significand: 1)
  }
}
