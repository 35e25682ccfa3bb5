import Dispatch
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
}

/// Divides the numbers by their Euclidean norm, which must not be zero.
func scaleToUnitNorm(_ numbers: UnsafeMutableBufferPointer<Double>) {
  let factor = 1 / numbers.squaredNorm.squareRoot()
  for i in numbers.indices { numbers[i] *= factor }
}
