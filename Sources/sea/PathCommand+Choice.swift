import Arguments
import SparseRecovery

extension PathCommand {
  /// What the criterion says about a path, or how it reaches the residual wanted; and whether Ctrl-C
  /// ended the judging.
  func judge(
    _ found: SolutionPath, from first: Int, by path: SparsityPath, _ problem: RecoveryProblem,
    on backend: any Backend, _ checkpoint: CheckpointFile?, from start: PathCheckpoint?,
    _ watch: PathProgress
  ) throws(RecoveryError) -> (choice: SparsityChoice, isInterrupted: Bool) {
    if let target = arguments.number(ifGiven: "target-residual") {
      return (found.choice(reaching: target, for: problem), false)
    }
    let measure: InformationCriterion
    switch criterion {
    case .none: return (SparsityChoice(largestOf: found), false)
    case .cv:
      return try validate(
        found, from: first, by: path, problem, on: backend, checkpoint, from: start, watch)
    case .aic: measure = .aic
    case .bic: measure = .bic
    case .ebic: measure = .ebic(γ: arguments.number("gamma"))
    case .gic: measure = .gic
    }
    return (try found.choice(by: measure, for: problem), false)
  }

  private func validate(
    _ found: SolutionPath, from first: Int, by path: SparsityPath, _ problem: RecoveryProblem,
    on backend: any Backend, _ checkpoint: CheckpointFile?, from start: PathCheckpoint?,
    _ watch: PathProgress
  ) throws(RecoveryError) -> (choice: SparsityChoice, isInterrupted: Bool) {
    let last = found.points[found.points.count - 1].sparsity
    var validation = CrossValidation(
      path: path, folds: arguments.int("folds"), seed: UInt64(arguments.int("seed")))
    validation.gramMemory = try method.cacheMemory()
    validation.gramUse = method.gramUse
    validation.reduction = method.reduction
    let errors =
      Interrupt.wasRequested
      ? nil
      : try validation.run(
        problem.atoms.operator, observation: problem.observation,
        normalize: ModelChoice(arguments).normalizes, model: problem.model,
        sparsities: first...last,
        on: backend, precision: choice.precision, resuming: start?.validation,
        keeper: found.checkpoint.flatMap { path in
          checkpoint?.keeper { PathCheckpoint(path: path, validation: $0) }
        }, observer: watch.observe)
    guard let errors else {
      return (SparsityChoice(largestOf: found, .unfinished), Interrupt.wasRequested)
    }
    let isCautious = arguments.flag("one-standard-error")
    return (errors.choice(withinOneStandardError: isCautious, for: problem), false)
  }
}

/// Where `sea path` stands: in its path, or behind it in cross-validation.
struct PathCheckpoint: SolverCheckpoint {
  let path: CompositeCheckpoint
  var validation: CompositeCheckpoint?

  init(path: CompositeCheckpoint, validation: CompositeCheckpoint? = nil) {
    self.path = path
    self.validation = validation
  }

  /// The words of one behind those of the other.
  var words: [UInt64] { path.words + (validation?.words ?? []) }

  var latestSupport: [Int] { (validation ?? path).latestSupport }

  init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    let first = CompositeCheckpoint.byteCount(of: bytes)
    path = try CompositeCheckpoint(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<first]))
    if first < bytes.count {
      validation = try CompositeCheckpoint(bytes: UnsafeRawBufferPointer(rebasing: bytes[first...]))
    }
  }
}
