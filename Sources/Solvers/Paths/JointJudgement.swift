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
    try choice(by: criterion, of: SparsityChoice(largestOf: found), found.stopReason) {
      found.choice(reaching: $0, for: problem)
    } information: { (measure) throws(RecoveryError) in
      try found.choice(by: measure, for: problem)
    } validate: { (plan) throws(RecoveryError) in
      try validation(plan).run(
        problem.atoms.operator, jointly: observations, normalize: problem.atoms.isNormalized,
        model: problem.model, loss: problem.loss,
        sparsities: found.points[0].sparsity...found.largest, on: backend, precision: precision,
        resuming: checkpoint, keeper: keeper, observer: observer)
    }
  }

  /// What a criterion chooses from a path of either kind.
  ///
  /// - Parameters:
  ///   - largest: the choice where nothing chooses.
  ///   - stopReason: that of the path.
  func choice(
    by criterion: SparsityCriterion, of largest: SparsityChoice, _ stopReason: StopReason,
    reaching: (Double) -> SparsityChoice,
    information: (InformationCriterion) throws(RecoveryError) -> SparsityChoice,
    validate: (FoldPlan) throws(RecoveryError) -> CrossValidationErrors?
  ) throws(RecoveryError) -> (choice: SparsityChoice, errors: CrossValidationErrors?) {
    switch criterion {
    case .largest: return (largest, nil)
    case .residual(let target): return (reaching(target), nil)
    case .information(let measure): return (try information(measure), nil)
    case .crossValidation(let plan, let isCautious):
      // The observer hears of no fold once it has ended the path itself.
      let errors = stopReason == .interrupted ? nil : try validate(plan)
      guard let errors else {
        return (SparsityChoice(largest.sparsity, [], nil, [.unfinished]), nil)
      }
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
      model: problem.model, loss: problem.loss,
      sparsities: found.points[0].sparsity...found.largest, on: backend, precision: precision,
      resuming: checkpoint, keeper: keeper, observer: observer)
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
