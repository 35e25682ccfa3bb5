/// What cross-validation says about every sparsity.
public struct CrossValidationErrors: Sendable {
  /// The sparsities compared, in ascending order.
  public let sparsities: [Int]
  /// The mean squared error held out, for every fold and in it every sparsity.
  public let folds: [[Double]]
  /// The mean over the folds, for every sparsity.
  public let means: [Double]
  /// The standard error of this mean: the standard deviation over the folds, divided by √K.
  public let standardErrors: [Double]

  init(sparsities: [Int], folds: [[Double]]) {
    self.sparsities = sparsities
    self.folds = folds
    let count = Double(folds.count)
    let means = sparsities.indices.map { p in folds.reduce(0) { $0 + $1[p] } / count }
    self.means = means
    standardErrors = sparsities.indices.map { p in
      let squares = folds.reduce(0) { $0 + ($1[p] - means[p]) * ($1[p] - means[p]) }
      return (squares / (count - 1) / count).squareRoot()
    }
  }

  /// The sparsity of the smallest mean, the first of those that tie.
  public var minimum: Int { sparsities[smallest] }

  /// The smallest sparsity whose mean is within one standard error of the smallest: Breiman, Friedman,
  /// Olshen and Stone 1984, §3.4.3.
  public var oneStandardError: Int {
    let bound = means[smallest] + standardErrors[smallest]
    return zip(sparsities, means).first { $0.1 <= bound }?.0 ?? minimum
  }

  private var smallest: Int { means.indices.min { means[$0] < means[$1] } ?? 0 }
}
