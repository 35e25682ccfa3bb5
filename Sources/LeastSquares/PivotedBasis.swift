import CLAPACKE
import COpenBLAS
import SparseCore

/// An orthonormal basis Q of the span of columns of any length and unit, Z = Q R Πᵀ N with their norms N, and column after
/// column the one farthest from those before: Businger and Golub 1965.
///
/// Columns that are nearer than rounding lets one tell are left out.
struct PivotedBasis {
  /// Q, rows × rank, column-major.
  let columns: [Double]
  /// How many columns are independent.
  let rank: Int
  private let upper: [Double]
  private let pivots: [Int]
  private let norms: [Double]

  /// 4 · rows · count² flops.
  ///
  /// - Parameters:
  ///   - columns: Z, rows × count, column-major.
  ///   - cancellation: by how much the rounding of the columns exceeds that of their entries.
  /// - Throws: ``RecoveryError/resultOverflow(_:)`` for columns that are not finite, and
  ///   ``RecoveryError/lapackFailure(routine:code:)``.
  init(
    _ columns: [Double], rows: Int, count: Int, cancellation: Double
  ) throws(RecoveryError) {
    var factor = columns
    norms = (0..<count).map { max(columns.part($0, of: count).norm, .leastNormalMagnitude) }
    for j in 0..<count { for i in j * rows..<(j + 1) * rows { factor[i] /= norms[j] } }
    guard factor.allSatisfy(\.isFinite) else { throw .resultOverflow(.leastSquares) }
    let (m, n) = (Int32(rows), Int32(count))
    let most = min(rows, count)
    var pivots = [Int32](repeating: 0, count: count)
    var reflectors = [Double](repeating: 0, count: most)
    try check(
      "dgeqp3", LAPACKE_dgeqp3(LAPACK_COL_MAJOR, m, n, &factor, m, &pivots, &reflectors))
    // As least squares has it: rounding of the columns alone moves a length by about as much.
    let least = cancellation * Double(max(rows, count)) * Double.ulpOfOne
    let rank = (0..<most).first { !(abs(factor[$0 * (rows + 1)]) > least) } ?? most
    var upper = [Double](repeating: 0, count: rank * rank)
    for j in 0..<rank { for i in 0...j { upper[i + j * rank] = factor[i + j * rows] } }
    factor.removeLast(rows * (count - rank))
    let r = Int32(rank)
    if rank > 0 {
      try check(
        "dorgqr", LAPACKE_dorgqr(LAPACK_COL_MAJOR, m, r, r, &factor, m, reflectors))
    }
    self.columns = factor
    self.rank = rank
    self.upper = upper
    self.pivots = pivots.prefix(rank).map { Int($0) - 1 }
  }

  /// The coefficients of Z that make Q γ, zero for what was left out: of several γ, rank × k, side by side.
  func coefficients(_ coordinates: [Double]) -> [Double] {
    guard rank > 0 else { return Array(repeating: 0, count: norms.count) }
    let k = coordinates.count / rank
    var solution = coordinates
    cblas_dtrsm(
      CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(rank), Int32(k), 1,
      upper, Int32(rank), &solution, Int32(rank))
    var coefficients = [Double](repeating: 0, count: norms.count * k)
    for l in 0..<k {
      for (i, j) in pivots.enumerated() {
        coefficients[j + l * norms.count] = solution[i + l * rank] / norms[j]
      }
    }
    return coefficients
  }
}
