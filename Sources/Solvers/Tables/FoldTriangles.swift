import LeastSquares
import SparseCore

/// The triangles of the folds of a table, from which those of all other rows follow.
struct FoldTriangles {
  private let table: Table
  private let factors: [TableFactor]
  /// wᵢ of the rows of each fold.
  private let rowWeights: [[Double]]
  /// Σ wᵢ over them.
  private let weights: [Double]
  private let problem: RecoveryProblem

  /// What came of the path on a fold.
  struct Outcome {
    /// The mean squared errors on the rows held out, or nil where the path did not end.
    let errors: [Double]?
  }

  /// Nil where the rule says so.
  ///
  /// One pass over A and 2 · m · (n + 2)² flops.
  ///
  /// - Throws: as ``Reduction/init(_:_:)``.
  init?(
    _ problem: RecoveryProblem, _ folds: [[Int]], weights: [Double], _ rule: TableReduction
  ) throws(RecoveryError) {
    guard try Reduction.isWanted(problem, rule), let matrix = problem.atoms.dense else {
      return nil
    }
    self.problem = problem
    table = Table(
      matrix, observations: [problem.observation], weights: problem.model.weights)
    factors = try TableFactor.factors(of: table, rows: folds)
    rowWeights = folds.map { rows in rows.map { weights[$0] } }
    self.weights = rowWeights.map { $0.reduce(0, +) }
  }

  /// Solves a path on all rows but those of a fold, and says how well it does there.
  ///
  /// - Parameters:
  ///   - unit: what errors are measured in.
  ///   - solve: gets the problem in few rows on an engine, and how many columns are included, or groups.
  /// - Returns: nil where this fold cannot be reduced, and no errors where the path did not end.
  func solve(
    _ number: Int, on backend: any Backend, precision: Precision, in unit: ErrorUnit,
    _ solve: (any Engine, RecoveryProblem, Int) throws(RecoveryError) -> SolutionPath
  ) throws(RecoveryError) -> Outcome? {
    let kept = factors.indices.filter { $0 != number }
    let rest = try TableFactor(combining: kept.map { factors[$0] }, width: table.width)
    let total = kept.reduce(0) { $0 + weights[$1] }
    guard
      let factor = try ReducedFactor(rest, of: table, problem.model, totalWeight: total)
    else { return nil }
    let reduced = try? factor.problem(
      problem.model, normalize: problem.atoms.isNormalized,
      of: ObservedRows(
        weights: kept.flatMap { rowWeights[$0] },
        areFrequencies: problem.model.weightsAreFrequencies, columns: problem.columns))
    guard let reduced else { return nil }
    let path = try solve(
      backend.load(reduced.atoms, precision: precision), reduced, problem.atoms.requiredCount)
    guard path.stopReason == .converged else { return Outcome(errors: nil) }
    let errors = path.points.map { point in
      unit.meanSquare(
        norm: factors[number].residualNorm(factor.fit(point.solution), of: table),
        totalWeight: weights[number])
    }
    return Outcome(errors: errors)
  }
}

extension TableFactor {
  /// ‖W^½(y − A x − b)‖₂ over the rows of the factor.
  func residualNorm(_ fit: ReducedFactor.Fit, of table: Table) -> Double {
    var v = [(column: 0, value: -(fit.intercept ?? 0)), (column: width - 1, value: 1)]
    v += zip(fit.support, fit.coefficients).map { (column: $0 + 1, value: -$1) }
    let residual = (0..<width).map { i in
      v.reduce(0) { $0 + self[i, $1.column] * (table.units[$1.column] * $1.value) }
    }
    return residual.norm * table.weightUnit
  }
}
