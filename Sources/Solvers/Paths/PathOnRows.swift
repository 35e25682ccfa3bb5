import SparseCore

/// A path that is solved on some of the rows of a problem, and judged by others: what a fold of a cross-validation
/// and a draw of a resampling are.
struct PathOnRows {
  /// The problem on all rows, of which the loss is least squares.
  let whole: RecoveryProblem
  let path: SparsityPath
  let sparsities: ClosedRange<Int>
  let backend: any Backend
  let precision: Precision
  let gramMemory: Int?
  let gramUse: GramUse

  /// What every sparsity led to.
  struct Outcome {
    /// The columns chosen.
    let supports: [[Int]]
    /// The mean squared error on the rows held out; the sum over the observations of a joint problem.
    let errors: [Double]
  }

  /// Solves with other weights, A shared.
  ///
  /// - Parameters:
  ///   - weights: what the rows count in the path.
  ///   - heldOut: the rows to judge by.
  ///   - given: what these count there.
  /// - Returns: nil where the path was ended.
  func solve(
    weights: [Double], heldOut: [Int], countedBy given: [Double], _ reduction: TableReduction,
    _ record: CompositeRecord?, _ observer: @escaping SolveObserver
  ) throws(RecoveryError) -> Outcome? {
    var model = whole.model
    model.weights = weights
    let problem = try RecoveryProblem(
      whole.atoms.operator, observation: whole.observation, normalize: whole.atoms.isNormalized,
      model: model)
    let reduced = try Reduction(problem, reduction)
    let solved = reduced?.problem ?? problem
    var found = try solve(
      solved, included: reduced?.includedCount ?? 0,
      with: backend.load(solved.atoms, precision: precision), record, observer)
    guard found.stopReason == .converged else { return nil }
    if let reduced { found = try reduced.path(found) }
    return Outcome(
      supports: found.points.map(\.solution.support),
      errors: try found.points.map { (point) throws(RecoveryError) in
        try point.solution.meanSquaredError(on: heldOut, of: problem, weights: given)
      })
  }

  /// Solves a problem with the atoms on an engine.
  ///
  /// - Parameter included: how many columns of every support the problem does not know of.
  func solve(
    _ problem: RecoveryProblem, included: Int, with engine: any Engine, _ record: CompositeRecord?,
    _ observer: @escaping SolveObserver
  ) throws(RecoveryError) -> SolutionPath {
    try path.solve(
      Workspace(problem, on: engine, gramMemory: gramMemory, use: gramUse),
      sparsities: sparsities.lowerBound - included...sparsities.upperBound - included,
      resuming: try record?.takeUnderWay(), keeper: record?.memberKeeper(), observer: observer)
  }
}

extension SparseSolution {
  /// Σ wᵢ (Ax + b − y)ᵢ² / Σ wᵢ over some rows.
  func meanSquaredError(
    on rows: [Int], of problem: RecoveryProblem, weights: [Double]
  ) throws(RecoveryError) -> Double {
    var (sum, total) = (0.0, 0.0)
    let columns = try support.map { (j) throws(RecoveryError) in try problem.atoms.column(j) }
    for i in rows {
      var deviation = (intercept ?? 0) - problem.observation[i]
      for (column, x) in zip(columns, coefficients) { deviation += x * column[i] }
      sum += weights[i] * deviation * deviation
      total += weights[i]
    }
    return sum / total
  }
}
