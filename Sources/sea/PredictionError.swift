import Glibc
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
  /// The root of the mean square of the differences.
  let rmse: Double
  /// Nil where all observations are the same.
  let rSquared: Double?

  /// - Precondition: as many predictions as observations, one at least.
  init(of predictions: [Double], observed: [Double]) {
    rows = observed.count
    let differences = zip(predictions, observed).map { $0 - $1 }
    let unit = differences.reduce(0) { max($0, abs($1)) }
    let sum = differences.reduce(0) { $0 + ($1 / unit) * ($1 / unit) }
    rmse = unit > 0 ? unit * (sum / Double(rows)).squareRoot() : 0
    rSquared =
      ExplainedVariance(
        residualNorm: rmse * Double(rows).squareRoot(), of: observed
      )?.rSquared
  }

  /// For a person.
  var sentence: String {
    "RMSE \(rmse.significant(6))" + (rSquared.map { ", R² \($0.significant(6))" } ?? "")
  }
}
