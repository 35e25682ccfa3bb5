package import SparseCore

/// The losses by the names that users give them.
package enum LossName: String, CaseIterable, Sendable {
  case squares, logistic, huber, poisson

  /// The loss.
  ///
  /// - Parameters:
  ///   - threshold: of Huber's loss.
  ///   - dashes: what stands before the names of options in messages.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where the threshold of Huber's loss is missing, or is
  ///   not finite and above 0.
  package func loss(
    threshold: Double?, dashes: String = ""
  ) throws(RecoveryError) -> any Loss {
    switch self {
    case .squares: return SquaredLoss()
    case .logistic: return LogisticLoss()
    case .poisson: return PoissonLoss()
    case .huber:
      guard let threshold else {
        throw .invalidOption(
          name: dashes + "loss", value: rawValue,
          expected:
            "\(dashes)huber-threshold as well: it has no default, since it is in units of y; 1.345 "
            + "standard deviations of the noise is usual")
      }
      return try HuberLoss(threshold: threshold)
    }
  }
}
