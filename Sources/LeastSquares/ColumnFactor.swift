import CLAPACKE
import SparseCore

/// The QR factor of the columns themselves, which keeps their condition unsquared.
struct ColumnFactor {
  private let rows: Int32
  private let columns: Int32
  private var factor: [Double]
  private var reflectors: [Double]
  private let reciprocalCondition: Double

  /// Factors an m × k block: 2 · m · k² flops. Nil when there are more columns than rows.
  init?(_ block: [Double], rows: Int, columns: Int) throws(RecoveryError) {
    guard columns <= rows else { return nil }
    self.rows = Int32(rows)
    self.columns = Int32(columns)
    factor = block
    reflectors = Array(repeating: 0, count: columns)
    try check(
      "dgeqrf",
      LAPACKE_dgeqrf(
        LAPACK_COL_MAJOR, self.rows, self.columns, &factor, self.rows, &reflectors))
    var estimate = 0.0
    try check(
      "dtrcon",
      LAPACKE_dtrcon(
        LAPACK_COL_MAJOR, .one, .upper, .plain, self.columns, factor, self.rows, &estimate))
    reciprocalCondition = estimate
  }

  /// Whether no column is a combination of the others, as far as rounding lets one tell.
  ///
  /// - Parameter cancellation: by how much the rounding of the columns exceeds that of their entries.
  func hasFullRank(cancellation: Double) -> Bool {
    reciprocalCondition > cancellation * dependence(rows: Int(rows), columns: Int(columns))
  }

  /// argmin ‖A_S c − y‖₂ = R⁻¹ Qᵀ y: 4 · m · k flops.
  func solve(_ y: [Double]) throws(RecoveryError) -> [Double] {
    var work = y
    try check(
      "dormqr",
      LAPACKE_dormqr(
        LAPACK_COL_MAJOR, .left, .transposed, rows, 1, columns, factor, rows, reflectors, &work,
        rows))
    try check(
      "dtrtrs",
      LAPACKE_dtrtrs(
        LAPACK_COL_MAJOR, .upper, .plain, .plain, columns, 1, factor, rows, &work, rows))
    return Array(work.prefix(Int(columns)))
  }
}

/// The least-squares solution of least norm, by singular values, and the numerical rank.
///
/// - Throws: ``RecoveryError/resultOverflow(_:)`` for columns that are not finite, and
///   ``RecoveryError/lapackFailure(routine:code:)``.
func minimumNormSolution(
  _ block: [Double], rows: Int, columns: Int, _ y: [Double], cancellation: Double = 1
) throws(RecoveryError) -> (coefficients: [Double], rank: Int) {
  guard block.allSatisfy(\.isFinite) else { throw .resultOverflow(.leastSquares) }
  var matrix = block
  var solution = y + Array(repeating: 0, count: max(0, columns - rows))
  var singularValues = [Double](repeating: 0, count: min(rows, columns))
  var rank: Int32 = 0
  try check(
    "dgelsd",
    LAPACKE_dgelsd(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), 1, &matrix, Int32(rows), &solution,
      Int32(max(rows, columns)), &singularValues,
      cancellation * dependence(rows: rows, columns: columns), &rank))
  return (Array(solution.prefix(columns)), Int(rank))
}

/// The relative size below which a singular value counts as zero: rounding of the columns alone
/// moves it by about as much.
private func dependence(rows: Int, columns: Int) -> Double {
  Double(max(rows, columns)) * Double.ulpOfOne
}
