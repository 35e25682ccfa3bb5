import Glibc
package import SparseCore

/// Logistic regression: Σ wᵢ log(1 + e^(−sᵢ ηᵢ)) with sᵢ = 2 yᵢ − 1, for labels 0 and 1.
package struct LogisticLoss: Loss {
  package let name = "logistic"

  package init() {}

  package func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: prediction)
    for i in prediction.indices {
      let sign = 2 * observation[i] - 1
      let margin = sign * prediction[i]
      // Of the other label: e^(−|margin|) keeps it in range, and all its digits.
      let small = exp(-abs(margin))
      let other = (margin > 0 ? small : 1) / (1 + small)
      point.value += weights[i] * (max(-margin, 0) + log1p(small))
      point.gradient[i] = -weights[i] * sign * other
      point.curvature[i] = weights[i] * small / ((1 + small) * (1 + small))
    }
    return point
  }

  package func check(_ observation: Double, at index: Int) throws(RecoveryError) {
    guard observation == 0 || observation == 1 else {
      throw .observationOutOfRange(index: index, value: observation, expected: "0 or 1")
    }
  }
}

/// Huber's loss: rᵢ²/2 up to δ, δ |rᵢ| − δ²/2 beyond, for r = η − y. The curvature is that of the parabola
/// which touches the loss in r and −r and lies above it.
package struct HuberLoss: Loss {
  package let name = "huber"
  /// Where the parabola ends.
  package let δ: Double

  package init(δ: Double) { self.δ = δ }

  package func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: prediction)
    for i in prediction.indices {
      let residual = prediction[i] - observation[i]
      let size = abs(residual)
      point.value += weights[i] * (size <= δ ? size * size / 2 : δ * (size - δ / 2))
      point.gradient[i] = weights[i] * min(max(residual, -δ), δ)
      point.curvature[i] = weights[i] * (size <= δ ? 1 : δ / size)
    }
    return point
  }
}

/// Poisson regression for counts: Σ wᵢ (e^ηᵢ − yᵢ ηᵢ + yᵢ log yᵢ − yᵢ), half the deviance. It overflows from η = 710 on.
package struct PoissonLoss: Loss {
  package let name = "poisson"

  package init() {}

  package func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LossPoint(value: 0, gradient: prediction, curvature: prediction)
    for i in prediction.indices {
      let (η, y) = (prediction[i], observation[i])
      // y (e^d − 1 − d) for the distance d from the best prediction: no digits cancel.
      let distance = y > 0 ? η - log(y) : 0
      let mean = exp(η)
      point.value += weights[i] * (y > 0 ? y * (expm1(distance) - distance) : mean)
      point.gradient[i] = weights[i] * (y > 0 ? y * expm1(distance) : mean)
      point.curvature[i] = weights[i] * mean
    }
    return point
  }

  package func check(_ observation: Double, at index: Int) throws(RecoveryError) {
    guard observation >= 0 else {
      throw .observationOutOfRange(index: index, value: observation, expected: "at least 0")
    }
  }
}

/// Logistic regression with a quarter for its curvature, the most that it has: Böhning 1992.
package struct BoundedLogisticLoss: Loss {
  package let name = "bounded logistic"

  package init() {}

  package func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    var point = LogisticLoss().evaluate(prediction, observation, weights: weights)
    point.curvature = weights.map { $0 / 4 }
    return point
  }
}

/// Least squares as somebody else might write it: what Newton's method makes of it is known.
package struct OtherSquaredLoss: Loss {
  package let name = "other squared"

  package init() {}

  package func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint { SquaredLoss().evaluate(prediction, observation, weights: weights) }
}
