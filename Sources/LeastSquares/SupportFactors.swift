import CLAPACKE
import COpenBLAS
import SparseCore

/// The Cholesky factor of a Gram block, with an estimate of its condition.
///
/// The Gram matrix squares the condition of the columns: cond(G) = cond(A_S)². Its normal equations
/// leave a relative error of about ε · cond(G)^½ in the residual, and every refinement step on the
/// true residual shrinks that by about ε · cond(G).
struct GramFactor {
  /// At most 1 / (‖G‖₁ · ‖G⁻¹‖₂) where that is known to be 10⁻⁴ or more, or an estimate that is clear
  /// of it; else LAPACK's estimate of 1 / (‖G‖₁ · ‖G⁻¹‖₁).
  private(set) var reciprocalCondition = 0.0

  /// By how much the rounding of the block exceeds that of inner products of gathered columns.
  private(set) var cancellation = 1.0
  private var order = 0
  /// L, order × order, column-major; what is above the diagonal is not used.
  private var lower: [Double] = []
  private var work: [Double] = []
  private var integers: [Int32] = []
  private var probe: [Double] = []

  /// Factors the block of `slots` at `places`, with the ridge on its diagonal: k³/3 flops. False when it is not positive definite.
  mutating func factor(_ slots: AtomSlots, _ places: [Int]) -> Bool {
    order = places.count
    if work.count < 3 * order {
      lower = Array(repeating: 0, count: order * order)
      work = Array(repeating: 0, count: 3 * order)
      integers = Array(repeating: 0, count: order)
    }
    gather(slots, places)
    cancellation = slots.gramCancellation(places)
    let norm = oneNorm()
    let n = Int32(order)
    guard LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, .lower, n, &lower, n) == 0 else { return false }
    // The bound grows with the order where the condition does not.
    reciprocalCondition = order > 256 ? 0 : 1 / (norm * inverseBound())
    if needsRefinement { reciprocalCondition = 1 / (norm * Self.caution * inverseEstimate()) }
    if needsRefinement {
      guard
        LAPACKE_dpocon_work(
          LAPACK_COL_MAJOR, .lower, n, lower, n, norm, &reciprocalCondition, &work, &integers) == 0
      else { return false }
    }
    return true
  }

  /// Whether refinement makes the solution as good as that of a QR factor: from cond(G) ≤ 10¹²
  /// every step wins at least two digits.
  var isTrusted: Bool { reciprocalCondition >= 1e-12 * cancellation }

  /// Whether the plain solution would lose more than two digits of the residual.
  var needsRefinement: Bool { !(reciprocalCondition >= 1e-4 * cancellation) }

  /// x ← L⁻¹ x: k² flops.
  func solveForward(_ x: inout [Double]) {
    let n = Int32(order)
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, lower, n, &x, 1)
  }

  /// x ← L⁻ᵀ x: k² flops.
  func solveBackward(_ x: inout [Double]) {
    let n = Int32(order)
    cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, lower, n, &x, 1)
  }

  /// How far an estimate of ‖G⁻¹‖₂ must stay clear. It falls short by more than √k, 32 at k = 1000, only
  /// where the vector it sets out from happens to be closer to orthogonal to the smallest eigenvector
  /// than a random one would be.
  private static let caution = 32.0

  /// An estimate of ‖G⁻¹‖₂ from below, by two steps of inverse iteration: 4 · k² flops, a fifth of what
  /// LAPACK's takes. It sets out from the alternating vector with which Higham (1988, ACM TOMS 14) adds to his
  /// estimator.
  private mutating func inverseEstimate() -> Double {
    probe.removeAll(keepingCapacity: true)
    for j in 0..<order {
      probe.append((j % 2 == 0 ? 1 : -1) * (1 + Double(j) / Double(max(order - 1, 1))))
    }
    solveForward(&probe)
    solveBackward(&probe)
    let first = cblas_dnrm2(Int32(order), probe, 1)
    solveForward(&probe)
    solveBackward(&probe)
    return cblas_dnrm2(Int32(order), probe, 1) / first
  }

  private mutating func gather(_ slots: AtomSlots, _ places: [Int]) {
    lower.withUnsafeMutableBufferPointer { lower in
      slots.gram.withUnsafeBufferPointer { gram in
        places.withUnsafeBufferPointer { places in
          for j in 0..<order {
            let start = places[j] * slots.capacity
            for i in j..<order { lower[i + j * order] = gram[start + places[i]] }
            lower[j + j * order] += slots.penalties[places[j]]
          }
        }
      }
    }
  }

  /// ‖G‖₁, of the block as gathered.
  private mutating func oneNorm() -> Double {
    lower.withUnsafeBufferPointer { lower in
      work.withUnsafeMutableBufferPointer { sums in
        guard let lower = lower.baseAddress, let sums = sums.baseAddress else { return 0 }
        sums.update(repeating: 0, count: order)
        (sums + order).update(repeating: 1, count: order)
        var norm = 0.0
        for j in 0..<order {
          let column = lower + j * order
          let sum = sumOfMagnitudes(column + j, times: sums + order + j, count: order - j)
          norm = max(norm, sums[j] + sum)
          addMagnitudes(column + j + 1, times: 1, to: sums + j + 1, count: order - j - 1)
        }
        return norm
      }
    }
  }

  /// An upper bound of ‖G⁻¹‖₂: 2 · k² flops.
  ///
  /// ‖G⁻¹‖₂ = ‖L⁻¹‖₂² ≤ ‖L⁻¹‖_∞ · ‖L⁻¹‖₁, and |L⁻¹| ≤ M⁻¹ for the matrix M with the diagonal of L and
  /// −|l_ij| beside it (Higham 2002, §8.2): the norms of M⁻¹ are two solves with ones.
  private mutating func inverseBound() -> Double {
    lower.withUnsafeBufferPointer { lower in
      work.withUnsafeMutableBufferPointer { x in
        guard let lower = lower.baseAddress, let x = x.baseAddress else { return 0 }
        x.update(repeating: 1, count: order)
        var rowSum = 0.0
        for j in 0..<order {
          let column = lower + j * order
          x[j] /= column[j]
          rowSum = max(rowSum, x[j])
          addMagnitudes(column + j + 1, times: x[j], to: x + j + 1, count: order - j - 1)
        }
        var columnSum = 0.0
        for j in stride(from: order - 1, through: 0, by: -1) {
          let column = lower + j * order
          let below = sumOfMagnitudes(column + j + 1, times: x + j + 1, count: order - j - 1)
          x[j] = (1 + below) / column[j]
          columnSum = max(columnSum, x[j])
        }
        return rowSum * columnSum
      }
    }
  }
}

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
