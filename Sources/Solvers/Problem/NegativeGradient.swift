public import SparseCore

/// g = Aᵀ(y − A x) where it can matter to a thresholding of x + μ g: on the support of x, and at its
/// largest entries outside. All others are smaller than these.
public struct NegativeGradient {
  /// x itself.
  private let x: SparseVector
  /// g on the support of x: zeros where x is a projection.
  private let inside: SparseVector
  /// The largest entries of g outside the support of x.
  private let outside: SparseVector

  init(at x: SparseVector, inside: [Double], outside: SparseVector) {
    self.x = x
    self.inside = SparseVector(support: x.support, coefficients: inside)
    self.outside = outside
  }

  /// H_k(x + μ g), where k is at most the number of entries asked for.
  public func step(_ μ: Double, keeping k: Int) -> SparseVector {
    let moved = zip(x.coefficients, inside.coefficients).map { $0 + μ * $1 }
    return SparseVector(
      SparseVector(support: x.support, coefficients: moved),
      SparseVector(support: outside.support, coefficients: outside.coefficients.map { μ * $0 })
    ).keeping(k)
  }

  /// The k largest entries of g itself.
  public func largest(_ k: Int) -> SparseVector { SparseVector(inside, outside).keeping(k) }

  /// g on the support of x; or, where it vanishes there because x is zero or a projection, the k
  /// largest entries of g.
  public func direction(_ k: Int) -> SparseVector {
    inside.coefficients.allSatisfy { $0 == 0 } ? largest(k) : inside
  }
}

extension Workspace {
  /// g = Aᵀ(y − A x) on the support of x and at its `count` largest entries outside.
  ///
  /// The cost of ``strongest(_:at:)``, and 2 · m · k flops unless x is a projection.
  public func negativeGradient(
    at x: Iterate, outside count: Int
  ) throws(RecoveryError) -> NegativeGradient {
    let selection = try strongest(count, at: x)
    let inside =
      x.method == nil
      ? try slope(of: x.vector, residual: x.residual).map(-)
      : [Double](repeating: 0, count: x.support.count)
    return NegativeGradient(
      at: x.vector, inside: inside,
      outside: SparseVector(support: selection.indices, coefficients: selection.values.map(-)))
  }

  /// A_Sᵀ(A x − y) on the support of x, exactly zero where x is stationary but for rounding: a step along
  /// what rounding leaves would be of any size.
  ///
  /// A x − y is off by (k + 2) ε (Σ|x_j| ‖a_j‖ + ‖y‖), and m products by m ε as much. 2 · m · k flops.
  public func slope(of x: SparseVector, residual: [Double]) throws(RecoveryError) -> [Double] {
    let slope = try correlate(residual, with: x.support)
    let norm = problem.atoms.largestNorm
    let size = x.coefficients.reduce(0) { $0 + abs($1) } * norm + problem.scaledObservation.norm
    let rounding =
      Double(problem.rows + x.support.count + 8) * Double.ulpOfOne * norm * size
    return slope.contains { abs($0) > rounding } ? slope : slope.map { _ in 0 }
  }
}
