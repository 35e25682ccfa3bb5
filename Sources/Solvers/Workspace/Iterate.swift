import LeastSquares
public import SparseCore

/// A point of a search: coefficients on a support, with the residual they leave.
///
/// Of a joint problem, coefficients and residuals are those of every observation, plane after plane.
public struct Iterate: Sendable {
  /// The atoms, in ascending order.
  public let support: [Int]
  /// The coefficients of these atoms.
  public let coefficients: [Double]
  /// r = y − A x, for the scaled observation. Under another loss its negative gradient in the prediction A x + b, each
  /// row divided by the root of its weight: Aᵀ r is the negative gradient under every loss.
  public let residual: [Double]
  /// ‖r‖₂: the root of twice the loss, with a ridge and under another loss too.
  public let residualNorm: Double
  /// How the minimum on the support was found, or nil for coefficients that are not a projection.
  public let method: ProjectionMethod?
  /// Whether A_Wᵀ r may be computed from Gram columns without losing the residual's digits.
  let isGramAccurate: Bool

  /// The minimum on a support.
  init(support: [Int], projection: Projection) {
    self.support = support
    coefficients = projection.coefficients
    residual = projection.residual
    residualNorm = projection.residualNorm
    method = projection.method
    isGramAccurate = projection.isGramAccurate
  }

  /// x = 0, in least squares.
  init(empty problem: RecoveryProblem) {
    support = []
    coefficients = []
    residual = problem.scaledPlanes
    residualNorm = residual.squaredNorm.squareRoot()
    method = nil
    isGramAccurate = true
  }

  /// Any coefficients, with the residual they leave.
  init(support: [Int], coefficients: [Double], residual: [Double]) {
    self.support = support
    self.coefficients = coefficients
    self.residual = residual
    residualNorm = residual.squaredNorm.squareRoot()
    method = nil
    isGramAccurate = Projection.isGramAccurate(coefficients, residualNorm: residualNorm)
  }

  /// Any coefficients under another loss than least squares.
  init(_ x: SparseVector, _ fit: LossFit) {
    self.init(
      x, residual: fit.projection.residual, residualNorm: fit.projection.residualNorm, method: nil,
      isGramAccurate: false)
  }

  /// A point as a checkpoint kept it.
  init(
    _ x: SparseVector, residual: [Double], residualNorm: Double, method: ProjectionMethod?,
    isGramAccurate: Bool
  ) {
    support = x.support
    coefficients = x.coefficients
    self.residual = residual
    self.residualNorm = residualNorm
    self.method = method
    self.isGramAccurate = isGramAccurate
  }

  /// x without its residual.
  public var vector: SparseVector { SparseVector(support: support, coefficients: coefficients) }
}

extension Workspace {
  /// x with the residual it leaves: 2 · m · k flops on the host. Under another loss than least squares what every
  /// support contains is fitted to it; where x leads beyond the range of a double, the minimum on its support takes its place.
  public func iterate(_ x: SparseVector) throws(RecoveryError) -> Iterate {
    guard !x.support.isEmpty else { return try nullModel() }
    guard problem.hasSquaredLoss else {
      guard let fit = try minimizer.evaluate(x.coefficients, on: x.support) else {
        return try project(onto: x.support)
      }
      return Iterate(x, fit)
    }
    let y = problem.scaledPlanes
    let residual = try withProjector(for: x.support.count) { (projector) throws(RecoveryError) in
      try projector.adding(-1, imageOf: x.coefficients, on: x.support, to: y)
    }
    return Iterate(support: x.support, coefficients: x.coefficients, residual: residual)
  }

  /// A x, of length m in every plane: 2 · m · k flops on the host.
  public func image(of x: SparseVector) throws(RecoveryError) -> [Double] {
    let zero = [Double](repeating: 0, count: problem.rows * problem.planes)
    guard !x.support.isEmpty else { return zero }
    return try withProjector(for: x.support.count) { (projector) throws(RecoveryError) in
      try projector.adding(1, imageOf: x.coefficients, on: x.support, to: zero)
    }
  }

  /// A_Sᵀ r in every plane, in double precision on the host: 2 · m · k flops.
  public func correlate(_ r: [Double], with support: [Int]) throws(RecoveryError) -> [Double] {
    guard !support.isEmpty else { return [] }
    return try withProjector(for: support.count) { (projector) throws(RecoveryError) in
      try projector.correlate(r, with: support)
    }
  }

  /// The projection onto the k largest entries of x, or groups: x itself where it is one and has no more.
  public func pruned(_ x: Iterate, to k: Int) throws(RecoveryError) -> Iterate {
    x.method != nil && problem.atoms.groupCount(of: x.support) <= k
      ? x : try project(onto: keeping(k, of: x.vector).support)
  }

  /// H_k: the k entries of largest magnitude, of several planes the rows of largest norm; or the k groups that make most of
  /// the prediction.
  public func keeping(_ k: Int, of x: SparseVector) throws(RecoveryError) -> SparseVector {
    x.keeping(k, by: try groupScores())
  }

  /// ‖d‖₂² / ‖A d‖₂²: how far to go along d for the largest decrease, where d is the negative
  /// gradient on a support. Nil where A d vanishes.
  ///
  /// - Throws: ``RecoveryError/unsupportedModel(solver:option:)`` under another loss than least squares.
  public func exactStep(along d: SparseVector) throws(RecoveryError) -> Double? {
    try problem.requireSquaredLoss(for: "a search with exact steps")
    let step = d.coefficients.squaredNorm / (try image(of: d).squaredNorm)
    return step.isFinite ? step : nil
  }

  /// The projection from which a search sets out: onto what `start` finds, or onto the k atoms, or groups, that
  /// correlate most with the observation.
  public func start(
    _ start: (any Solver)?, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> Iterate {
    guard let start else {
      return try project(onto: strongest(search.groupCount, at: nullModel()).support)
    }
    let solution = try start.solve(self, sparsity: search.sparsity, observer: observer)
    return try project(onto: solution.atomCoefficients.support)
  }
}

extension SparseVector {
  /// The sum of two vectors with disjoint supports.
  init(_ a: SparseVector, _ b: SparseVector) {
    guard !a.support.isEmpty, !b.support.isEmpty else {
      self = a.support.isEmpty ? b : a
      return
    }
    let support = a.support + b.support
    let order = support.indices.sorted { support[$0] < support[$1] }
    self.init(
      support: order.map { support[$0] },
      coefficients: (0..<a.planes).flatMap { l in
        let entries = a.plane(l).coefficients + b.plane(l).coefficients
        return order.map { entries[$0] }
      })
  }

  /// H_k: the k rows of largest norm, which in one plane are its entries of largest magnitude; ties to the
  /// lowest index; exact zeros are left out.
  public func keeping(_ k: Int) -> SparseVector {
    guard k > 0 else { return SparseVector(support: [], coefficients: []) }
    guard support.count > k else { return rows(nonzeroRows) }
    let nonzero = Set(nonzeroRows)
    let positions = largestMagnitudes(k, of: rowMagnitudes(of: coefficients, planes: planes))
    return rows(positions.filter(nonzero.contains))
  }

  /// The rows at some places of the support.
  func rows(_ places: [Int]) -> SparseVector {
    SparseVector(
      support: places.map { support[$0] },
      coefficients: (0..<planes).flatMap { l in
        places.map { coefficients[l * support.count + $0] }
      })
  }

  /// ‖self − other‖₂².
  func squaredDistance(to other: SparseVector) -> Double {
    let count = max(planes, other.planes)
    guard count == 1 else {
      return (0..<count).reduce(0) { $0 + plane($1).squaredDistance(to: other.plane($1)) }
    }
    let theirs = Dictionary(uniqueKeysWithValues: zip(other.support, other.coefficients))
    let mine = Set(support)
    let here = zip(support, coefficients).map { j, c in c - (theirs[j] ?? 0) }.squaredNorm
    return here
      + zip(other.support, other.coefficients).filter { !mine.contains($0.0) }
      .map(\.1).squaredNorm
  }
}
