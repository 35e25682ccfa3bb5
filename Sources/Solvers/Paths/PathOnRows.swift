import SparseCore

/// A path that is solved on some of the rows of a problem, and judged by others: what a fold of a cross-validation
/// and a draw of a resampling are.
struct PathOnRows {
  /// The problem on all rows.
  let whole: RecoveryProblem
  /// Several observations with one support, or nil for that of the problem alone.
  let joint: [[Double]]?
  let path: SparsityPath
  let sparsities: ClosedRange<Int>
  let backend: any Backend
  let precision: Precision
  let gramMemory: Int?
  let gramUse: GramUse
  /// What the errors are measured in.
  var unit: ErrorUnit { ErrorUnit(whole, joint) }

  /// What every sparsity led to.
  struct Outcome {
    /// The columns chosen.
    let supports: [[Int]]
    /// The mean squared error, or of twice another loss, on the rows held out; the sum over the observations of a joint
    /// problem. In terms of ``unit``.
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
      model: model, loss: whole.loss)
    let reduced = try Reduction(problem, observations: joint ?? [problem.observation], reduction)
    let solved = reduced?.problem ?? problem
    let engine = try backend.load(solved.atoms, precision: precision)
    let included = reduced?.includedCount ?? 0
    let unit = unit
    if let joint {
      var found = try path.solve(
        workspace(solved, engine), jointly: reduced?.observations ?? joint,
        sparsities: range(included), resuming: try record?.takeUnderWay(),
        keeper: record?.memberKeeper(), observer: observer)
      guard found.stopReason == .converged else { return nil }
      if let reduced { found = try reduced.path(found) }
      return Outcome(
        supports: found.points.map(\.support),
        errors: try found.points.map { (point) throws(RecoveryError) in
          var sum = 0.0
          for (solution, y) in zip(point.solutions, joint) {
            sum += try solution.meanError(
              on: heldOut, of: problem, observation: y, weights: given, in: unit)
          }
          return sum
        })
    }
    var found = try solve(solved, included: included, with: engine, record, observer)
    guard found.stopReason == .converged else { return nil }
    if let reduced { found = try reduced.path(found) }
    return Outcome(
      supports: found.points.map(\.solution.support),
      errors: try found.points.map { (point) throws(RecoveryError) in
        try point.solution.meanError(
          on: heldOut, of: problem, observation: problem.observation, weights: given, in: unit)
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
      workspace(problem, engine), sparsities: range(included),
      resuming: try record?.takeUnderWay(), keeper: record?.memberKeeper(), observer: observer)
  }

  private func workspace(_ problem: RecoveryProblem, _ engine: any Engine) -> Workspace {
    Workspace(problem, on: engine, gramMemory: gramMemory, use: gramUse)
  }

  private func range(_ included: Int) -> ClosedRange<Int> {
    sparsities.lowerBound - included...sparsities.upperBound - included
  }
}

extension SparseSolution {
  /// Σ wᵢ (Ax + b − y)ᵢ² / Σ wᵢ over some rows, measured in a unit; under another loss twice that over Σ wᵢ.
  ///
  /// - Throws: ``RecoveryError/lossFailure(loss:reason:)`` for one beyond the largest double.
  func meanError(
    on rows: [Int], of problem: RecoveryProblem, observation y: [Double], weights: [Double],
    in unit: ErrorUnit
  ) throws(RecoveryError) -> Double {
    var (sum, total) = (0.0, 0.0)
    let columns = try support.map { (j) throws(RecoveryError) in try problem.atoms.column(j) }
    guard problem.hasSquaredLoss else {
      let predictions = rows.map { i in
        unit.measured(zip(columns, coefficients).reduce(intercept ?? 0) { $0 + $1.1 * $1.0[i] })
      }
      let own = rows.map { unit.measured(weight: weights[$0]) }
      let point = unit.loss.evaluate(
        predictions, rows.map { unit.measured(y[$0]) }, weights: own)
      guard point.value.isFinite else {
        throw .lossFailure(
          loss: problem.loss.name,
          reason:
            "on rows held out it is beyond the largest double: expected fewer columns, or a ridge")
      }
      return 2 * point.value / own.reduce(0, +)
    }
    for i in rows {
      var deviation = (intercept ?? 0) - y[i]
      for (column, x) in zip(columns, coefficients) { deviation += x * column[i] }
      deviation = unit.measured(deviation)
      let weight = unit.measured(weight: weights[i])
      sum += weight * deviation * deviation
      total += weight
    }
    return unit.mean(sum, totalWeight: total)
  }
}
