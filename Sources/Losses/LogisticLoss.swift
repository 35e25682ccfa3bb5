import Glibc
public import SparseCore

/// Logistic regression: Σ wᵢ log(1 + e^(−sᵢ ηᵢ)) with sᵢ = 2 yᵢ − 1, for labels 0 and 1.
///
/// Half the deviance of labels of which yᵢ is 1 with probability 1 / (1 + e^(−ηᵢ)): McCullagh and Nelder 1989, §4.4.
public struct LogisticLoss: Loss {
  /// `logistic`.
  public var name: String { "logistic" }
  /// It is.
  public var isHalfDeviance: Bool { true }

  /// No parameters.
  public init() {}

  /// The loss, minus the probability of the other label in the direction of the own one, and p (1 − p).
  ///
  /// Of e^η and e^−η only the one below 1 is formed: nothing overflows, and small probabilities keep their digits. Where
  /// p (1 − p) falls out of the range and the gradient does not, the curvature is that of the parabola which touches the
  /// loss in η and −η and lies above it, (p − ½)/η: Jaakkola and Jordan 2000, Statistics and Computing 10.
  public func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: prediction)
    for i in prediction.indices {
      let sign = 2 * observation[i] - 1
      let margin = sign * prediction[i]
      // What is no double is not asked for: an underflow takes longer than all the rest.
      let small = abs(margin) > Self.vanishing ? 0 : exp(-abs(margin))
      let other = (margin > 0 ? small : 1) / (1 + small)
      point.value += weights[i] * (max(-margin, 0) + log1p(small))
      point.gradient[i] = -weights[i] * sign * other
      point.curvature[i] =
        weights[i]
        * (margin > -Self.farthest
          ? small / ((1 + small) * (1 + small)) : (other - 0.5) / -margin)
    }
    return point
  }

  /// Gradients divided by e^−600, which is 10⁻²⁶¹, are still in the range of a double.
  private static var farthest: Double { 600 }

  /// e^−746 is nearer to 0 than to the smallest double.
  private static var vanishing: Double { 746 }

  /// The probability of label 1, 1 / (1 + e^−η).
  public func mean(at prediction: Double) -> Double {
    let small = exp(-abs(prediction))
    return (prediction > 0 ? 1 : small) / (1 + small)
  }

  /// Takes 0 and 1.
  public func check(_ observation: Double, at index: Int) throws(RecoveryError) {
    guard observation == 0 || observation == 1 else {
      throw .observationOutOfRange(index: index, value: observation, expected: "0 or 1")
    }
  }
}
