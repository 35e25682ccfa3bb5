public import SparseCore

/// What chooses a sparsity from a path.
public enum SparsityCriterion: Sendable, Equatable {
  /// The smallest value of an information criterion.
  case information(InformationCriterion)
  /// The smallest error held out, by so many folds of rows dealt out in the order that `seed` names; or the
  /// smallest sparsity within one standard error of it.
  case crossValidation(folds: Int = 10, seed: UInt64 = 1, withinOneStandardError: Bool = false)
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
    _ name: Name, γ: Double = 1, folds: Int = 10, seed: UInt64 = 1,
    withinOneStandardError: Bool = false
  ) {
    self =
      switch name {
      case .aic: .information(.aic)
      case .bic: .information(.bic)
      case .ebic: .information(.ebic(γ: γ))
      case .gic: .information(.gic)
      case .cv:
        .crossValidation(
          folds: folds, seed: seed, withinOneStandardError: withinOneStandardError)
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
  /// - Throws: what ``CrossValidation/run(_:observation:normalize:model:sparsities:on:precision:resuming:keeper:observer:)``
  ///   and ``InformationCriterion/value(of:for:)`` throw.
  public func choice(
    from found: SolutionPath, by criterion: SparsityCriterion,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> (choice: SparsityChoice, errors: CrossValidationErrors?) {
    switch criterion {
    case .largest: return (SparsityChoice(largestOf: found), nil)
    case .residual(let target): return (found.choice(reaching: target, for: problem), nil)
    case .information(let measure): return (try found.choice(by: measure, for: problem), nil)
    case .crossValidation(let folds, let seed, let isCautious):
      // The observer hears of no fold once it has ended the path itself.
      guard found.stopReason != .interrupted else {
        return (SparsityChoice(largestOf: found, .unfinished), nil)
      }
      var validation = CrossValidation(path: path, folds: folds, seed: seed)
      validation.gramMemory = gramMemory
      validation.gramUse = gramUse
      validation.reduction = reduction
      let errors = try validation.run(
        problem.atoms.operator, observation: problem.observation,
        normalize: problem.atoms.isNormalized, model: problem.model,
        sparsities: found.points[0].sparsity...found.largest, on: backend, precision: precision,
        resuming: checkpoint, keeper: keeper, observer: observer)
      guard let errors else { return (SparsityChoice(largestOf: found, .unfinished), nil) }
      return (errors.choice(withinOneStandardError: isCautious, for: problem), errors)
    }
  }
}

/// Where a path and the choice from it stand: in the path, or behind it in cross-validation.
public struct PathCheckpoint: SolverCheckpoint {
  /// The path.
  public let path: CompositeCheckpoint
  /// The folds, once the path has ended.
  public let validation: CompositeCheckpoint?

  /// Of a path, and of the folds behind it.
  public init(path: CompositeCheckpoint, validation: CompositeCheckpoint? = nil) {
    self.path = path
    self.validation = validation
  }

  /// The words of one behind those of the other.
  public var words: [UInt64] { path.words + (validation?.words ?? []) }

  /// That of the folds, or of the path.
  public var latestSupport: [Int] { (validation ?? path).latestSupport }

  /// Reads both.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    let first = CompositeCheckpoint.byteCount(of: bytes)
    path = try CompositeCheckpoint(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<first]))
    validation =
      first < bytes.count
      ? try CompositeCheckpoint(bytes: UnsafeRawBufferPointer(rebasing: bytes[first...])) : nil
  }
}
