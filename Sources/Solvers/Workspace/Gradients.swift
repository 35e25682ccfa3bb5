public import SparseCore

extension Workspace {
  /// z ← D Aᵀ r for the residual r of x, the negative gradient of the loss: exactly zero on the support of x.
  /// Of a joint problem, in every plane.
  ///
  /// One pass over A, b · m · n bytes; or b · n · (k + 2) bytes from cached Gram columns.
  ///
  /// - Parameters:
  ///   - use: when Gram columns serve, or nil for the rule of this problem.
  ///   - candidates: atoms likely to enter a support soon, asked for when a column is missing.
  func negativeGradient(
    at x: Iterate, into z: [EngineVector], use: GramUse? = nil,
    candidates: () throws(RecoveryError) -> [Int] = { () throws(RecoveryError) in [] }
  ) throws(RecoveryError) {
    if try mayCombine(x, use ?? self.use) {
      let passes = cache.passes
      let columns = try cache.load(x.support, candidates: candidates)
      matrixPasses += cache.passes - passes
      for (l, (z, y)) in try zip(z, observationCorrelations()).enumerated() {
        try engine.combine(
          x.coefficients.part(l, of: problem.planes).map(-) + [1], of: columns + [y], into: z)
      }
    } else {
      try correlate(x.residual, into: z)
    }
    for (l, z) in z.enumerated() { try engine.clear(z, at: stationary(x, plane: l)) }
  }

  /// Where the gradient vanishes by optimality: on the support, less coefficients held at zero.
  func stationary(_ x: Iterate, plane l: Int = 0) -> [Int] {
    guard problem.model.isNonnegative, !x.support.isEmpty else { return x.support }
    return zip(x.support, x.vector.plane(l).coefficients).filter { $0.1 > 0 }.map(\.0)
  }

  private func mayCombine(_ x: Iterate, _ use: GramUse) throws(RecoveryError) -> Bool {
    guard x.isGramAccurate, problem.hasSquaredLoss else { return false }
    return switch use {
    case .never: false
    case .whenCached: cache.holds(x.support) && knowsObservation
    case .always: true
    }
  }

  /// The `count` atoms outside the support of x that correlate most with its residual, and their
  /// correlations D Aᵀ r: fewer when the others are orthogonal to it. Of a joint problem, those whose
  /// correlations with all residuals have the largest norms. Of groups, the atoms of the `count` that explain most.
  ///
  /// The cost of a gradient and a selection.
  public func strongest(_ count: Int, at x: Iterate) throws(RecoveryError) -> SparseVector {
    let z = try scratch()
    try negativeGradient(at: x, into: z)
    // What signs hold at zero has a gradient, which rounding may turn.
    if problem.model.isNonnegative { for z in z { try engine.clear(z, at: x.support) } }
    return try largest(min(count, problem.columns), of: z).leading(count, by: groupScores())
  }

  /// The k rows of z that count most: the entries of largest magnitude, of several planes the rows of largest norm, or
  /// the largest where coefficients must not be negative. Of groups, the atoms of the k that explain most. With signs or
  /// groups z crosses the bus, b · n bytes a plane.
  ///
  /// - Throws: ``RecoveryError/nonFiniteCorrelation(engine:column:)``.
  func largest(_ k: Int, of z: [EngineVector]) throws(RecoveryError) -> SparseVector {
    let scores = try groupScores()
    guard problem.model.isNonnegative || scores != nil else { return try engine.largest(k, of: z) }
    var entries = try read(z)
    if let place = entries.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: engine.identity.name, column: place % problem.columns)
    }
    let places: [Int]
    if let scores {
      let best = largestMagnitudes(
        min(k, scores.groups.count), of: scores.ofGradient(entries, planes: z.count))
      places = scores.groups.atoms(of: best)
    } else {
      for j in entries.indices { entries[j] = max(entries[j], 0) }
      places = largestMagnitudes(k, of: rowMagnitudes(of: entries, planes: z.count))
    }
    return SparseVector(support: Array(0..<problem.columns), coefficients: entries).rows(places)
  }
}

/// g = Aᵀ r where it can matter to a thresholding of x + μ g: on the support of x, and at its
/// largest entries outside. All others are smaller than these.
public struct NegativeGradient {
  /// x itself.
  private let x: SparseVector
  /// g on the support of x: zeros where x is a projection.
  private let inside: SparseVector
  /// The largest entries of g outside the support of x.
  private let outside: SparseVector
  private let scores: GroupScores?

  init(at x: SparseVector, inside: [Double], outside: SparseVector, scores: GroupScores? = nil) {
    self.x = x
    self.inside = SparseVector(support: x.support, coefficients: inside)
    self.outside = outside
    self.scores = scores
  }

  /// H_k(x + μ g), where k is at most the number of entries asked for.
  public func step(_ μ: Double, keeping k: Int) -> SparseVector {
    let moved = zip(x.coefficients, inside.coefficients).map { $0 + μ * $1 }
    return SparseVector(
      SparseVector(support: x.support, coefficients: moved),
      SparseVector(support: outside.support, coefficients: outside.coefficients.map { μ * $0 })
    ).keeping(k, by: scores)
  }

  /// The k largest entries of g itself, or those of the k groups that explain most.
  public func largest(_ k: Int) -> SparseVector {
    SparseVector(inside, outside).leading(k, by: scores)
  }

  /// g on the support of x; or, where it vanishes there because x is zero or a projection, the k
  /// largest entries of g.
  public func direction(_ k: Int) -> SparseVector {
    inside.coefficients.allSatisfy { $0 == 0 } ? largest(k) : inside
  }
}

extension Workspace {
  /// g = Aᵀ r on the support of x and at its `count` largest entries outside.
  ///
  /// The cost of ``strongest(_:at:)``, and 2 · m · k flops unless x is a projection.
  public func negativeGradient(
    at x: Iterate, outside count: Int
  ) throws(RecoveryError) -> NegativeGradient {
    let outside = try strongest(count, at: x)
    let inside =
      x.method == nil
      ? try negativeGradient(on: x.vector, residual: x.residual)
      : [Double](repeating: 0, count: x.coefficients.count)
    return NegativeGradient(
      at: x.vector, inside: inside, outside: outside, scores: try groupScores())
  }

  /// A_Sᵀ r on the support S of x, exactly zero where x is stationary but for rounding: a step along
  /// what rounding leaves would be of any size.
  ///
  /// r = y − A x is off by (k + 2) ε (Σ|x_j| ‖a_j‖ + ‖y‖), and m products by m ε as much. 2 · m · k flops.
  public func negativeGradient(
    on x: SparseVector, residual: [Double]
  ) throws(RecoveryError) -> [Double] {
    let slope = try correlate(residual, with: x.support)
    let norm = problem.atoms.largestNorm
    let size = x.coefficients.reduce(0) { $0 + abs($1) } * norm + (try nullModel().residual.norm)
    let rounding =
      Double(problem.rows + x.support.count + 8) * Double.ulpOfOne * norm * size
    return slope.contains { abs($0) > rounding } ? slope : slope.map { _ in 0 }
  }
}
