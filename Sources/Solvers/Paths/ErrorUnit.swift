import SparseCore

/// What mean squared errors are measured in, so that no square, and no product of one with a weight, leaves the range of
/// a double: powers of two, which round nothing. One for all y and weights but those beyond 2^±256.
struct ErrorUnit: Sendable {
  /// Errors of y are those of y / 2^exponent, times 4^exponent.
  let exponent: Int
  /// Weights are divided by 4 to this, which no mean depends on.
  private let halfWeightExponent: Int
  /// How many numbers of the problem are one as given, and so one row to take the mean of.
  private let partsOfNumber: Double
  /// The loss of what is measured: one that depends on the unit is taken as it is.
  let loss: any Loss

  /// - Parameter joint: the observations whose errors are added up, or nil for that of the problem.
  init(_ problem: RecoveryProblem, _ joint: [[Double]]?) {
    let weights = problem.model.weights
    func largest(_ y: [Double]) -> Double {
      y.indices.reduce(0) { weights?[$1] == 0 ? $0 : max($0, abs(y[$1])) }
    }
    let observations = joint ?? [problem.observation]
    let exponent = (observations.map(largest).max() ?? 0).extremeExponent
    let own =
      problem.hasSquaredLoss
      ? problem.loss
      : problem.loss.measured(in: Double(sign: .plus, exponent: exponent, significand: 1))
    self.exponent = own == nil ? 0 : exponent
    loss = own ?? problem.loss
    partsOfNumber = Double(problem.partsOfNumber)
    halfWeightExponent = (weights?.max() ?? 1).extremeExponent / 2
  }

  /// A residual, a prediction or an observation.
  func measured(_ residual: Double) -> Double { residual.scaled(by: -exponent) }

  /// A weight.
  func measured(weight: Double) -> Double { weight.scaled(by: -2 * halfWeightExponent) }

  /// The mean square of residuals by ‖W^½r‖₂ and Σ wᵢ.
  func meanSquare(norm: Double, totalWeight: Double) -> Double {
    let norm = norm.scaled(by: -exponent - halfWeightExponent)
    return mean(norm * norm, totalWeight: measured(weight: totalWeight))
  }

  /// The mean of squares by their sum and that of the weights, both measured: of a complex number both parts are one.
  func mean(_ sum: Double, totalWeight: Double) -> Double { sum / totalWeight * partsOfNumber }
}
