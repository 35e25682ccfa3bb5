import Glibc
import SparseRecovery

/// The share of the squares of numbers about their mean that a fit leaves no residual of.
struct ExplainedVariance {
  /// 1 − Σ wᵢ rᵢ² / Σ wᵢ (yᵢ − ȳ)², with the weighted mean ȳ.
  let rSquared: Double
  /// The rows of positive weight, or as many as weights count.
  let rows: Int

  /// Nil where all numbers are the same, so that there is nothing to explain.
  ///
  /// - Parameters:
  ///   - residualNorm: √(Σ wᵢ rᵢ²).
  ///   - numbers: y; rows of weight 0 may hold anything.
  ///   - weights: one for each, or nil for ones.
  ///   - rows: how many were observed, where weights say so.
  init?(residualNorm: Double, of numbers: [Double], weights: [Double]? = nil, rows: Int? = nil) {
    let present = numbers.indices.filter { i in weights.map { $0[i] > 0 } ?? true }
    func weight(_ i: Int) -> Double { weights?[i] ?? 1 }
    // Measured in the largest, so that no square is beyond all numbers.
    let unit = present.reduce(0) { max($0, abs(numbers[$1])) }
    guard unit > 0 else { return nil }
    let total = present.reduce(0) { $0 + weight($1) }
    let mean = present.reduce(0) { $0 + weight($1) / total * (numbers[$1] / unit) }
    let squares = present.reduce(0) { sum, i in
      let difference = numbers[i] / unit - mean
      return sum + weight(i) * difference * difference
    }
    let rounding = 1e-14 * total.squareRoot()
    guard squares.squareRoot() > rounding else { return nil }
    let residual = residualNorm / unit
    rSquared = 1 - residual * residual / squares
    self.rows = rows ?? present.count
  }

  /// Of a solution for an observation of a problem, where a constant is fitted; nil where none is.
  init?(of observation: [Double], residualNorm: Double, _ problem: RecoveryProblem) {
    let model = problem.model
    guard model.hasIntercept || model.isStandardized else { return nil }
    self.init(
      residualNorm: residualNorm, of: observation, weights: model.weights, rows: problem.sampleSize)
  }

  /// The same with variances in the place of sums, for so many columns and a constant: nil where they leave no
  /// row to estimate one from.
  func adjusted(columns: Int) -> Double? {
    let freedom = rows - columns - 1
    return freedom > 0 ? 1 - (1 - rSquared) * Double(rows - 1) / Double(freedom) : nil
  }
}

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
