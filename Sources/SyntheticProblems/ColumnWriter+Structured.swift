import Glibc
import SparseCore

extension ColumnWriter {
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
