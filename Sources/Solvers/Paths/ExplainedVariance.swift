public import SparseCore

/// The share of the squares of numbers about their mean that a fit leaves no residual of.
public struct ExplainedVariance: Sendable {
  /// 1 − Σ wᵢ rᵢ² / Σ wᵢ (yᵢ − ȳ)², with the weighted mean ȳ.
  public let rSquared: Double
  /// The rows of positive weight, or as many as weights count.
  public let rows: Int

  /// Nil where all numbers are the same, so that there is nothing to explain, and where the share is beyond the largest
  /// double.
  ///
  /// - Parameters:
  ///   - residualNorm: √(Σ wᵢ rᵢ²).
  ///   - numbers: y; rows of weight 0 may hold anything.
  ///   - weights: one for each, or nil for ones.
  ///   - rows: how many were observed, where weights say so.
  public init?(
    residualNorm: Double, of numbers: [Double], weights: [Double]? = nil, rows: Int? = nil
  ) {
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
    guard squares.isFinite, rSquared.isFinite else { return nil }
    self.rows = rows ?? present.count
  }

  /// Of a solution for an observation of a problem; nil where no constant is fitted by least squares, and as above.
  public init?(of observation: [Double], residualNorm: Double, _ problem: RecoveryProblem) {
    let model = problem.model
    guard problem.hasSquaredLoss, model.fitsIntercept else { return nil }
    self.init(
      residualNorm: residualNorm, of: observation, weights: model.weights, rows: problem.sampleSize)
  }

  /// The same with variances in the place of sums, for so many columns and a constant: nil where they leave no
  /// row to estimate one from.
  public func adjusted(columns: Int) -> Double? {
    let freedom = rows - columns - 1
    return freedom > 0 ? 1 - (1 - rSquared) * Double(rows - 1) / Double(freedom) : nil
  }
}
