public import SparseCore

/// What chooses a sparsity from a path.
public enum SparsityCriterion: Sendable, Equatable {
  /// The smallest value of an information criterion.
  case information(InformationCriterion)
  /// The smallest error held out by the folds of a plan; or the smallest sparsity within one standard error of it.
  case crossValidation(FoldPlan = FoldPlan(), withinOneStandardError: Bool = false)
  /// The first sparsity with this relative residual, where the path ends.
  case residual(Double)
  /// The largest that was solved.
  case largest

  /// The criteria that have a name, which a residual has not.
  public enum Name: String, Sendable, CaseIterable {
    /// ``InformationCriterion``.
    case aic, bic, ebic, gic
    /// Cross-validation.
    case cv
    /// Nothing chooses: the largest.
    case largest = "none"
  }

  /// The criterion of this name; what another one takes has no effect.
  public init(
    _ name: Name, γ: Double = 1, folds: FoldPlan = FoldPlan(), withinOneStandardError: Bool = false
  ) {
    self =
      switch name {
      case .aic: .information(.aic)
      case .bic: .information(.bic)
      case .ebic: .information(.ebic(γ: γ))
      case .gic: .information(.gic)
      case .cv: .crossValidation(folds, withinOneStandardError: withinOneStandardError)
      case .largest: .largest
      }
  }

  /// The relative residual at which a path ends for this criterion, if at any.
  public var targetResidual: Double? {
    if case .residual(let target) = self { target } else { nil }
  }
}

/// A path that is judged by a criterion: what was solved, how, and where.
public struct PathJudgement {
  /// How the path was solved, which every fold of a cross-validation repeats.
  public var path: SparsityPath
  /// The problem of the path, as given: not a reduced one.
  public var problem: RecoveryProblem
  /// Where the folds are solved.
  public var backend: any Backend
  /// Of the gradients of the folds.
  public var precision: Precision
  /// When the folds are solved on triangles of the table.
  public var reduction: TableReduction
  /// The most bytes of Gram columns, or nil for a quarter of what is available.
  public var gramMemory: Int?
  /// When gradients come from Gram columns.
  public var gramUse: GramUse
  /// Which of the folds and draws are solved here.
  public var share = PathShare.whole

  /// Collects the parts.
  public init(
    of path: SparsityPath, _ problem: RecoveryProblem, on backend: any Backend,
    precision: Precision = .double, reduction: TableReduction = .auto, gramMemory: Int? = nil,
    gramUse: GramUse = .whenCached
  ) {
    self.path = path
    self.problem = problem
    self.backend = backend
    self.precision = precision
    self.reduction = reduction
    self.gramMemory = gramMemory
    self.gramUse = gramUse
  }

  /// What `criterion` chooses from the points of `found`. Cross-validation solves a path for each fold; the
  /// others look at the points alone.
  ///
  /// - Parameters:
  ///   - checkpoint: where to go on in a cross-validation, or nil to begin.
  ///   - keeper: asked for checkpoints by a cross-validation; nil for none.
  ///   - observer: called after every support that a fold evaluates; its answer may end the validation.
  /// - Returns: the choice, and what a cross-validation found where it was not ended before.
  /// - Throws: what ``CrossValidation/run(_:observation:normalize:model:loss:sparsities:on:precision:resuming:keeper:observer:)``
  ///   and ``InformationCriterion/value(of:for:)`` throw.
  public func choice(
    from found: SolutionPath, by criterion: SparsityCriterion,
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
        problem.atoms.operator, observation: problem.observation,
        normalize: problem.atoms.isNormalized, model: problem.model, loss: problem.loss,
        sparsities: found.points[0].sparsity...found.largest, on: backend, precision: precision,
        resuming: checkpoint, keeper: keeper, observer: observer)
    }
  }

  /// The path on random parts of the rows, over the sparsities of `found`: solved as it was, by the same engine.
  ///
  /// - Parameters:
  ///   - draws: which rows are drawn, and how often; how each path is solved there is not looked at.
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support; its answer may end the draws.
  /// - Throws: what ``Resampling/run(_:observation:normalize:model:loss:sparsities:on:precision:resuming:keeper:observer:)``
  ///   throws.
  public func resampled(
    _ found: SolutionPath, by draws: Resampling, resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> ResampledPaths {
    try resampling(draws).run(
      problem.atoms.operator, observation: problem.observation,
      normalize: problem.atoms.isNormalized, model: problem.model, loss: problem.loss,
      sparsities: found.points[0].sparsity...found.largest, on: backend, precision: precision,
      resuming: checkpoint, keeper: keeper, observer: observer)
  }
}
