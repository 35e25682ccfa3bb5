/// A sparse matrix by columns: the linear operator of which only nonzeros are stored.
///
/// It knows inner products of its columns, so that a solve gathers none. 12 bytes for each nonzero, 8 for each column.
public struct SparseMatrix: LinearOperator {
  /// The number of rows, m.
  public let rows: Int
  /// The number of columns, n.
  public let columns: Int
  /// Where the nonzeros of each column begin, and where the last end: n + 1 numbers.
  package let starts: [Int]
  /// The row of every nonzero, in ascending order in each column.
  package let rowIndices: [Int32]
  /// The nonzeros.
  package let values: [Double]

  /// How many nonzeros are stored.
  public var nonzeros: Int { values.count }

  /// A matrix of entries in any order; those that meet are summed.
  ///
  /// O(nnz + m + n).
  ///
  /// - Parameters:
  ///   - entryRows: the row of every entry, from 0.
  ///   - entryColumns: the column of every entry, from 0.
  /// - Throws: ``RecoveryError/emptyMatrix(rows:columns:)``, ``RecoveryError/matrixTooLarge(rows:columns:)`` for more
  ///   than 2³¹ − 1 rows, or ``RecoveryError/malformedSparseMatrix(expected:found:)``.
  public init(
    rows: Int, columns: Int, entryRows: [Int], entryColumns: [Int], values: [Double]
  ) throws(RecoveryError) {
    try Self.check(rows, columns)
    guard entryRows.count == values.count, entryColumns.count == values.count else {
      throw .malformedSparseMatrix(
        expected: "a row and a column for each of \(values.count) entries",
        found: "\(entryRows.count) and \(entryColumns.count)")
    }
    try Self.check(entryRows, below: rows, "row")
    try Self.check(entryColumns, below: columns, "column")
    // By rows first, then by columns, each keeping the order before.
    let byRow = Self.order(Array(entryRows.indices), by: entryRows, below: rows).order
    let (order, starts) = Self.order(byRow, by: entryColumns, below: columns)
    self.init(rows, columns, starts) { (Int32(entryRows[order[$0]]), values[order[$0]]) }
  }

  /// A matrix by columns, as libraries hold it (CSC): column j has the entries from `starts`[j] up to `starts`[j + 1].
  /// Rows may come in any order in a column; entries that meet are summed.
  ///
  /// O(nnz log nnz) where rows are in no order, else O(nnz).
  ///
  /// - Throws: as above.
  public init(
    rows: Int, columns: Int, starts: [Int], rowIndices: [Int], values: [Double]
  ) throws(RecoveryError) {
    try Self.check(rows, columns)
    guard starts.count == columns + 1, rowIndices.count == values.count else {
      throw .malformedSparseMatrix(
        expected: "\(columns + 1) starts, and a row for each of \(values.count) entries",
        found: "\(starts.count) and \(rowIndices.count)")
    }
    try Self.check(starts, rowIndices, rows: rows)
    var order = Array(values.indices)
    for j in 0..<columns {
      let column = starts[j]..<starts[j + 1]
      let isSorted = column.dropFirst().allSatisfy { rowIndices[$0 - 1] <= rowIndices[$0] }
      if !isSorted {
        // Entries that meet are added in the order given.
        order[column].sort { (rowIndices[$0], $0) < (rowIndices[$1], $1) }
      }
    }
    self.init(rows, columns, starts) { (Int32(rowIndices[order[$0]]), values[order[$0]]) }
  }

  /// Of entries in the order of columns and rows.
  private init(
    _ rows: Int, _ columns: Int, _ starts: [Int], entry: (Int) -> (row: Int32, value: Double)
  ) {
    var (own, indices, numbers) = ([0], [Int32](), [Double]())
    own.reserveCapacity(columns + 1)
    indices.reserveCapacity(starts[columns])
    numbers.reserveCapacity(starts[columns])
    for j in 0..<columns {
      for place in starts[j]..<starts[j + 1] {
        let (row, value) = entry(place)
        if indices.count > own[j], indices[indices.count - 1] == row {
          numbers[numbers.count - 1] += value
        } else {
          indices.append(row)
          numbers.append(value)
        }
      }
      own.append(numbers.count)
    }
    (self.rows, self.columns, self.starts) = (rows, columns, own)
    (rowIndices, values) = (indices, numbers)
  }

  private static func check(_ rows: Int, _ columns: Int) throws(RecoveryError) {
    guard rows > 0, columns > 0 else { throw .emptyMatrix(rows: rows, columns: columns) }
    guard rows <= Int32.max, columns <= Int32.max else {
      throw .matrixTooLarge(rows: rows, columns: columns)
    }
  }

  /// Refuses places of entries by columns that no matrix of so many rows has.
  static func check(
    _ starts: [Int], _ rowIndices: [Int], rows: Int
  ) throws(RecoveryError) {
    guard starts.first == 0, starts.last == rowIndices.count,
      zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw .malformedSparseMatrix(
        expected: "starts in ascending order from 0 to \(rowIndices.count)", found: "others")
    }
    try check(rowIndices, below: rows, "row")
  }

  private static func check(
    _ indices: [Int], below limit: Int, _ name: String
  ) throws(RecoveryError) {
    if let index = indices.first(where: { !(0..<limit ~= $0) }) {
      throw .malformedSparseMatrix(
        expected: "a \(name) from 0 to \(limit - 1) for each entry", found: "\(index)")
    }
  }

  /// `places` by ascending keys, those of one key as before, and where each key begins: a counting sort.
  private static func order(
    _ places: [Int], by keys: [Int], below limit: Int
  ) -> (order: [Int], starts: [Int]) {
    var starts = [Int](repeating: 0, count: limit + 1)
    for key in keys { starts[key + 1] += 1 }
    for key in 0..<limit { starts[key + 1] += starts[key] }
    var (next, order) = (starts, places)
    for place in places {
      order[next[keys[place]]] = place
      next[keys[place]] += 1
    }
    return (order, starts)
  }

  // MARK: As an operator

  /// Of the sizes and every nonzero.
  public var fingerprint: UInt64 {
    var checksum = Checksum()
    checksum.add(UInt64(rows))
    for start in starts { checksum.add(UInt64(start)) }
    for (row, value) in zip(rowIndices, values) {
      checksum.add(UInt64(row))
      checksum.add(value.bitPattern)
    }
    return checksum.value
  }

  /// Zeros and the nonzeros of each column.
  public func copyColumns(_ columns: [Int], into target: inout MutableSpan<Double>) {
    for (place, j) in columns.enumerated() {
      for i in 0..<rows { target[place * rows + i] = 0 }
      for e in starts[j]..<starts[j + 1] { target[place * rows + Int(rowIndices[e])] = values[e] }
    }
  }

  /// y ← A x: 2 flops for each nonzero of a column whose coefficient is not zero.
  public func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    for i in 0..<rows { y[i] = 0 }
    for j in 0..<columns where x[j] != 0 {
      for e in starts[j]..<starts[j + 1] { y[Int(rowIndices[e])] += x[j] * values[e] }
    }
  }

  /// z ← Aᵀ r: 2 flops for each nonzero.
  public func adjoint(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    for j in 0..<columns {
      var sum = 0.0
      for e in starts[j]..<starts[j + 1] { sum += values[e] * r[Int(rowIndices[e])] }
      z[j] = sum
    }
  }

  /// Columns of J are spread out one after another, and those of I summed over their nonzeros: as many flops for each
  /// pair as a column of I has nonzeros, on all cores where that is much. 8 · m bytes for each core.
  public func gram(_ I: [Int], _ J: [Int], weights: [Double]?) -> [Double]? {
    var products = [Double](repeating: 0, count: I.count * J.count)
    let work = J.count * I.reduce(0) { $0 + starts[$1 + 1] - starts[$1] }
    let threads = work < 1 << 20 ? 1 : AvailableCores.count
    let size = max(1, (J.count + threads - 1) / threads)
    products.withUnsafeMutableBufferPointer { products in
      nonisolated(unsafe) let products = products
      Blocks(count: J.count, size: size, threads: threads).forEach { first, count in
        var spread = [Double](repeating: 0, count: rows)
        for q in first..<first + count {
          let own = starts[J[q]]..<starts[J[q] + 1]
          for e in own {
            let i = Int(rowIndices[e])
            spread[i] = values[e] * (weights?[i] ?? 1)
          }
          for (p, i) in I.enumerated() {
            var sum = 0.0
            for e in starts[i]..<starts[i + 1] { sum += values[e] * spread[Int(rowIndices[e])] }
            products[p + q * I.count] = sum
          }
          for e in own { spread[Int(rowIndices[e])] = 0 }
        }
      }
    }
    return products
  }

  /// Whether a column has no entry but zeros.
  func isZero(column j: Int) -> Bool { (starts[j]..<starts[j + 1]).allSatisfy { values[$0] == 0 } }

  /// A sum of squares over the nonzeros of each column.
  public func squaredNorms(weights: [Double]?) -> [Double]? {
    (0..<columns).map { j in
      (starts[j]..<starts[j + 1]).reduce(0) { (sum: Double, place: Int) -> Double in
        let weight = weights?[Int(rowIndices[place])] ?? 1
        return sum + values[place] * values[place] * weight
      }
    }
  }
}
