public import SparseCore

/// Huber's loss: rᵢ²/2 up to a threshold δ, δ |rᵢ| − δ²/2 beyond, for r = η − y: Huber 1964, Annals of Mathematical
/// Statistics 35. Rows far off pull by δ at most.
///
/// 1.345 standard deviations of the noise lose a twentieth of the efficiency of least squares where the noise is normal:
/// Huber and Ronchetti 2009, §4.5. It is no likelihood of y.
public struct HuberLoss: Loss {
  /// `huber`.
  public var name: String { "huber" }
  /// δ, in units of y: where the parabola ends.
  public let threshold: Double

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a threshold that is not finite and above 0.
  public init(threshold: Double) throws(RecoveryError) {
    guard threshold > 0, threshold.isFinite else {
      throw .invalidOption(
        name: "threshold of Huber's loss", value: "\(threshold)",
        expected: "a finite number above 0")
    }
    self.threshold = threshold
  }

  /// That of δ / `unit`; nil where no double is so small.
  public func measured(in unit: Double) -> (any Loss)? {
    // Beyond all residuals it is least squares, however far.
    let own = min(threshold / unit, .greatestFiniteMagnitude)
    return own >= .leastNormalMagnitude ? try? HuberLoss(threshold: own) : nil
  }

  /// The loss, r cut off at ±δ, and the curvature of the parabola which touches the loss in r and −r and lies above it:
  /// Huber and Ronchetti 2009, §7.8.
  public func evaluate(
    _ prediction: [Double], _ observation: [Double], weights: [Double]
  ) -> LossPoint {
    let δ = threshold
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
