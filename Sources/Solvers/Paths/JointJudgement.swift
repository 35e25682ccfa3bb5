public import SparseCore

/// Choices from a path of several observations with one support.
extension PathJudgement {
  /// What `criterion` chooses from the points of a joint path: as
  /// ``choice(from:by:resuming:keeper:observer:)`` from those of one observation.
  ///
  /// - Parameter observations: those of the path.
  public func choice(
    from found: JointPath, of observations: [[Double]], by criterion: SparsityCriterion,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> (choice: SparsityChoice, errors: CrossValidationErrors?) {
    switch criterion {
    case .largest: return (SparsityChoice(largestOf: found), nil)
    case .residual(let target): return (found.choice(reaching: target, for: problem), nil)
    case .information(let measure): return (try found.choice(by: measure, for: problem), nil)
    case .crossValidation(let plan, let isCautious):
      guard found.stopReason != .interrupted else {
        return (SparsityChoice(largestOf: found, .unfinished), nil)
      }
      let errors = try validation(plan).run(
        problem.atoms.operator, jointly: observations, normalize: problem.atoms.isNormalized,
        model: problem.model, sparsities: found.points[0].sparsity...found.largest, on: backend,
        precision: precision, resuming: checkpoint, keeper: keeper, observer: observer)
      guard let errors else { return (SparsityChoice(largestOf: found, .unfinished), nil) }
      return (errors.choice(withinOneStandardError: isCautious, for: problem), errors)
    }
  }

  /// A joint path on random parts of the rows: as ``resampled(_:by:resuming:keeper:observer:)`` for one observation.
  ///
  /// - Parameter observations: those of the path.
  public func resampled(
    _ found: JointPath, of observations: [[Double]], by draws: Resampling,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> ResampledPaths {
    try resampling(draws).run(
      problem.atoms.operator, jointly: observations, normalize: problem.atoms.isNormalized,
      model: problem.model, sparsities: found.points[0].sparsity...found.largest, on: backend,
      precision: precision, resuming: checkpoint, keeper: keeper, observer: observer)
  }

  /// Folds solved as the path was.
  func validation(_ plan: FoldPlan) -> CrossValidation {
    var validation = CrossValidation(path: path, plan: plan)
    validation.gramMemory = gramMemory
    validation.gramUse = gramUse
    validation.reduction = reduction
    validation.share = share
    return validation
  }

  /// Draws solved as the path was.
  func resampling(_ draws: Resampling) -> Resampling {
    var draws = draws
    draws.path = path
    draws.gramMemory = gramMemory
    draws.gramUse = gramUse
    draws.reduction = reduction
    draws.share = share
    return draws
  }
}
