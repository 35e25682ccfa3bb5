import SparseRecovery

extension ExplainedVariance {
  /// Both for a person.
  func sentence(columns: Int) -> String {
    rSquared.significant(6)
      + (adjusted(columns: columns).map { ", adjusted \($0.significant(6))" } ?? "")
  }
}

/// How far predictions are from what was observed.
struct PredictionError: Encodable {
  let rows: Int
  /// The root of the mean square of the differences: of probabilities to labels of 0 and 1, of means to counts.
  /// Nil beyond the largest double.
  let rmse: Double?
  /// Nil where all observations are the same, beyond the largest double, and for labels and counts.
  let rSquared: Double?
  /// The mean of twice the loss, where that is a deviance.
  let meanDeviance: Double?
  /// The share of labels that are the more probable one; nil for what are no labels.
  let accuracy: Double?
  /// The mean of −log of the probability of each label; nil for what are no labels.
  let logLoss: Double?
  /// The share of pairs of a 1 and a 0 of which the 1 has the larger prediction, half of those that tie: Hanley and
  /// McNeil 1982. Nil where there is no pair.
  let auc: Double?

  /// - Parameters:
  ///   - predictions: η.
  ///   - loss: what was minimised, whose `check` all observations pass.
  /// - Precondition: as many predictions as observations, one at least.
  init(of predictions: [Double], observed: [Double], under loss: any Loss = SquaredLoss()) {
    rows = observed.count
    let count = Double(rows)
    let differences = zip(predictions, observed).map { loss.mean(at: $0) - $1 }
    let unit = differences.reduce(0) { max($0, abs($1)) }
    let sum = differences.reduce(0) { $0 + ($1 / unit) * ($1 / unit) }
    let rmse = unit > 0 ? unit * (sum / count).squareRoot() : 0
    self.rmse = rmse.isFinite ? rmse : nil
    let value = loss.evaluate(predictions, observed, weights: observed.map { _ in 1 }).value / count
    // Sums of means may be beyond the largest double.
    meanDeviance = loss.isHalfDeviance && value.isFinite ? 2 * value : nil
    rSquared =
      loss.isHalfDeviance
      ? nil
      : ExplainedVariance(residualNorm: rmse * count.squareRoot(), of: observed)?.rSquared
    guard loss is LogisticLoss, value.isFinite else {
      (accuracy, logLoss, auc) = (nil, nil, nil)
      return
    }
    accuracy = Double(zip(predictions, observed).count { ($0 > 0) == ($1 == 1) }) / count
    logLoss = value
    auc = Self.auc(predictions, observed)
  }

  /// By the sum of the ranks of the ones, those that tie with the mean of theirs.
  private static func auc(_ predictions: [Double], _ observed: [Double]) -> Double? {
    let order = predictions.indices.sorted { predictions[$0] < predictions[$1] }
    var (ranks, ones, place) = (0.0, 0.0, 0)
    while place < order.count {
      var end = place
      while end < order.count, predictions[order[end]] == predictions[order[place]] { end += 1 }
      let among = Double(order[place..<end].count { observed[$0] == 1 })
      ones += among
      ranks += among * Double(place + 1 + end) / 2
      place = end
    }
    let zeros = Double(order.count) - ones
    return ones > 0 && zeros > 0 ? (ranks - ones * (ones + 1) / 2) / (ones * zeros) : nil
  }

  /// For a person.
  var sentence: String {
    if let accuracy, let logLoss {
      return "accuracy \(accuracy.significant(4)), log loss \(logLoss.significant(6))"
        + (auc.map { ", AUC \($0.significant(4))" } ?? "")
    }
    return "RMSE \(rmse.map { $0.significant(6) } ?? "beyond the largest double")"
      + (rSquared.map { ", R² \($0.significant(6))" } ?? "")
      + (meanDeviance.map { ", mean deviance \($0.significant(6))" } ?? "")
  }
}
