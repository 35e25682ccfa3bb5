import Glibc
public import SparseCore

/// What a support is worth once its size is paid for: m · log(RSS / m) + a penalty. The smallest is
/// the best.
///
/// The first term is −2 times the logarithm of the Gaussian likelihood with the variance at its
/// maximum, RSS / m, less a constant. m counts the rows of positive weight, RSS is the weighted sum
/// of squares. p counts the columns selected, and the intercept where there is one, as `extractAIC`
/// of R does; the variance is not counted. Under another loss that is half a deviance (``Loss/isHalfDeviance``) the
/// first term is the deviance, −2 times the logarithm of the likelihood less a constant.
public enum InformationCriterion: Sendable, Equatable {
  /// 2 p: Akaike 1974.
  case aic
  /// p · log m: Schwarz 1978.
  case bic
  /// p · log m + 2 γ log C(n, k), with k of n columns selected and γ from 0 to 1: Chen and Chen 2008,
  /// Biometrika 95. γ = 1 is consistent whatever the growth of n with m, γ = 0 is BIC.
  case ebic(γ: Double = 1)
  /// p · log n · log log m: the criterion of splicing, Zhu et al. 2020, PNAS. Needs m ≥ 3.
  case gic

  /// Where ‖Ax − y‖ / ‖y‖ falls below this, only rounding is left, and less of it is not better.
  static var leastResidual: Double { 1e-12 }

  /// The criterion at a solution of `problem`.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for γ outside [0, 1], or for
  ///   `gic` with fewer than three rows, and ``RecoveryError/unsupportedModel(solver:option:)`` under a loss that is
  ///   neither least squares nor half a deviance.
  public func value(
    of solution: SparseSolution, for problem: RecoveryProblem
  ) throws(RecoveryError) -> Double {
    try value(
      residualNorm: solution.residualNorm, beside: problem.baselineNorm,
      support: problem.columns(of: solution), for: problem)
  }

  /// The criterion of what q observations with one support leave, beside what is left without any column to choose.
  func value(
    residualNorm: Double, beside baseline: Double, support: [Int], observations q: Int = 1,
    for problem: RecoveryProblem
  ) throws(RecoveryError) -> Double {
    let (m, n, k) = (problem.sampleSize, problem.atoms.usableGroups, support.count)
    let (required, hasIntercept) = (problem.atoms.requiredCount, problem.model.fitsIntercept)
    let chosen = problem.atoms.groupCount(of: support.filter(problem.atoms.isUsable))
    if problem.loss.isHalfDeviance {
      return residualNorm * residualNorm
        + (try penalty(
          rows: m, sparsity: k, chosen: chosen, choices: n, required: required,
          hasIntercept: hasIntercept, observations: q))
    }
    try problem.requireSquaredLoss(for: "an information criterion, which needs a likelihood,")
    return try value(
      residualNorm: max(residualNorm, Self.leastResidual * baseline), rows: m, sparsity: k,
      chosen: chosen, choices: n, required: required, hasIntercept: hasIntercept, observations: q)
  }

  /// The criterion by numbers: `sparsity` columns, of which `required` are in every support and the
  /// others, or so many groups `chosen`, come from `choices`. Of q observations with one support it is that of the stacked
  /// problem: m · q rows, and q coefficients for each column.
  func value(
    residualNorm: Double, rows m: Int, sparsity k: Int, chosen: Int? = nil, choices n: Int,
    required: Int = 0, hasIntercept: Bool = false, observations q: Int = 1
  ) throws(RecoveryError) -> Double {
    let rows = Double(m) * Double(q)
    // No logarithm of zero where the observation is zero.
    let logRSS = 2 * log(max(residualNorm, .leastNormalMagnitude))
    return rows * (logRSS - log(rows))
      + (try penalty(
        rows: m, sparsity: k, chosen: chosen ?? k - required, choices: n, required: required,
        hasIntercept: hasIntercept, observations: q))
  }

  /// What the size of the support costs.
  private func penalty(
    rows m: Int, sparsity k: Int, chosen: Int, choices n: Int, required: Int,
    hasIntercept: Bool, observations q: Int
  ) throws(RecoveryError) -> Double {
    let p = Double((k + (hasIntercept ? 1 : 0)) * q)
    let rows = Double(m) * Double(q)
    switch self {
    case .aic: return 2 * p
    case .bic: return p * log(rows)
    case .ebic(let γ):
      guard γ >= 0, γ <= 1 else {
        throw .invalidOption(name: "gamma", value: "\(γ)", expected: "a number from 0 to 1")
      }
      return p * log(rows) + 2 * γ * logBinomial(n, chosen)
    case .gic:
      guard m >= 3 else {
        throw .invalidOption(
          name: "criterion", value: "gic with \(m) rows", expected: "at least 3 rows")
      }
      return p * log(Double(n + required)) * log(log(rows))
    }
  }
}

extension SolutionPath {
  /// The criterion at every point.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``.
  public func values(
    of criterion: InformationCriterion, for problem: RecoveryProblem
  ) throws(RecoveryError) -> [Double] {
    try points.map { (point) throws(RecoveryError) in
      try criterion.value(of: point.solution, for: problem)
    }
  }

  /// The point that ``choice(by:for:)`` chooses.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``.
  public func best(
    by criterion: InformationCriterion, for problem: RecoveryProblem
  ) throws(RecoveryError) -> Point {
    let chosen = try choice(by: criterion, for: problem).sparsity
    return points.first { $0.sparsity == chosen } ?? points[0]
  }
}

extension RecoveryProblem {
  /// ‖T y‖₂: what is left without any column to choose.
  fileprivate var baselineNorm: Double {
    scaledObservation.squaredNorm.squareRoot() * observationScale
  }
}

/// log C(n, k).
private func logBinomial(_ n: Int, _ k: Int) -> Double {
  guard k > 0, k < n else { return 0 }
  return (1...min(k, n - k)).reduce(0) { $0 + log(Double(n - $1 + 1) / Double($1)) }
}
