import CLAPACKE
import COpenBLAS
import SparseCore

/// Damped Newton's method for ℓ(u⁰ + Z c) + ½ Σ p_j c_j², from c = 0, with steps halved until the loss falls:
/// Nocedal and Wright 2006, §3.1 and §3.4; for generalised linear models iteratively reweighted least squares,
/// Green 1984.
struct Newton {
  /// Where it ended.
  struct End {
    let coefficients: [Double]
    /// u = u⁰ + Z c.
    let prediction: [Double]
    let point: WeightedLoss.Point
    /// ℓ(u) + ½ Σ p_j c_j².
    let objective: Double
    let isAttained: Bool
    let isExplained: Bool
    /// Whether columns were dependent, as far as rounding lets one tell under the last curvature.
    let isDamped: Bool
    /// How far a slope along a column of unit norm may be from its limit: rounding, or what is left along these columns.
    let slack: Double
  }

  private let loss: WeightedLoss
  private let rows: Int
  private let count: Int
  /// Z, rows × count, column-major.
  let columns: [Double]
  private let norms: [Double]
  let penalties: [Double]
  private let offset: [Double]

  init(_ loss: WeightedLoss, _ columns: [[Double]], penalties: [Double], offset: [Double]) {
    self.loss = loss
    rows = offset.count
    count = columns.count
    self.columns = columns.flatMap { $0 }
    norms = columns.map(\.norm)
    self.penalties = penalties
    self.offset = offset
  }

  /// Newton steps: quadratic convergence takes some ten, a majorant of the curvature some dozens, and a minimum at
  /// infinity at most 1 for each unit that predictions go beyond 2 · log 2⁵².
  private static var mostSteps: Int { 500 }
  /// How much of the predicted decrease a step must reach: Nocedal and Wright 2006, §3.1.
  private static var leastDecrease: Double { 1e-4 }
  /// What of the loss at c = 0 is left where nothing is left to explain: its root has fallen to a rounding.
  private static var explained: Double { Double.ulpOfOne * Double.ulpOfOne }
  /// What rounding leaves at most where the minimum is zero: a root of eight roundings, as the transform of the rows has
  /// it in least squares.
  private static var rounding: Double { 64 * explained }
  /// The square of the step that still counts as one, in the metric of the first curvature and in units of the
  /// first loss. At a minimum Newton steps are rounding; towards one at infinity each is as long as the one before.
  private static var leastStep: Double { 1e-12 }
  /// What is added to the diagonal of dependent columns, beside it: of directions that curve less, rounding decides.
  private static var damping: Double { 1e-10 }

  /// A point of the descent.
  private struct Place {
    var c: [Double]
    var u: [Double]
    var point: WeightedLoss.Point
    var objective: Double
  }

  /// Goes down until the gradient is rounding, or nothing is left to gain.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)``, ``RecoveryError/resultOverflow(_:)``.
  func minimize() throws(RecoveryError) -> End {
    guard var here = try place(Array(repeating: 0, count: count)) else {
      throw loss.failure(
        "expected finite numbers at the prediction that no atom takes part in: give y, and what the loss measures in "
          + "its unit, in another one")
    }
    let first = here
    let explained = Self.explained * first.objective
    var previous = Double.infinity
    var isSmall = true
    var isDamped = false
    for _ in 0..<(count == 0 ? 0 : Self.mostSteps) {
      let g = gradient(at: here)
      let (d, damped) = try direction(at: here, g)
      isDamped = damped
      // gᵀH⁻¹g, twice the decrease that a quadratic would have.
      let decrement = zip(d, g).reduce(0) { $0 + $1.0 * $1.1 }
      isSmall = isSmallStep(d, from: first)
      // Sums of m terms of one sign are off by m roundings at most (Higham 2002, §4.2).
      let isRounding = decrement <= Double(rows) * Double.ulpOfOne * here.objective
      if here.objective <= explained || isStationary(g, here, first) && (isSmall || isRounding) {
        break
      }
      if isRounding {
        // The value has no more to say: full steps for as long as gradients shrink.
        guard decrement < previous, let next = try place(zip(here.c, d).map { $0 - $1 }) else {
          break
        }
        previous = decrement
        here = next
      } else {
        guard let next = try fall(from: here, along: d, decrement) else {
          // Where the loss is off by more than sums are, half of its digits are enough.
          guard decrement <= Double.ulpOfOne.squareRoot() * first.objective else {
            throw loss.failure("its value does not fall where its gradient says that it does")
          }
          break
        }
        here = next
      }
    }
    let left = zip(gradient(at: here), norms).map { $1 > 0 ? abs($0) / $1 : 0 }
    return End(
      coefficients: here.c, prediction: here.u, point: here.point, objective: here.objective,
      isAttained: isSmall, isExplained: here.objective <= Self.rounding * first.objective,
      isDamped: isDamped, slack: left.reduce(rounding(here, first), max))
  }

  /// The first of c − d, c − d/2, … at which the objective falls enough, or nil where none does.
  ///
  /// Where the loss hardly curves a step may be longer than all that was known: it is halved until u does not change.
  private func fall(
    from here: Place, along d: [Double], _ decrement: Double
  ) throws(RecoveryError) -> Place? {
    var t = 1.0
    let step = image(d, plus: Array(repeating: 0, count: rows))
    let reach = step.reduce(0) { max($0, abs($1)) }
    let size = here.u.reduce(0) { max($0, abs($1)) }
    while t >= Double.ulpOfOne || t * reach > Double.ulpOfOne * size {
      if let next = try place(zip(here.c, d).map { $0 - t * $1 }),
        next.objective <= here.objective - Self.leastDecrease * t * decrement
      {
        return next
      }
      t /= 2
    }
    return nil
  }

  /// The objective at c, or nil where it is beyond the range of a double.
  private func place(_ c: [Double]) throws(RecoveryError) -> Place? {
    let u = image(c, plus: offset)
    guard let point = try loss.at(u) else { return nil }
    let penalty = zip(c, penalties).reduce(0) { $0 + $1.1 * $1.0 * $1.0 }
    let objective = point.value + penalty / 2
    return objective.isFinite ? Place(c: c, u: u, point: point, objective: objective) : nil
  }

  /// u + Z c.
  private func image(_ c: [Double], plus u: [Double]) -> [Double] {
    var u = u
    addColumns(Array(c.indices), of: columns, times: c, to: &u, count: rows, stride: rows)
    return u
  }

  /// Zᵀ v + p c.
  private func gradient(at here: Place) -> [Double] {
    var g = zip(here.c, penalties).map { $0 * $1 }
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rows), Int32(count), 1, columns, Int32(rows),
      here.point.slope, 1, 1, &g, 1)
    return g
  }

  /// Whether the gradient is rounding.
  private func isStationary(_ g: [Double], _ here: Place, _ first: Place) -> Bool {
    let rounding = rounding(here, first)
    return zip(g, norms).allSatisfy { abs($0) <= rounding * $1 }
  }

  /// How far rounding may take a slope along a column of unit norm.
  ///
  /// It is taken to be off by a rounding of what it came from, v⁰, and of what was added since, which the curvature
  /// bounds by that of the prediction; m products add m roundings (Higham 2002, §3.1).
  private func rounding(_ here: Place, _ first: Place) -> Double {
    let sharpest = here.point.curvature.reduce(0, max)
    let size =
      first.point.slope.norm + here.point.slope.norm
      + sharpest * zip(here.c, norms).reduce(0) { $0 + abs($1.0) * $1.1 }
    return Double(rows + count + 8) * Double.ulpOfOne * size
  }

  /// Whether a step is none in the metric of the first curvature.
  private func isSmallStep(_ d: [Double], from first: Place) -> Bool {
    let step = image(d, plus: Array(repeating: 0, count: rows))
    let length = zip(step, first.point.curvature).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    return length <= Self.leastStep * first.objective
  }

  /// H⁻¹ g for H = Zᵀ diag(curvature) Z + diag(p), and whether H had to be made definite: m · p² and p³/3 flops.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)`` where the loss does not curve and is not flat, and
  ///   ``RecoveryError/resultOverflow(_:)``.
  private func direction(
    at here: Place, _ g: [Double]
  ) throws(RecoveryError) -> (d: [Double], isDamped: Bool) {
    let roots = here.point.curvature.map { $0.squareRoot() }
    var scaled = columns
    for p in 0..<count { for i in 0..<rows { scaled[p * rows + i] *= roots[i] } }
    var h = innerProducts(scaled, rows: rows, count: count)
    for p in 0..<count {
      h[p * (count + 1)] += penalties[p]
      guard h[p * (count + 1)].isFinite else { throw .resultOverflow(.leastSquares) }
      if h[p * (count + 1)] == 0 {
        guard g[p] == 0 else {
          throw loss.failure("its curvature is 0 where its gradient is not")
        }
        h[p * (count + 1)] = 1
      }
    }
    let diagonal = (0..<count).map { h[$0 * (count + 1)] }
    for (damping, least) in [(0, 16 * Double(count) * Double.ulpOfOne), (Self.damping, 0)] {
      var lower = h
      for p in 0..<count { lower[p * (count + 1)] += damping * diagonal[p] }
      let n = Int32(count)
      guard LAPACKE_dpotrf(LAPACK_COL_MAJOR, .lower, n, &lower, n) == 0,
        (0..<count).allSatisfy({
          let pivot = lower[$0 * (count + 1)]
          return pivot * pivot > least * diagonal[$0]
        })
      else { continue }
      var d = g
      cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, lower, n, &d, 1)
      cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, lower, n, &d, 1)
      return (d, damping > 0)
    }
    throw .resultOverflow(.leastSquares)
  }
}
