import CLAPACKE
package import SparseCore

/// R of a QR factor of an m × n block with m > n: n × n, with the inner products of the columns.
///
/// 2 · m · n² flops.
///
/// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
package func triangularFactor(
  _ block: [Double], rows: Int, columns: Int
) throws(RecoveryError) -> [Double] {
  var factor = block
  var reflectors = [Double](repeating: 0, count: columns)
  try check(
    "dgeqrf",
    LAPACKE_dgeqrf(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), &factor, Int32(rows), &reflectors))
  var upper = [Double](repeating: 0, count: columns * columns)
  for j in 0..<columns {
    for i in 0...j { upper[i + j * columns] = factor[i + j * rows] }
  }
  return upper
}
