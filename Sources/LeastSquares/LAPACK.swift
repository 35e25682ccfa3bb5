import CLAPACKE
import COpenBLAS
package import SparseCore

/// What the libraries are told once.
enum LinearAlgebra {
  /// Matrices of this size lose more to waking threads than they gain; see CPUBackend. What is not
  /// finite was refused when the problem was stated, and looking again costs as much as solving.
  private static let isPrepared: Void = {
    openblas_use_one_thread()
    LAPACKE_set_nancheck(0)
  }()

  /// Tells them, when first asked for.
  static func prepare() { isPrepared }
}

/// LAPACK's one-letter options.
extension CChar {
  static let lower = CChar(UInt8(ascii: "L"))
  static let upper = CChar(UInt8(ascii: "U"))
  static let one = CChar(UInt8(ascii: "1"))
  static let left = CChar(UInt8(ascii: "L"))
  static let transposed = CChar(UInt8(ascii: "T"))
  static let plain = CChar(UInt8(ascii: "N"))
  static let vectors = CChar(UInt8(ascii: "V"))
  static let thin = CChar(UInt8(ascii: "S"))
}

/// Turns the code that a LAPACK routine ends with into an error.
func check(_ routine: String, _ code: Int32) throws(RecoveryError) {
  guard code == 0 else { throw .lapackFailure(routine: routine, code: code) }
}

/// The largest eigenvalue of a symmetric tridiagonal matrix, in O(j²) for j numbers on its diagonal.
///
/// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
package func largestEigenvalue(
  diagonal: [Double], offDiagonal: [Double]
) throws(RecoveryError) -> Double {
  var eigenvalues = diagonal
  var work = offDiagonal + [0]
  try check("dsterf", LAPACKE_dsterf(Int32(diagonal.count), &eigenvalues, &work))
  // In ascending order.
  return eigenvalues.last ?? 0
}

/// The inverse of a symmetric matrix G, n × n, its lower triangle, and G⁻¹ B for n numbers of every column of B. Nil where G is
/// not positive definite, and where there is no column.
///
/// 2 · n³ flops.
///
/// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
func inverse(
  of matrix: [Double], times columns: [Double]
) throws(RecoveryError) -> (inverse: [Double], products: [Double])? {
  LinearAlgebra.prepare()
  let n = Int(Double(matrix.count).squareRoot())
  guard n > 0, !columns.isEmpty else { return nil }
  let (size, sides) = (Int32(n), Int32(columns.count / n))
  var (factor, products) = (matrix, columns)
  guard LAPACKE_dpotrf(LAPACK_COL_MAJOR, .lower, size, &factor, size) == 0 else { return nil }
  try check(
    "dpotrs",
    LAPACKE_dpotrs(LAPACK_COL_MAJOR, .lower, size, sides, factor, size, &products, size))
  try check("dpotri", LAPACKE_dpotri(LAPACK_COL_MAJOR, .lower, size, &factor, size))
  return (factor, products)
}

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

/// The singular value decomposition of an m × n block, all column-major: `left` m × r, `values` in descending order,
/// `right` r × n, with r = min(m, n). Some 6 · m · n · r flops.
///
/// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
package func singularValues(
  _ block: [Double], rows: Int, columns: Int
) throws(RecoveryError) -> (left: [Double], values: [Double], right: [Double]) {
  LinearAlgebra.prepare()
  let rank = min(rows, columns)
  var block = block
  var left = [Double](repeating: 0, count: rows * rank)
  var values = [Double](repeating: 0, count: rank)
  var right = [Double](repeating: 0, count: rank * columns)
  try check(
    "dgesdd",
    LAPACKE_dgesdd(
      LAPACK_COL_MAJOR, .thin, Int32(rows), Int32(columns), &block, Int32(rows), &values, &left,
      Int32(rows), &right, Int32(rank)))
  return (left, values, right)
}
