import Dispatch
import Glibc
import SparseCore

/// The memory of a matrix that is being made, written column by column on all processors.
///
/// Threads share it safely because no two of them write the same column.
struct ColumnWriter: @unchecked Sendable {
  /// m · n elements in column-major order.
  let entries: UnsafeMutableBufferPointer<Double>
  let rows: Int
  let columns: Int

  /// Lets `write` fill every column, in any order and several at a time: column j must depend on
  /// nothing but j.
  func forEachColumn(_ write: @Sendable (Int, UnsafeMutableBufferPointer<Double>) -> Void) {
    // Enough elements at a time that handing them out costs nothing.
    let atOnce = max(1, 65536 / rows)
    let blocks = (columns - 1) / atOnce + 1
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      for j in (block * atOnce)..<min((block + 1) * atOnce, columns) { write(j, column(j)) }
    }
  }

  /// The elements of column `j`.
  func column(_ j: Int) -> UnsafeMutableBufferPointer<Double> {
    UnsafeMutableBufferPointer(rebasing: entries[(j * rows)..<((j + 1) * rows)])
  }

  /// The random numbers of column `j`.
  static func generator(seed: UInt64, column j: Int) -> SeededGenerator {
    SeededGenerator(seed: seed, purpose: .matrix, index: j)
  }

  /// Independent standard normal entries, in columns of unit norm if wanted.
  func gaussian(seed: UInt64, unitColumns: Bool) {
    forEachColumn { j, column in
      var generator = Self.generator(seed: seed, column: j)
      generator.fillNormal(column)
      if unitColumns { scaleToUnitNorm(column) }
    }
  }

  /// Entries ±1/√m.
  func bernoulli(seed: UInt64) {
    let magnitude = 1 / Double(rows).squareRoot()
    forEachColumn { j, column in
      var generator = Self.generator(seed: seed, column: j)
      for i in column.indices { column[i] = generator.sign() * magnitude }
    }
  }

  /// Independent entries uniform on (0, 1], in columns of unit norm.
  func uniform(seed: UInt64) {
    forEachColumn { j, column in
      var generator = Self.generator(seed: seed, column: j)
      for i in column.indices { column[i] = 1 - generator.uniform() }
      scaleToUnitNorm(column)
    }
  }

  /// Rows that are stationary autoregressive sequences: x_j = ρ x_{j−1} + √(1 − ρ²) ε_j, so that
  /// every entry has variance one and columns i and j have covariance ρ^|i−j|.
  func toeplitz(seed: UInt64, correlation: Double) {
    gaussian(seed: seed, unitColumns: false)
    let innovation = (1 - correlation * correlation).squareRoot()
    for p in rows..<max(rows, entries.count) {
      entries[p] = correlation * entries[p - rows] + innovation * entries[p]
    }
  }

  /// The largest n for which (2j + 1) · k of the transform stays below 2⁶³.
  static var largestTransform: Int { 1 << 31 }

  /// Random rows of the orthonormal DCT-II: entry (k, j) is c_k cos(π (2j + 1) k / (2n)) with
  /// c_0 = √(1/n) and c_k = √(2/n) for all others.
  func dct(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, purpose: .matrix)
    let frequencies = generator.sample(rows, of: columns)
    // The angles repeat after 4n steps of π / (2n): reduced in integers, they are exact.
    let period = 4 * columns
    let cosines = (0..<period).map { cos(Double($0) * .pi / Double(2 * columns)) }
    let constant = (1 / Double(columns)).squareRoot()
    let oscillating = (2 / Double(columns)).squareRoot()
    forEachColumn { j, column in
      for (i, k) in frequencies.enumerated() {
        column[i] = k == 0 ? constant : oscillating * cosines[(2 * j + 1) * k % period]
      }
    }
  }

  /// Convolution with a kernel, in columns of unit norm.
  func deconvolution(_ kernel: BlurKernel, width: Double, boundary: Boundary) {
    // No squares of the width: they may overflow or vanish where the quotient does not.
    var values = (0..<rows).map { i in
      kernel.value(at: Double(boundary == .circulant ? min(i, rows - i) : i) / width)
    }
    // Once for all columns, so that a circulant matrix is one to the last bit.
    if boundary == .circulant { values.withUnsafeMutableBufferPointer { scaleToUnitNorm($0) } }
    forEachColumn { [values] j, column in
      for i in column.indices { column[i] = values[abs(i - j)] }
      if boundary == .truncated { scaleToUnitNorm(column) }
    }
  }
}

/// Divides the numbers by their Euclidean norm, which must not be zero.
private func scaleToUnitNorm(_ numbers: UnsafeMutableBufferPointer<Double>) {
  let factor = 1 / numbers.squaredNorm.squareRoot()
  for i in numbers.indices { numbers[i] *= factor }
}
