import Losses
package import SparseCore

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

  package func mean(at prediction: Double) -> Double { LogisticLoss().mean(at: prediction) }
}

/// Least squares as somebody else might write it: what Newton's method makes of it is known.
package struct OtherSquaredLoss: Loss {
  package let name = "other squared"

  package init() {}

  package func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint { SquaredLoss().evaluate(prediction, observation, weights: weights) }
}
