/// What is minimised over the coefficients of a support: a smooth convex function of the prediction
/// η = A x + b ∈ ℝᵐ, at least 0, that adds up over the rows.
///
/// Least squares, ``SquaredLoss``, is the default of ``RecoveryProblem`` and has ways of its own. Every
/// other loss is this one function with its derivatives: the package fits supports by Newton's method,
/// and solvers that say so (``Solver/minimizesAnyLoss``) rank supports by it.
public protocol Loss: Sendable {
  /// A word or two, as messages have it: `logistic`.
  var name: String { get }

  /// Every parameter, as checkpoints compare them; all stored properties unless a loss says otherwise,
  /// which one that stores functions or references must.
  var facts: String { get }

  /// Whether the value is half the deviance: −log of the likelihood of y, less that of the best prediction. Information
  /// criteria are made of it. It is not unless a loss says so.
  var isHalfDeviance: Bool { get }

  /// The loss at a prediction, with its derivatives.
  ///
  /// Equal arguments give equal bits. Where a value or a derivative is beyond the range of a double it
  /// may be infinite or NaN, but not at η = 0: minimisers step back from there.
  ///
  /// - Parameters:
  ///   - prediction: η, a number for each row that takes part.
  ///   - observation: y, as many numbers, each of which was checked.
  ///   - weights: as many finite numbers above 0. A row of weight 2 counts as two rows.
  func evaluate(_ prediction: [Double], _ observation: [Double], weights: [Double]) -> LossPoint

  /// What is expected of an observation at a prediction η, the inverse of the link; η itself unless a loss says
  /// otherwise. The loss falls in its direction: the gradient is above 0 where the mean is above y.
  func mean(at prediction: Double) -> Double

  /// The same loss of numbers in another unit u: ℓ' with ℓ(u η, u y) = u² ℓ'(η, y). Observations beyond 2^±256, whose
  /// squares may leave the range of a double, are minimised in a unit of their own where there is one. Nil unless a loss
  /// says otherwise.
  func measured(in unit: Double) -> (any Loss)?

  /// Refuses an observation that makes no sense, such as a label that is neither 0 nor 1. Finite numbers
  /// all do unless a loss says otherwise.
  ///
  /// - Throws: ``RecoveryError/observationOutOfRange(index:value:expected:)``.
  func check(_ observation: Double, at index: Int) throws(RecoveryError)
}

/// A loss at one prediction.
public struct LossPoint: Sendable {
  /// The loss, at least 0. Its least value is best 0: what remains of it is measured beside the null model.
  public var value: Double
  /// The derivative in the prediction of each row, weights included.
  public var gradient: [Double]
  /// The second derivative in the prediction of each row, weights included, or a larger number, which costs more
  /// steps. At least 0, and above 0 where the gradient is not 0.
  public var curvature: [Double]

  /// Collects the parts.
  public init(value: Double, gradient: [Double], curvature: [Double]) {
    self.value = value
    self.gradient = gradient
    self.curvature = curvature
  }
}

extension Loss {
  /// The names and values of all stored properties.
  public var facts: String { textOfStored(self) }

  /// It is not. Nor is that of least squares, whose variance is unknown.
  public var isHalfDeviance: Bool { false }

  /// η.
  public func mean(at prediction: Double) -> Double { prediction }

  /// It depends on the unit.
  public func measured(in unit: Double) -> (any Loss)? { nil }

  /// Takes any finite number.
  public func check(_ observation: Double, at index: Int) throws(RecoveryError) {}
}

/// ½ Σ wᵢ (ηᵢ − yᵢ)²: least squares.
///
/// The only loss that the intercept and the columns included can be projected out of, that does not depend
/// on the unit of y, and that Gram columns serve: all solvers minimise it.
public struct SquaredLoss: Loss {
  /// `squared`.
  public var name: String { "squared" }

  /// No parameters.
  public init() {}

  /// ½ Σ wᵢ (ηᵢ − yᵢ)², and wᵢ (ηᵢ − yᵢ), and wᵢ.
  public func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: weights)
    for i in prediction.indices {
      let residual = observation[i] - prediction[i]
      point.value += weights[i] * residual * residual / 2
      point.gradient[i] = -weights[i] * residual
    }
    return point
  }
}

extension RecoveryProblem {
  /// Refuses another loss than least squares on behalf of what does not know it.
  ///
  /// - Throws: ``RecoveryError/unsupportedModel(solver:option:)``, which names the loss.
  package func requireSquaredLoss(for solver: String) throws(RecoveryError) {
    guard hasSquaredLoss else {
      throw .unsupportedModel(solver: solver, option: "the \(loss.name.oneLine(limit: 80)) loss")
    }
  }
}

/// The names and values of all that a value stores, down to what stores nothing, `leavingOut` some.
package func textOfStored(
  _ value: Any, leavingOut isLeftOut: (Any) -> Bool = { _ in false }
) -> String {
  if isLeftOut(value) { return "" }
  let children = Mirror(reflecting: value).children
  if children.isEmpty { return "\(value)" }
  return children.reduce("\(type(of: value))") {
    "\($0) \($1.label ?? "") \(textOfStored($1.value, leavingOut: isLeftOut))"
  }
}
