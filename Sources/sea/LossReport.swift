import SparseRecovery

/// What a report says of a loss other than least squares: how much of it is left, beside the null model.
struct LossReport: Encodable {
  private let named: NamedLoss
  private let isHalfDeviance: Bool
  /// The loss on the support; left out of JSON beyond the largest double.
  let value: Double
  /// That of the null model: intercept and columns included alone. Nil where it is zero, or what is left is, and beyond
  /// the largest double.
  let nullValue: Double?
  /// 1 − value / nullValue.
  let explained: Double

  /// Nil for least squares.
  ///
  /// - Parameter relativeResidual: the root of value / nullValue.
  init?(
    value: Double, relativeResidual: Double, of problem: RecoveryProblem, labels: BinaryLabels?
  ) {
    guard let named = NamedLoss(problem.loss, labels: labels) else { return nil }
    self.named = named
    isHalfDeviance = problem.loss.isHalfDeviance
    self.value = value
    let share = relativeResidual * relativeResidual
    nullValue = share > 0 && (value / share).isFinite ? value / share : nil
    explained = 1 - share
  }

  /// What is shown: the deviance, twice the loss, or the loss itself.
  var heading: String { isHalfDeviance ? "deviance" : "loss" }

  /// That of a solution with this relative residual.
  func text(_ relativeResidual: Double) -> String {
    shown((nullValue ?? 0) * relativeResidual * relativeResidual)
  }

  /// That of a solution with this loss.
  func text(loss value: Double) -> String { shown(value) }

  /// The lines of a report.
  var lines: [(name: String, value: String)] {
    [
      (
        "loss",
        "\(named.sentence): \(heading) \(shown(value))"
          + (nullValue.map { ", \(shown($0)) of the null model" } ?? "")
      ),
      ("explained \(heading)", explained.significant(6)),
    ]
  }

  private func shown(_ value: Double) -> String {
    (isHalfDeviance ? 2 * value : value).significant(6)
  }

  private enum Key: String, CodingKey {
    case name, threshold, labels, value, nullValue, deviance, nullDeviance, explained
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(named.name, forKey: .name)
    try object.encodeIfPresent(named.threshold, forKey: .threshold)
    try object.encodeIfPresent(named.labels, forKey: .labels)
    try object.encodeFinite(value, forKey: .value)
    try object.encodeIfPresent(nullValue, forKey: .nullValue)
    if isHalfDeviance {
      try object.encodeFinite(2 * value, forKey: .deviance)
      try object.encodeFinite(nullValue.map { 2 * $0 }, forKey: .nullDeviance)
    }
    try object.encode(explained, forKey: .explained)
  }
}
