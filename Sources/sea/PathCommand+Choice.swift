import Arguments
import SparseRecovery

extension PathCommand {
  /// What the criterion says about a path, or how it reaches the residual wanted.
  func judge(
    _ found: SolutionPath, _ problem: RecoveryProblem, on backend: any Backend,
    _ watch: PathProgress
  ) throws(RecoveryError) -> PathJudgement {
    let last = found.points[found.points.count - 1].sparsity
    if let target = arguments.number(ifGiven: "target-residual") {
      guard let reached = found.first(reaching: target) else {
        return PathJudgement(
          chosen: last, notice: "no sparsity up to \(last) leaves a relative residual of \(target)")
      }
      return PathJudgement(chosen: reached.sparsity)
    }
    let measure: InformationCriterion
    switch criterion {
    case .none: return PathJudgement(chosen: last)
    case .cv: return try validate(found, problem, on: backend, watch)
    case .aic: measure = .aic
    case .bic: measure = .bic
    case .ebic: measure = .ebic(γ: arguments.number("gamma"))
    case .gic: measure = .gic
    }
    return PathJudgement(
      chosen: try found.best(by: measure, for: problem).sparsity,
      values: try found.values(of: measure, for: problem))
  }

  private func validate(
    _ found: SolutionPath, _ problem: RecoveryProblem, on backend: any Backend,
    _ watch: PathProgress
  ) throws(RecoveryError) -> PathJudgement {
    let (first, last) = (sparsities.lowerBound, found.points[found.points.count - 1].sparsity)
    let validation = CrossValidation(
      path: path, folds: arguments.int("folds"), seed: UInt64(arguments.int("seed")))
    let errors =
      Interrupt.wasRequested
      ? nil
      : try validation.run(
        matrix: problem.atoms.matrix, observation: problem.observation,
        normalize: ModelChoice(arguments).normalizes, model: problem.model,
        sparsities: first...last,
        on: backend, precision: choice.precision, observer: watch.observe)
    guard let errors else {
      return PathJudgement(
        chosen: last, notice: "cross-validation did not end: the largest sparsity is chosen",
        isInterrupted: Interrupt.wasRequested)
    }
    let isCautious = arguments.flag("one-standard-error")
    return PathJudgement(
      chosen: isCautious ? errors.oneStandardError : errors.minimum, values: errors.means,
      standardErrors: errors.standardErrors)
  }
}
