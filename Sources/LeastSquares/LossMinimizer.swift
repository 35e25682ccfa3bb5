package import SparseCore

/// The minimum of any smooth convex loss over the coefficients of a support, and of all that every support
/// contains.
///
/// All is in the coordinates u = W^½ η of the prediction η: u = Q γ + Σ_j c_j T a_j s_j, with the rows' transform
/// T = (I − QQᵀ) W^½, the scales s and the span Q of intercept and included columns of least squares. Where γ is
/// optimal, r = −W^-½ ∂ℓ/∂η is orthogonal to Q, so that Tᵀ r = −∂ℓ/∂η: engines, atoms and norms are those of least
/// squares, and r, the negative gradient in the prediction, takes the place of its residual y − A x.
package struct LossMinimizer {
  private let problem: RecoveryProblem
  private let loss: WeightedLoss
  /// Q, column after column.
  private let basis: [[Double]]
  /// The atoms of the latest support.
  private var atoms: [Int: [Double]] = [:]

  /// Prepares for any supports. Nothing is computed yet.
  package init(_ problem: RecoveryProblem) {
    LinearAlgebra.prepare()
    self.problem = problem
    loss = WeightedLoss(problem)
    basis = problem.atoms.transform?.basis ?? []
  }

  /// Minimises over the coefficients of `support`, a list of distinct atoms: a function of the support alone, of least
  /// norm where atoms are dependent.
  ///
  /// Some ten steps of m · p² flops for p atoms and directions of Q; m numbers for every atom that was not in the
  /// support before.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)``, ``RecoveryError/resultOverflow(_:)``,
  ///   ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func minimize(onto support: [Int]) throws(RecoveryError) -> LossFit {
    let end = try newton(onto: support).minimize()
    var c = Array(end.coefficients.dropFirst(basis.count))
    var rank = support.count
    if end.isDamped, problem.model.ridge == 0 {
      let least = try leastNorm(c, of: support)
      if least.rank < rank { (c, rank) = least }
    }
    return LossFit(c, end, rank: rank)
  }

  /// What exchanges of one atom make of the loss, by its second-order model at the minimum on `support`; nil where
  /// atoms are dependent.
  ///
  /// - Throws: what ``minimize(onto:)`` throws.
  package mutating func model(onto support: [Int]) throws(RecoveryError) -> LossModel? {
    let newton = try newton(onto: support)
    let end = try newton.minimize()
    guard !end.isDamped else { return nil }
    return LossModel(problem, newton.columns, newton.penalties, end, size: support.count)
  }

  private mutating func newton(onto support: [Int]) throws(RecoveryError) -> Newton {
    try gather(support)
    return Newton(
      loss, basis + support.compactMap { atoms[$0] },
      penalties: basis.map { _ in 0 } + support.map(problem.penalty),
      offset: Array(repeating: 0, count: problem.rows))
  }

  /// The loss at coefficients of the atoms of `support`, minimised over what every support contains.
  ///
  /// - Throws: what ``minimize(onto:)`` throws.
  package mutating func evaluate(
    _ c: [Double], on support: [Int]
  ) throws(RecoveryError) -> LossFit {
    try gather(support)
    let newton = Newton(
      loss, basis, penalties: basis.map { _ in 0 }, offset: combination(c, of: support))
    return LossFit(c, try newton.minimize(), rank: support.count)
  }

  /// The loss, without a ridge, at a prediction W^½ η.
  ///
  /// - Throws: ``RecoveryError/resultOverflow(_:)``.
  package func value(at u: [Double]) throws(RecoveryError) -> Double {
    guard let point = try loss.at(u) else { throw .resultOverflow(.residualNorm) }
    return point.value
  }

  /// Fetches the atoms of `support` that are not at hand, and lets go of the others.
  private mutating func gather(_ support: [Int]) throws(RecoveryError) {
    var gathered: [Int: [Double]] = [:]
    for j in support {
      gathered[j] = if let atom = atoms[j] { atom } else { try problem.atoms.atom(j) }
    }
    atoms = gathered
  }

  /// Σ_j c_j times these atoms.
  private func combination(_ c: [Double], of support: [Int]) -> [Double] {
    var sum = [Double](repeating: 0, count: problem.rows)
    for (j, c) in zip(support, c) {
      if let atom = atoms[j] { for i in sum.indices { sum[i] += c * atom[i] } }
    }
    return sum
  }

  /// The coefficients of least norm that make the same of these atoms, and the numerical rank, by singular values.
  private func leastNorm(
    _ c: [Double], of support: [Int]
  ) throws(RecoveryError) -> (coefficients: [Double], rank: Int) {
    try minimumNormSolution(
      support.flatMap { atoms[$0] ?? [] }, rows: problem.rows, columns: support.count,
      combination(c, of: support),
      cancellation: support.reduce(1) { max($0, problem.atoms.cancellation($1)) })
  }
}

/// The loss at the minimum on a support.
package struct LossFit: Sendable {
  /// c, and −W^-½ ∂ℓ/∂η in the place of the residual, with the root of twice the loss.
  package let projection: Projection
  /// W^½ η, of length m.
  package let prediction: [Double]
  /// Whether there is a minimum here: else the loss goes on falling as coefficients grow without bound, as that of
  /// labels does which a plane separates, and this is where nothing was left to gain.
  package let isAttained: Bool
  /// Whether the loss is zero but for rounding beside that of η = 0.
  package let isExplained: Bool

  fileprivate init(_ coefficients: [Double], _ end: Newton.End, rank: Int) {
    projection = Projection(
      coefficients: coefficients, residual: end.point.slope.map(-),
      fit: Fit(
        residualNorm: (2 * end.objective).squareRoot(), method: .newton, rank: rank,
        isGramAccurate: false))
    prediction = end.prediction
    isAttained = end.isAttained
    isExplained = end.isExplained
  }
}

/// The loss as a function of u = W^½ η over all rows; those of weight 0 have no part in it.
struct WeightedLoss {
  /// The loss at u.
  struct Point {
    let value: Double
    /// ∂ℓ/∂u = W^-½ ∂ℓ/∂η.
    let slope: [Double]
    /// ∂²ℓ/∂u², or a majorant.
    let curvature: [Double]
  }

  /// Its name.
  var name: String { loss.name }

  private let loss: any Loss
  private let rows: [Int]
  private let observation: [Double]
  private let weights: [Double]
  private let roots: [Double]

  init(_ problem: RecoveryProblem) {
    let all = problem.model.weights ?? Array(repeating: 1, count: problem.rows)
    loss = problem.loss
    rows = all.indices.filter { all[$0] > 0 }
    observation = rows.map { problem.observation[$0] }
    weights = rows.map { all[$0] }
    roots = weights.map { $0.squareRoot() }
  }

  /// The loss at u, or nil where it is beyond the range of a double.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)`` for what no loss may be.
  func at(_ u: [Double]) throws(RecoveryError) -> Point? {
    let η = zip(rows, roots).map { u[$0] / $1 }
    let point = loss.evaluate(η, observation, weights: weights)
    guard point.gradient.count == η.count, point.curvature.count == η.count else {
      throw failure(
        "expected \(η.count) derivatives, found \(point.gradient.count) and "
          + "\(point.curvature.count)")
    }
    var slope = [Double](repeating: 0, count: u.count)
    var curvature = slope
    var isFinite = point.value.isFinite
    for (place, i) in rows.enumerated() {
      slope[i] = point.gradient[place] / roots[place]
      curvature[i] = point.curvature[place] / weights[place]
      isFinite = isFinite && slope[i].isFinite && curvature[i].isFinite
    }
    guard isFinite else { return nil }
    guard point.value >= 0 else {
      throw failure("expected a value of at least 0, found \(point.value)")
    }
    if let least = curvature.min(), least < 0 {
      throw failure("expected curvatures of at least 0, found \(least)")
    }
    return Point(value: point.value, slope: slope, curvature: curvature)
  }

  /// What to throw when the loss does not keep its promises.
  func failure(_ reason: String) -> RecoveryError { .lossFailure(loss: name, reason: reason) }
}
