import Foundation
public import SparseRecovery

/// Logistic regression: Σ wᵢ log(1 + e^(−sᵢ ηᵢ)) with sᵢ = 2 yᵢ − 1, for labels 0 and 1.
///
/// The probability of label 1 is 1 / (1 + e^−η). The loss is minus the logarithm of the likelihood.
public struct Logistic: Loss {
  /// What messages call it.
  public let name = "logistic"

  /// It is.
  public var isHalfDeviance: Bool { true }

  /// It has no parameters.
  public init() {}

  /// The loss, minus the probability of the other label in the direction of the own one, and p (1 − p).
  ///
  /// Of e^η and e^−η only the one below 1 is formed: nothing overflows, and small probabilities keep their digits.
  public func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: prediction)
    for i in prediction.indices {
      let sign = 2 * observation[i] - 1
      let margin = sign * prediction[i]
      let small = exp(-abs(margin))
      let other = (margin > 0 ? small : 1) / (1 + small)
      point.value += weights[i] * (max(-margin, 0) + log1p(small))
      point.gradient[i] = -weights[i] * sign * other
      point.curvature[i] = weights[i] * small / ((1 + small) * (1 + small))
    }
    return point
  }

  /// The probability of label 1.
  public func mean(at prediction: Double) -> Double { 1 / (1 + exp(-prediction)) }

  /// Labels are 0 or 1.
  public func check(_ observation: Double, at index: Int) throws(RecoveryError) {
    guard observation == 0 || observation == 1 else {
      throw .observationOutOfRange(index: index, value: observation, expected: "0 or 1")
    }
  }
}

extension SparseSolution {
  /// The probabilities of label 1 in each row of A.
  public func probabilities(_ a: any LinearOperator) throws(RecoveryError) -> [Double] {
    var scores = [Double](repeating: intercept ?? 0, count: a.rows)
    for (j, c) in zip(support, coefficients) {
      let column = try a.column(j)
      for i in scores.indices { scores[i] += c * column[i] }
    }
    return scores.map(Logistic().mean(at:))
  }
}
