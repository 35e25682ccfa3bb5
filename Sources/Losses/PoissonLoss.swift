import Glibc
public import SparseCore

/// Poisson regression for counts: Σ wᵢ (e^ηᵢ − yᵢ ηᵢ + yᵢ log yᵢ − yᵢ), of mean e^η. Half the deviance: McCullagh and
/// Nelder 1989, §6.2.
///
/// Observations need not be whole. The mean overflows from η = 710 on.
public struct PoissonLoss: Loss {
  /// `poisson`.
  public var name: String { "poisson" }
  /// It is.
  public var isHalfDeviance: Bool { true }

  /// No parameters.
  public init() {}

  /// y (e^d − 1 − d) for the distance d = η − log y from the best prediction, so that no digits cancel; y (e^d − 1); and
  /// the mean, or 10⁻²⁶⁰ where that is larger, so that it does not fall out of the range where the gradient, −y, does not.
  public func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: prediction)
    for i in prediction.indices {
      let (η, y) = (prediction[i], observation[i])
      let distance = y > 0 ? η - log(y) : 0
      let mean = exp(η)
      point.value += weights[i] * (y > 0 ? y * (expm1(distance) - distance) : mean)
      point.gradient[i] = weights[i] * (y > 0 ? y * expm1(distance) : mean)
      point.curvature[i] = weights[i] * max(mean, Self.least)
    }
    return point
  }

  /// Gradients divided by it are still in the range of a double.
  private static var least: Double { 1e-260 }

  /// e^η.
  public func mean(at prediction: Double) -> Double { exp(prediction) }

  /// Takes numbers from 0 on.
  public func check(_ observation: Double, at index: Int) throws(RecoveryError) {
    guard observation >= 0 else {
      throw .observationOutOfRange(index: index, value: observation, expected: "at least 0")
    }
  }
}
