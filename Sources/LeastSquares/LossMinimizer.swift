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
  /// That of each observation.
  private let losses: [WeightedLoss]
  /// Q, column after column.
  private let basis: [[Double]]
  /// The atoms of the latest support.
  private var atoms: [Int: [Double]] = [:]
  /// The latest supports with their minima, of every observation: solvers come back to what they found, and ask for its
  /// model.
  private var latest: [(support: [Int], minima: Minima)] = []
  /// At how many points a loss was evaluated.
  private var evaluations = 0

  /// So many minima are kept at most: those of some exchanges, which are looked through faster than one is computed.
  private static var mostKept: Int { 64 }
  /// And no more than take so many bytes, but one.
  private let keptBytes: Int

  /// Prepares for any supports. Nothing is computed yet.
  ///
  /// - Parameter count: how many of these share the 256 MB that minima may take.
  package init(_ problem: RecoveryProblem, oneOf count: Int = 1) {
    LinearAlgebra.prepare()
    keptBytes = (1 << 28) / count
    self.problem = problem
    losses = problem.presentObservations.map { WeightedLoss(problem, $0) }
    basis = problem.atoms.transform?.basis ?? []
  }

  /// Minimises over the coefficients of `support`, a list of distinct atoms, for every observation: a function of the
  /// support alone, of least norm where atoms are dependent and have any sign.
  ///
  /// Some ten steps of m · p² flops for p atoms and directions of Q; m numbers for every atom that was not in the
  /// support before. With signs as often as ``PassiveSet`` asks for it: a few times, mostly.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)``, ``RecoveryError/resultOverflow(_:)``,
  ///   ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func minimize(onto support: [Int]) throws(RecoveryError) -> LossFit {
    let minima = try minima(onto: support)
    var coefficients: [Double] = []
    var rank = support.count
    for minimum in minima.ofObservations {
      var c = [Double](repeating: 0, count: support.count)
      for (place, own) in zip(minimum.places, minimum.coefficients) { c[place] = own }
      if minimum.end.isDependent, problem.model.isPlain {
        let least = try leastNorm(c, of: support)
        if least.rank < support.count {
          c = least.coefficients
          rank = min(rank, least.rank)
        }
      }
      coefficients += c
    }
    return LossFit(
      coefficients, minima.ofObservations.map(\.end), rank: rank, evaluations: minima.evaluations)
  }

  /// What exchanges of one atom make of the loss, by its second-order model at the minimum on `support`; nil where
  /// atoms are dependent.
  ///
  /// - Throws: what ``minimize(onto:)`` throws.
  package mutating func model(onto support: [Int]) throws(RecoveryError) -> LossModel? {
    let minima = try minima(onto: support).ofObservations
    guard !minima.contains(where: \.end.isDependent) else { return nil }
    let planes = try minima.map { (minimum) throws(RecoveryError) in
      try LossModel.Plane(minimum.newton, minimum.end, places: minimum.places)
    }
    return LossModel(problem, planes, minima.map(\.end), size: support.count)
  }

  /// The place of the atom that a support can do without at the least cost, by its model; nil of none.
  ///
  /// Where there is no minimum, costs are at least those of fits without the atom, of as many as it takes to say which is
  /// the least: what grows without bound seems to cost nothing (Hauck and Donner 1977).
  ///
  /// - Throws: what ``minimize(onto:)`` throws.
  package mutating func weakest(
    of support: [Int], _ model: LossModel
  ) throws(RecoveryError) -> Int? {
    var costs = model.exitCosts
    var isFitted = [Bool](repeating: model.isAttained, count: costs.count)
    while let weakest = costs.indices.min(by: { costs[$0] < costs[$1] }) {
      guard !isFitted[weakest] else { return weakest }
      isFitted[weakest] = true
      var rest = support
      rest.remove(at: weakest)
      let norm = try minimize(onto: rest).projection.residualNorm
      costs[weakest] = max(costs[weakest], norm * norm / 2 - model.loss)
    }
    return nil
  }

  /// Backward elimination from some atoms by the second-order model of the loss at the minimum on `support`: what every
  /// support contains comes first and is never taken out. Nil where the model has no minimum.
  ///
  /// m · n² flops for the model of n atoms and each observation, and 8 · m · n bytes.
  ///
  /// - Throws: what ``minimize(onto:)`` throws.
  package mutating func elimination(
    of candidates: [Int], around support: [Int]
  ) throws(RecoveryError) -> Elimination? {
    try gather(support)
    let (m, n) = (problem.rows, basis.count + candidates.count)
    let columns = try basis.flatMap { $0 } + problem.atoms.block(candidates)
    var models: [(gram: [Double], slopes: [Double])] = []
    for loss in losses {
      let end = try minimum(of: loss, on: support).end
      // ½ ‖D^½(u − z)‖² with D z = D u* − ∂ℓ/∂u*.
      let (curvature, slope) = (end.point.curvature, end.point.slope)
      let target = (0..<m).map { curvature[$0] * end.prediction[$0] - slope[$0] }
      let slopes = (0..<n).map { j in
        (0..<m).reduce(0) { $0 + columns[j * m + $1] * target[$1] }
      }
      let roots = curvature.map { $0.squareRoot() }
      var scaled = columns
      for j in 0..<n { for i in 0..<m { scaled[j * m + i] *= roots[i] } }
      var gram = innerProducts(scaled, rows: m, count: n)
      for (place, j) in candidates.enumerated() {
        gram[(basis.count + place) * (n + 1)] += problem.penalty(j)
      }
      models.append((gram, slopes))
    }
    return try Elimination(models, fixed: basis.count)
  }

  /// The minimum on some of the atoms of a support.
  private struct Minimum {
    let newton: Newton
    let end: Newton.End
    /// The places in the support of the atoms that take part.
    let places: [Int]
    /// Their coefficients.
    var coefficients: [Double] { Array(end.coefficients.suffix(places.count)) }
  }

  /// The minima of all observations, and at how many points a loss was evaluated for them.
  private struct Minima {
    let ofObservations: [Minimum]
    let evaluations: Int
  }

  /// The minimum of every observation.
  private mutating func minima(onto support: [Int]) throws(RecoveryError) -> Minima {
    if let place = latest.firstIndex(where: { $0.support == support }) {
      let known = latest.remove(at: place)
      latest.append(known)
      return known.minima
    }
    try gather(support)
    let before = evaluations
    var ends: [Minimum] = []
    for loss in losses { ends.append(try minimum(of: loss, on: support)) }
    let minima = Minima(ofObservations: ends, evaluations: evaluations - before)
    // The columns, the prediction and what is made of it.
    let bytes = 8 * losses.count * problem.rows * (basis.count + support.count + 8)
    latest.append((support, minima))
    let most = max(1, min(Self.mostKept, keptBytes / bytes))
    latest.removeFirst(max(0, latest.count - most))
    return minima
  }

  /// The minimum on the atoms gathered that the model allows.
  private mutating func minimum(
    of loss: WeightedLoss, on support: [Int]
  ) throws(RecoveryError) -> Minimum {
    guard problem.model.isNonnegative, !support.isEmpty else {
      return try minimum(of: loss, on: support, at: Array(support.indices))
    }
    // Of the atoms of a support most are wanted.
    var set = PassiveSet(support.count, areAllPassive: true)
    func settle() throws(RecoveryError) -> Minimum? {
      try set.settle(
        { (places) throws(RecoveryError) in try minimum(of: loss, on: support, at: places) },
        coefficients: \.coefficients)
    }
    var best =
      if let found = try settle() { found } else { try minimum(of: loss, on: support, at: []) }
    for _ in 0..<set.mostRounds {
      let end = best.end
      let slopes = support.map { j in
        guard let atom = atoms[j] else { return 0.0 }
        let slope = -zip(atom, end.point.slope).reduce(0) { $0 + $1.0 * $1.1 }
        return slope > end.slack * atom.norm ? slope : 0
      }
      // What a value has lost to rounding is no reason to stop short of the minimum.
      let most = end.objective * (1 + Double(problem.rows) * Double.ulpOfOne)
      guard set.admit(steepestOf: slopes), let next = try settle(), next.end.objective <= most
      else { break }
      best = next
    }
    return best
  }

  /// The minimum on the atoms at some places of the support, whatever their signs.
  private mutating func minimum(
    of loss: WeightedLoss, on support: [Int], at places: [Int]
  ) throws(RecoveryError) -> Minimum {
    let support = places.map { support[$0] }
    let newton = Newton(
      loss, basis + support.compactMap { atoms[$0] },
      penalties: basis.map { _ in 0 } + support.map(problem.penalty),
      offset: Array(repeating: 0, count: problem.rows), cancellation: cancellation(of: support))
    let end = try newton.minimize()
    evaluations += end.evaluations
    return Minimum(newton: newton, end: end, places: places)
  }

  /// The loss at coefficients of the atoms of `support`, plane after plane, minimised over what every support contains. Nil
  /// where these alone lead beyond the range of a double.
  ///
  /// - Throws: what ``minimize(onto:)`` throws.
  package mutating func evaluate(
    _ c: [Double], on support: [Int]
  ) throws(RecoveryError) -> LossFit? {
    try gather(support)
    var ends: [Newton.End] = []
    for (l, loss) in losses.enumerated() {
      let offset = combination(c.part(l, of: losses.count), of: support)
      guard try loss.at(offset) != nil else { return nil }
      let newton = Newton(loss, basis, penalties: basis.map { _ in 0 }, offset: offset)
      ends.append(try newton.minimize())
    }
    return LossFit(
      c, ends, rank: support.count, evaluations: ends.reduce(0) { $0 + $1.evaluations })
  }

  /// The loss, without a ridge, at a prediction W^½ η of the only observation.
  ///
  /// - Throws: ``RecoveryError/resultOverflow(_:)``.
  package func value(at u: [Double]) throws(RecoveryError) -> Double {
    guard let point = try losses[0].at(u) else { throw .resultOverflow(.residualNorm) }
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
  private mutating func leastNorm(
    _ c: [Double], of support: [Int]
  ) throws(RecoveryError) -> (coefficients: [Double], rank: Int) {
    try gather(support)
    return try minimumNormSolution(
      support.flatMap { atoms[$0] ?? [] }, rows: problem.rows, columns: support.count,
      combination(c, of: support), cancellation: cancellation(of: support))
  }

  /// By how much the rounding of these atoms exceeds that of their entries.
  private func cancellation(of support: [Int]) -> Double {
    support.reduce(1) { max($0, problem.atoms.cancellation($1)) }
  }
}

/// The loss at the minimum on a support; of several observations the sum of theirs, vectors plane after plane.
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
  /// At how many points a loss was evaluated: of each a Newton step, but where steps were halved. What a fit says of itself,
  /// remembered or computed.
  package let evaluations: Int

  fileprivate init(
    _ coefficients: [Double], _ ends: [Newton.End], rank: Int, evaluations: Int
  ) {
    self.evaluations = evaluations
    projection = Projection(
      coefficients: coefficients, residual: ends.flatMap { $0.point.slope.map(-) },
      fit: Fit(
        residualNorm: (2 * ends.reduce(0) { $0 + $1.objective }).squareRoot(), method: .newton,
        rank: rank, isGramAccurate: false))
    prediction = ends.flatMap(\.prediction)
    isAttained = ends.allSatisfy(\.isAttained)
    isExplained = ends.allSatisfy(\.isExplained)
  }
}

/// The loss of an observation as a function of u = W^½ η over all rows; those of weight 0 have no part in it.
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

  /// - Parameter y: one of the observations as scaled.
  init(_ problem: RecoveryProblem, _ y: [Double]) {
    let all = problem.model.weights ?? Array(repeating: 1, count: problem.rows)
    loss = problem.scaledLoss
    rows = all.indices.filter { all[$0] > 0 }
    observation = rows.map { y[$0] }
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
