import CLAPACKE
import COpenBLAS
import SparseCore

/// Damped Newton's method for ℓ(u⁰ + Z c) + ½ Σ p_j c_j², from c = 0.
///
/// The penalties are rows below Z, under a squared loss: of p_j^½ c_j. Where columns are nearly dependent it goes down in
/// the coordinates of an orthonormal basis of their span: in those of the columns rounding decides on the direction,
/// since the curvature along a difference d of theirs is the square of d.
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
    /// Whether columns are dependent, as far as rounding lets one tell.
    let isDependent: Bool
    /// How far a slope along a column of unit norm may be from its limit: rounding, or what is left along these columns.
    let slack: Double
    /// At how many points the loss was evaluated.
    let evaluations: Int
    fileprivate let course: Course
  }

  /// A descent in some coordinates γ, and where it ended.
  fileprivate struct Course {
    let descent: Descent
    /// The basis that γ are the coordinates in, or nil where it is that of the columns.
    let basis: PivotedBasis?
    let end: Descent.End

    /// The coefficients behind one or several γ.
    func coefficients(_ coordinates: [Double]) -> [Double] {
      basis?.coefficients(coordinates) ?? coordinates
    }
  }

  private let loss: WeightedLoss
  private let rows: Int
  /// Z over the roots of penalties, column-major.
  private let columns: [Double]
  private let count: Int
  private let offset: [Double]
  private let cancellation: Double

  /// The square of the distance to the others, beside its own, from which on a column is far from dependent: what is
  /// solved by Cholesky's method keeps ten digits.
  private static var independence: Double { 1e-6 }

  /// - Parameters:
  ///   - columns: Z.
  ///   - penalties: p, one for each column.
  ///   - cancellation: by how much the rounding of the columns exceeds that of their entries.
  init(
    _ loss: WeightedLoss, _ columns: [[Double]], penalties: [Double], offset: [Double],
    cancellation: Double = 1
  ) {
    self.loss = loss
    rows = offset.count
    let penalized = penalties.indices.filter { penalties[$0] > 0 }
    self.columns = columns.enumerated().flatMap { j, column in
      column + penalized.map { $0 == j ? penalties[j].squareRoot() : 0 }
    }
    count = columns.count
    self.offset = offset + penalized.map { _ in 0 }
    self.cancellation = cancellation
  }

  /// Goes down until the gradient is rounding, or nothing is left to gain.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)``, ``RecoveryError/resultOverflow(_:)``,
  ///   ``RecoveryError/lapackFailure(routine:code:)``.
  func minimize() throws(RecoveryError) -> End {
    let course = try course()
    let (end, u) = (course.end, course.end.place.u)
    return End(
      coefficients: course.coefficients(end.place.c),
      prediction: u.count == rows ? u : Array(u.prefix(rows)),
      point: course.descent.onRows(end.place.point), objective: end.place.point.value,
      isAttained: end.isAttained, isExplained: end.isExplained,
      isDependent: course.basis.map { $0.rank < count } ?? false, slack: end.slack,
      evaluations: end.evaluations, course: course)
  }

  private func course() throws(RecoveryError) -> Course {
    let direct = Descent(loss, columns, count: count, rows: rows, offset: offset)
    let first = try direct.start()
    let factor = try direct.factor(at: first)
    guard factor.independence < Self.independence else {
      return Course(descent: direct, basis: nil, end: try direct.run(from: first, factor))
    }
    let basis = try PivotedBasis(
      columns, rows: offset.count, count: count, cancellation: cancellation)
    let turned = Descent(loss, basis.columns, count: basis.rank, rows: rows, offset: offset)
    let start = try turned.start()
    let end = try turned.run(from: start, turned.factor(at: start))
    return Course(descent: turned, basis: basis, end: end)
  }

  /// E = D^½ Z W of orthonormal columns and W with W Wᵀ = (ZᵀDZ + P)⁻¹, for the curvature D at the end. Without the
  /// columns that are dependent.
  ///
  /// - Throws: what ``minimize()`` throws.
  func whitened(
    at end: End
  ) throws(RecoveryError) -> (columns: [Double], coefficients: [Double]) {
    let (columns, inverse) = try end.course.descent.whitened(at: end.course.end.place)
    return (columns, end.course.coefficients(inverse))
  }
}

/// Newton's method with steps halved until the loss falls: Nocedal and Wright 2006, §3.1 and §3.4; for generalised linear
/// models iteratively reweighted least squares, Green 1984.
private struct Descent {
  /// A point of the descent.
  struct Place {
    /// The coordinates.
    let c: [Double]
    /// u⁰ + X c.
    let u: [Double]
    let point: WeightedLoss.Point
  }

  /// Where it ended.
  struct End {
    let place: Place
    let isAttained: Bool
    let isExplained: Bool
    let slack: Double
    let evaluations: Int
  }

  /// U with UᵀU = XᵀDX, and the least square of a pivot beside the diagonal: 0 where it had to be made definite.
  struct Factor {
    let upper: [Double]
    let independence: Double
  }

  private let loss: WeightedLoss
  /// X, column-major, of the length of u.
  private let columns: [Double]
  private let count: Int
  /// How many entries of u the loss takes; the others have a squared loss.
  private let rows: Int
  private let norms: [Double]
  private let offset: [Double]

  init(_ loss: WeightedLoss, _ columns: [Double], count: Int, rows: Int, offset: [Double]) {
    self.loss = loss
    self.columns = columns
    self.count = count
    self.rows = rows
    norms = (0..<count).map { columns.part($0, of: count).norm }
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
  /// What is added to the diagonal beside it where the curvature is lost to rounding and a smaller addition does not help.
  private static var damping: Double { 1e-10 }

  /// c = 0.
  func start() throws(RecoveryError) -> Place {
    guard let here = try place(Array(repeating: 0, count: count)) else {
      throw loss.failure(
        "expected finite numbers at the prediction that no atom takes part in: give y, and what the loss measures in "
          + "its unit, in another one")
    }
    return here
  }

  /// Goes down from there.
  func run(from first: Place, _ factor: Factor) throws(RecoveryError) -> End {
    var (here, factor) = (first, factor)
    var g = gradient(at: here)
    let explained = Self.explained * first.point.value
    var previous = Double.infinity
    var isSmall = true
    var evaluations = 1
    for step in 0..<(count == 0 ? 0 : Self.mostSteps) {
      if step > 0 { factor = try self.factor(at: here) }
      let d = solve(factor, g)
      // gᵀH⁻¹g, twice the decrease that a quadratic would have.
      let decrement = zip(d, g).reduce(0) { $0 + $1.0 * $1.1 }
      isSmall = isSmallStep(d, from: first)
      let value = here.point.value
      // Sums of m terms of one sign are off by m roundings at most (Higham 2002, §4.2).
      let rounding = Double(rows) * Double.ulpOfOne * value
      let isRounding = decrement <= rounding
      if value <= explained || isStationary(g, here, first) && (isSmall || isRounding) { break }
      if isRounding {
        evaluations += 1
        // The value has no more to say: full steps for as long as gradients shrink.
        guard decrement < previous, let next = try place(zip(here.c, d).map { $0 - $1 }),
          next.point.value <= value + rounding
        else { break }
        previous = decrement
        here = next
      } else {
        let next = try fall(from: here, along: d, decrement, &evaluations)
        guard let next else { break }
        here = next
      }
      g = gradient(at: here)
    }
    let left = zip(g, norms).map { $1 > 0 ? abs($0) / $1 : 0 }
    return End(
      place: here, isAttained: isSmall,
      isExplained: here.point.value <= Self.rounding * first.point.value,
      slack: left.reduce(rounding(here, first), max), evaluations: evaluations)
  }

  /// The first of c − d, c − d/2, … at which the loss falls enough, or nil where none does but for rounding.
  ///
  /// Where the loss hardly curves a step may be longer than all that was known: it is halved until u does not change.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)`` where value and gradient are not those of a convex function.
  private func fall(
    from here: Place, along d: [Double], _ decrement: Double, _ evaluations: inout Int
  ) throws(RecoveryError) -> Place? {
    var t = 1.0
    let step = image(d, plus: Array(repeating: 0, count: offset.count))
    let reach = step.reduce(0) { max($0, abs($1)) }
    let size = here.u.reduce(0) { max($0, abs($1)) }
    let value = here.point.value
    // Half of the digits of a value are enough to contradict a gradient.
    let half = Double.ulpOfOne.squareRoot()
    var failed: (t: Double, place: Place)?
    while t >= Double.ulpOfOne || t * reach > Double.ulpOfOne * size {
      evaluations += 1
      if let next = try place(zip(here.c, d).map { $0 - t * $1 }) {
        if next.point.value <= value - Self.leastDecrease * t * decrement { return next }
        if t * decrement > 16 * half * value { failed = (t, next) }
      }
      t /= 2
    }
    if let (t, there) = failed {
      // A convex function lies above its tangents.
      let slope = t * zip(d, gradient(at: there)).reduce(0) { $0 + $1.0 * $1.1 }
      let excess = there.point.value + slope - value
      if excess > half * (value + there.point.value + abs(slope)) {
        throw loss.failure("its value does not fall where its gradient says that it does")
      }
    }
    return nil
  }

  /// The point at c, or nil where it is beyond the range of a double.
  private func place(_ c: [Double]) throws(RecoveryError) -> Place? {
    let u = image(c, plus: offset)
    guard u.count > rows else { return try loss.at(u).map { Place(c: c, u: u, point: $0) } }
    guard let point = try loss.at(Array(u.prefix(rows))) else { return nil }
    let penalized = u.suffix(u.count - rows)
    let value = point.value + penalized.reduce(0) { $0 + $1 * $1 } / 2
    guard value.isFinite else { return nil }
    return Place(
      c: c, u: u,
      point: WeightedLoss.Point(
        value: value, slope: point.slope + penalized,
        curvature: point.curvature + penalized.map { _ in 1 }))
  }

  /// The derivatives in the entries that the loss takes.
  func onRows(_ point: WeightedLoss.Point) -> WeightedLoss.Point {
    guard point.slope.count > rows else { return point }
    return WeightedLoss.Point(
      value: point.value, slope: Array(point.slope.prefix(rows)),
      curvature: Array(point.curvature.prefix(rows)))
  }

  /// u + X c.
  private func image(_ c: [Double], plus u: [Double]) -> [Double] {
    var u = u
    addColumns(Array(c.indices), of: columns, times: c, to: &u, count: u.count, stride: u.count)
    return u
  }

  /// Xᵀ v.
  private func gradient(at here: Place) -> [Double] {
    var g = [Double](repeating: 0, count: count)
    let m = Int32(offset.count)
    cblas_dgemv(
      CblasColMajor, CblasTrans, m, Int32(count), 1, columns, m, here.point.slope, 1, 0, &g, 1)
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
    let sharpest = here.point.curvature.prefix(rows).reduce(0, max)
    let size =
      first.point.slope.norm + here.point.slope.norm
      + sharpest * zip(here.c, norms).reduce(0) { $0 + abs($1.0) * $1.1 }
    return Double(rows + count + 8) * Double.ulpOfOne * size
  }

  /// Whether a step is none in the metric of the first curvature.
  private func isSmallStep(_ d: [Double], from first: Place) -> Bool {
    let step = image(d, plus: Array(repeating: 0, count: offset.count))
    let length = zip(step, first.point.curvature).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    return length <= Self.leastStep * first.point.value
  }

  /// D^½ X.
  private func scaled(at here: Place) -> [Double] {
    let roots = here.point.curvature.map { $0.squareRoot() }
    var scaled = columns
    for p in 0..<count { for i in roots.indices { scaled[p * roots.count + i] *= roots[i] } }
    return scaled
  }

  /// The factor of H = XᵀDX: m · p² and p³/3 flops.
  ///
  /// Where D leaves some rows hardly any curvature, as far as rounding lets one tell, H is made definite by an addition
  /// of its rounding: along these directions a gradient is rounding too, and steps stay as long as others.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)`` where the loss does not curve and is not flat, and
  ///   ``RecoveryError/resultOverflow(_:)``.
  func factor(at here: Place) throws(RecoveryError) -> Factor {
    guard count > 0 else { return Factor(upper: [], independence: 1) }
    var h = innerProducts(scaled(at: here), rows: offset.count, count: count)
    for p in 0..<count {
      guard h[p * (count + 1)].isFinite else { throw .resultOverflow(.leastSquares) }
      if h[p * (count + 1)] == 0 {
        guard gradient(at: here)[p] == 0 else {
          throw loss.failure("its curvature is 0 where its gradient is not")
        }
        h[p * (count + 1)] = 1
      }
    }
    let diagonal = (0..<count).map { h[$0 * (count + 1)] }
    let rounding = 16 * Double(count) * Double.ulpOfOne
    let n = Int32(count)
    for damping in [0, Double(rows) * rounding, Self.damping] {
      var upper = h
      for p in 0..<count { upper[p * (count + 1)] += damping * diagonal[p] }
      guard LAPACKE_dpotrf(LAPACK_COL_MAJOR, .upper, n, &upper, n) == 0 else { continue }
      let parts = (0..<count).map { p in
        let pivot = upper[p * (count + 1)]
        return pivot * pivot / diagonal[p]
      }
      let least = parts.reduce(.infinity, min)
      if damping > 0 { return Factor(upper: upper, independence: 0) }
      if least > rounding { return Factor(upper: upper, independence: least) }
    }
    throw .resultOverflow(.leastSquares)
  }

  /// H⁻¹ g.
  private func solve(_ factor: Factor, _ g: [Double]) -> [Double] {
    var d = g
    let n = Int32(count)
    for transpose in [CblasTrans, CblasNoTrans] {
      cblas_dtrsv(
        CblasColMajor, CblasUpper, transpose, CblasNonUnit, n, factor.upper, n, &d, 1)
    }
    return d
  }

  /// D^½ X U⁻¹ without the rows of penalties, and U⁻¹.
  func whitened(at here: Place) throws(RecoveryError) -> (columns: [Double], inverse: [Double]) {
    let upper = try factor(at: here).upper
    let n = Int32(count)
    func divided(_ block: [Double], rows: Int) -> [Double] {
      var block = block
      cblas_dtrsm(
        CblasColMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(rows), n, 1,
        upper, n, &block, Int32(rows))
      return block
    }
    guard count > 0 else { return ([], []) }
    let all = divided(scaled(at: here), rows: offset.count)
    let columns =
      offset.count == rows
      ? all : (0..<count).flatMap { Array(all.part($0, of: count).prefix(rows)) }
    let identity = (0..<count * count).map { $0 % (count + 1) == 0 ? 1.0 : 0 }
    return (columns, divided(identity, rows: count))
  }
}
