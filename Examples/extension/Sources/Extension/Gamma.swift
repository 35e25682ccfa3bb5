import Foundation
public import SparseRecovery

/// Gamma regression for amounts above 0, such as costs: Σ wᵢ (yᵢ e^(−ηᵢ) − 1 − log yᵢ + ηᵢ), of mean e^η.
///
/// Half the deviance: McCullagh and Nelder 1989, §8.3, with the logarithm for a link, under which it is convex.
public struct Gamma: Loss {
  /// What messages call it.
  public let name = "gamma"
  /// It is.
  public var isHalfDeviance: Bool { true }

  /// It has no parameters.
  public init() {}

  /// e^d − 1 − d for the distance d = log y − η of the best prediction, so that no digits cancel; 1 − e^d; and e^d, or a
  /// little more where that falls out of the range, since the gradient does not.
  public func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: prediction)
    for (i, η) in prediction.enumerated() {
      let d = log(observation[i]) - η
      point.value += weights[i] * (expm1(d) - d)
      point.gradient[i] = -weights[i] * expm1(d)
      point.curvature[i] = weights[i] * max(exp(d), 1e-260)
    }
    return point
  }

  /// e^η.
  public func mean(at prediction: Double) -> Double { exp(prediction) }

  /// Amounts are above 0.
  public func check(_ observation: Double, at index: Int) throws(RecoveryError) {
    guard observation > 0 else {
      throw .observationOutOfRange(index: index, value: observation, expected: "a number above 0")
    }
  }
}
