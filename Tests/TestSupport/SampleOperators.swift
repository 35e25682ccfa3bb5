package import SparseCore
import Synchronization

/// A sparse matrix by columns, as somebody else might write it: the nonzeros alone are stored, and
/// products touch nothing else.
package struct SparseColumns: LinearOperator {
  package let rows: Int
  private let entries: [[(row: Int, value: Double)]]

  /// How many columns were copied, where inner products are given instead.
  private let copies: CopyCount?

  /// How many columns were copied so far, of an operator that gives inner products.
  package var copiedColumns: Int { copies?.value.withLock { $0 } ?? 0 }

  private final class CopyCount: Sendable {
    let value = Mutex(0)
  }

  /// Columns of nonzeros.
  package init(rows: Int, _ entries: [[(row: Int, value: Double)]], givesInnerProducts: Bool) {
    self.rows = rows
    self.entries = entries
    copies = givesInnerProducts ? CopyCount() : nil
  }

  /// The nonzeros of a dense matrix.
  package init(_ matrix: Matrix<Double>, givesInnerProducts: Bool = false) {
    self.init(
      rows: matrix.rows,
      (0..<matrix.columns).map { j in
        (0..<matrix.rows).filter { matrix[$0, j] != 0 }.map { ($0, matrix[$0, j]) }
      }, givesInnerProducts: givesInnerProducts)
  }

  package var columns: Int { entries.count }

  package var fingerprint: UInt64 {
    var checksum = Checksum()
    for column in entries {
      for (row, value) in column {
        checksum.add(UInt64(row))
        checksum.add(value.bitPattern)
      }
    }
    return checksum.value
  }

  package func copyColumns(_ columns: [Int], into target: inout MutableSpan<Double>) {
    copies?.value.withLock { $0 += columns.count }
    for (place, j) in columns.enumerated() {
      for i in 0..<rows { target[place * rows + i] = 0 }
      for (row, value) in entries[j] { target[place * rows + row] = value }
    }
  }

  package func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    for i in 0..<rows { y[i] = 0 }
    for j in 0..<columns { for (row, value) in entries[j] { y[row] += value * x[j] } }
  }

  package func adjoint(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    for j in 0..<columns {
      var sum = 0.0
      for (row, value) in entries[j] { sum += value * r[row] }
      z[j] = sum
    }
  }

  package func gram(_ I: [Int], _ J: [Int], weights: [Double]?) -> [Double]? {
    guard copies != nil else { return nil }
    var products = [Double](repeating: 0, count: I.count * J.count)
    var dense = [Double](repeating: 0, count: rows)
    for (q, j) in J.enumerated() {
      for (row, value) in entries[j] { dense[row] = value * (weights?[row] ?? 1) }
      for (p, i) in I.enumerated() {
        for (row, value) in entries[i] { products[p + q * I.count] += value * dense[row] }
      }
      for (row, _) in entries[j] { dense[row] = 0 }
    }
    return products
  }

  package func squaredNorms(weights: [Double]?) -> [Double]? {
    guard copies != nil else { return nil }
    return entries.map { column in
      column.reduce(0) { $0 + $1.value * $1.value * (weights?[$1.row] ?? 1) }
    }
  }
}

/// Columns and nothing else: the products are the defaults. Fails when asked for one column, if told so.
package struct ColumnsAlone: LinearOperator {
  private let matrix: Matrix<Double>
  private let missing: Int?

  /// - Parameter missing: a column that cannot be had.
  package init(_ matrix: Matrix<Double>, missing: Int? = nil) {
    self.matrix = matrix
    self.missing = missing
  }

  package var rows: Int { matrix.rows }
  package var columns: Int { matrix.columns }
  package var fingerprint: UInt64 { DenseMatrix.double(matrix).fingerprint }

  package func copyColumns(
    _ columns: [Int], into target: inout MutableSpan<Double>
  ) throws(RecoveryError) {
    for (place, j) in columns.enumerated() {
      if j == missing { throw .operatorFailure("column \(j) is not there") }
      for i in 0..<rows { target[place * rows + i] = matrix[i, j] }
    }
  }
}

extension SparseMatrix {
  /// The nonzeros of a dense matrix.
  package init(_ matrix: Matrix<Double>) throws(RecoveryError) {
    var (rows, columns, values) = ([Int](), [Int](), [Double]())
    for j in 0..<matrix.columns {
      for i in 0..<matrix.rows where matrix[i, j] != 0 {
        rows.append(i)
        columns.append(j)
        values.append(matrix[i, j])
      }
    }
    try self.init(
      rows: matrix.rows, columns: matrix.columns, entryRows: rows, entryColumns: columns,
      values: values)
  }
}
