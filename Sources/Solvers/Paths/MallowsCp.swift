public import SparseCore

/// What a support is worth against the fit of all columns: RSS / σ̂² − m + 2 p, Mallows 1973, Technometrics 15.
///
/// σ̂² is the RSS that all columns leave, over the rows that they leave, and p counts the columns selected, and the
/// intercept where there is one. Where the support holds all that matters, Cp is about p.
public struct MallowsCp: Sendable {
  /// σ̂², of the weighted residual; infinite or zero where it is beyond the range of a double, which is no harm to Cp.
  public let variance: Double
  /// σ̂² in units of 4^``exponent``: near one, so that no square leaves the range.
  private let scaledVariance: Double
  /// That of what all columns leave.
  private let exponent: Int
  private let rows: Int
  private let interceptCount: Int

  /// Fits all columns that may be selected: about m · n² flops, and n² numbers.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where these leave no row or no residual,
  ///   and ``RecoveryError/unsupportedModel(solver:option:)`` for a ridge, for signs, and for another loss than least
  ///   squares.
  public init(_ problem: RecoveryProblem, on backend: any Backend) throws(RecoveryError) {
    try problem.requireSquaredLoss(for: Self.name)
    try problem.model.requirePlain(for: Self.name)
    rows = problem.sampleSize
    interceptCount = problem.model.fitsIntercept ? 1 : 0
    let count = problem.atoms.usableColumns + problem.atoms.required.count
    let left = rows - count - interceptCount
    guard left > 0 else {
      let parts = problem.partsOfNumber
      throw Self.refusal(
        "\(rows / parts) rows and \((count + interceptCount) / parts) columns", "more rows")
    }
    let all = try FixedSupport(Array(0..<problem.columns)).solve(
      problem, sparsity: problem.atoms.usableGroups + problem.atoms.requiredCount, on: backend)
    var dependent = 0
    for case .dependentColumns(let rank, let sparsity) in all.warnings {
      dependent = sparsity - rank
    }
    // What rounding leaves says nothing of a variance.
    guard all.relativeResidual > 1e-12 else {
      throw Self.refusal("no residual of all columns", "some")
    }
    exponent = [all.residualNorm].largestExponent
    let norm = all.residualNorm.scaled(by: -exponent)
    scaledVariance = norm * norm / Double(left + dependent)
    variance = scaledVariance.scaled(by: 2 * exponent)
  }

  private static var name: String { "Cp" }

  private static func refusal(_ found: String, _ expected: String) -> RecoveryError {
    .invalidOption(name: name, value: found, expected: expected)
  }

  /// Cp of a solution of the problem.
  public func value(of solution: SparseSolution) -> Double {
    let norm = solution.residualNorm.scaled(by: -exponent)
    return norm / scaledVariance * norm - Double(rows)
      + 2 * Double(solution.coefficientCount + interceptCount)
  }
}
