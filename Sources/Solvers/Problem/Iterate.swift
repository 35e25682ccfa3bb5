import LeastSquares
public import SparseCore

/// A point of a search: coefficients on a support, with the residual they leave.
public struct Iterate {
  /// The atoms, in ascending order.
  public let support: [Int]
  /// The coefficients of these atoms.
  public let coefficients: [Double]
  /// A x − y, for the scaled observation: minus the residual of the field.
  public let residual: [Double]
  /// ‖A x − y‖₂.
  public let residualNorm: Double
  /// How the least squares was solved, or nil for coefficients that are not a projection.
  public let method: ProjectionMethod?
  /// Whether A_Wᵀ r may be computed from Gram columns without losing the residual's digits.
  let isGramAccurate: Bool

  /// The least squares solution on a support.
  init(support: [Int], projection: Projection) {
    self.support = support
    coefficients = projection.coefficients
    residual = projection.residual
    residualNorm = projection.residualNorm
    method = projection.method
    isGramAccurate = projection.isGramAccurate
  }

  /// x = 0.
  public init(empty problem: RecoveryProblem) {
    support = []
    coefficients = []
    residual = problem.scaledObservation.map(-)
    residualNorm = problem.scaledObservation.squaredNorm.squareRoot()
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
