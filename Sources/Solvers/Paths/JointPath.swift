public import SparseCore

/// The solutions of a ``SparsityPath`` for several observations with one support for all of them, for each sparsity.
public struct JointPath: Sendable {
  /// The solutions for one sparsity.
  public struct Point: Sendable {
    /// k, the most columns that could be selected.
    public let sparsity: Int
    /// One for each observation, all with one support.
    public private(set) var solutions: [SparseSolution]
    /// ‖W^½(A X + b − Y)‖_F, or the root of twice the sum of another loss.
    public let residualNorm: Double
    /// That over what is left of Y without any column to choose; 0 where nothing is.
    public let relativeResidual: Double

    /// The support that the observations have in common.
    public var support: [Int] { solutions[0].support }
    /// The sum of the losses, without a ridge.
    public var loss: Double { residualNorm * residualNorm / 2 }

    /// Of one observation.
    init(_ point: SolutionPath.Point) {
      (sparsity, solutions) = (point.sparsity, [point.solution])
      residualNorm = point.solution.residualNorm
      relativeResidual = point.solution.relativeResidual
    }

    /// The same in terms of the columns of a complex matrix, where the problem is the real form of one.
    func complexForm(of problem: RecoveryProblem) -> Point {
      var form = self
      form.solutions = solutions.map(problem.complexForm(of:))
      return form
    }

    init(sparsity: Int, _ solutions: [SparseSolution], beside baseline: Double) {
      self.sparsity = sparsity
      self.solutions = solutions
      residualNorm = solutions.map(\.residualNorm).norm
      relativeResidual = baseline > 0 ? residualNorm / baseline : 0
    }
  }

  /// The points, by ascending sparsity. At least one.
  public let points: [Point]
  /// Why the path ended, as that of one observation says it.
  public let stopReason: StopReason
  /// How many times A was read from end to end.
  public let matrixPasses: Int
  /// The path as it stands, where checkpoints were asked for: going on from it gives the path again.
  public let checkpoint: CompositeCheckpoint?
  /// ‖W^½(b − Y)‖_F, or the root of twice another loss, without any column to choose.
  let baseline: Double

  /// The first point whose relative residual is at most `target`, or nil when none is.
  public func first(reaching target: Double) -> Point? {
    points.first { $0.relativeResidual <= target }
  }
}

extension SparsityPath {
  /// Solves every k of `sparsities` for several observations with one support, by ``Joint``.
  ///
  /// Every k is solved as if it were the only one; where it explains less than the support before, that stands, so
  /// that the losses never increase with k. As many solves as there are sparsities; by ``SEA`` where ``solver`` is nil.
  ///
  /// - Parameters:
  ///   - workspace: the atoms; its own observation takes no part.
  ///   - observations: as many y of length m as wanted, at least one.
  ///   - sparsities: from 0, the model without any column to choose, to n.
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support; its answer may end the path, which then has fewer points,
  ///     and at least one.
  /// - Throws: what ``ResumableSolver/solve(_:jointly:sparsity:resuming:keeper:observer:)`` throws.
  public func solve(
    _ workspace: Workspace, jointly observations: [[Double]], sparsities: ClosedRange<Int>,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> JointPath {
    if let targetResidual { _ = try valid(fraction: targetResidual, "target residual") }
    guard solver == nil || solver is any ResumableSolver else {
      throw .oneObservationOnly(solver.map { type(of: $0).name } ?? SEA.name)
    }
    guard !observations.isEmpty else {
      throw .invalidOption(name: "observations", value: "none", expected: "at least one")
    }
    var record: CompositeRecord?
    if checkpoint != nil || keeper != nil {
      record = try CompositeRecord(
        "joint path",
        facts(try workspace.problem.observing(jointly: observations), sparsities)
          + ProblemFact.place(workspace),
        keeper: keeper, resuming: checkpoint)
    }
    let begin = ContinuousClock.now - (record?.elapsed ?? .zero)
    let watch = PathWatch(
      observer, time: limits.time, before: record?.elapsed ?? .zero,
      isCancelled: limits.isCancelled)
    var path = ending(with: watch)
    // The time is that of the whole path.
    path.limits.time = nil
    let solver =
      path.solver?.shared(by: sparsities.count) as? any ResumableSolver ?? SEA(limits: path.limits)
    let measures = try observations.map { (y) throws(RecoveryError) in
      let own = try workspace.observing(y)
      let scale = own.problem.observationScale
      return (scale: scale, norm: try own.nullModel().residualNorm * scale)
    }
    let baseline = measures.map(\.norm).norm
    /// The root of twice the loss of all observations, with a ridge.
    func loss(_ solutions: [SparseSolution]) -> Double {
      zip(solutions, measures).map { $0.lossNorm * $1.scale }.norm
    }
    let passesBefore = workspace.matrixPasses
    var points: [JointPath.Point] = []
    var stop: StopReason?
    for k in sparsities where stop == nil {
      record?.elapsed = ContinuousClock.now - begin
      var solutions = try solve(k, by: solver, workspace, observations, record, watch)
      if let last = points.last, loss(last.solutions) < loss(solutions) {
        solutions = last.solutions
      }
      let point = JointPath.Point(sparsity: k, solutions, beside: baseline)
      points.append(point)
      let isReached = targetResidual.map { point.relativeResidual <= $0 } ?? false
      stop = isReached ? .residual : watch.stop
    }
    if stop == .interrupted { record?.keepInterrupted() }
    return JointPath(
      points: points, stopReason: stop ?? .converged,
      matrixPasses: workspace.matrixPasses - passesBefore, checkpoint: record?.checkpoint,
      baseline: baseline)
  }

  /// The solutions for one sparsity, or what they were before a break.
  private func solve(
    _ k: Int, by solver: some ResumableSolver, _ workspace: Workspace, _ observations: [[Double]],
    _ record: CompositeRecord?, _ watch: PathWatch
  ) throws(RecoveryError) -> [SparseSolution] {
    // Nothing to select, which is no matter of a search.
    guard k > workspace.problem.atoms.requiredCount else {
      return try solver.solutions(workspace, observations, sparsity: k, like: nil)
    }
    let known = try record?.next(workspace) { (r) throws(CheckpointError) in
      try KnownSolution(from: &r)
    }
    if let known {
      guard known.isPossible(workspace.problem, sparsity: k) else {
        throw .contradictoryCheckpoint(of: "joint path")
      }
      workspace.matrixPasses += known.matrixPasses
      return try solver.solutions(workspace, observations, sparsity: k, like: known)
    }
    // What a resumed path does not do again has no say in what follows.
    if record != nil { workspace.forget() }
    let found = try solver.solve(
      workspace, jointly: observations, sparsity: k, resuming: try record?.takeUnderWay(),
      keeper: record?.memberKeeper(), observer: watch.observe)
    if watch.stop == nil {
      record?.add(workspace) { KnownSolution(found[0]).write(to: &$0) }
    }
    return found
  }
}

extension KnownSolution {
  /// Whether a file may say so.
  fileprivate func isPossible(_ problem: RecoveryProblem, sparsity: Int) -> Bool {
    problem.isSupport(support)
      && problem.atoms.groupCount(of: support) <= sparsity - problem.atoms.requiredCount
      && [iterations, bestIteration, supportsExplored, matrixPasses].allSatisfy {
        (0...(1 << 48)).contains($0)
      }
  }
}

extension Reduction {
  /// A joint path of ``problem`` in terms of the table.
  ///
  /// - Throws: ``RecoveryError/resultOverflow(_:)``.
  public func path(_ reduced: JointPath) throws(RecoveryError) -> JointPath {
    var points: [JointPath.Point] = []
    for point in reduced.points {
      var solutions: [SparseSolution] = []
      for (place, found) in point.solutions.enumerated() {
        solutions.append(try solution(found, of: place))
      }
      points.append(
        JointPath.Point(
          sparsity: point.sparsity + includedCount, solutions, beside: reduced.baseline))
    }
    return JointPath(
      points: points, stopReason: reduced.stopReason, matrixPasses: 1,
      checkpoint: reduced.checkpoint, baseline: reduced.baseline)
  }
}

extension JointPath {
  /// The largest sparsity solved.
  var largest: Int { points[points.count - 1].sparsity }

  /// The criterion at every point: that of the stacked problem vec Y = (I ⊗ A) vec X, with m · q rows and q coefficients
  /// for each column, of which supports are still C(n, k); the deviance under a loss that is half of one.
  ///
  /// - Throws: as ``InformationCriterion/value(of:for:)``.
  public func values(
    of criterion: InformationCriterion, for problem: RecoveryProblem
  ) throws(RecoveryError) -> [Double] {
    try points.map { (point) throws(RecoveryError) in
      try criterion.value(
        residualNorm: point.residualNorm, beside: baseline, support: point.support,
        observations: point.solutions.count, for: problem)
    }
  }

  /// What an information criterion chooses: the smallest value, the first of those that tie.
  ///
  /// - Throws: as ``values(of:for:)``.
  public func choice(
    by criterion: InformationCriterion, for problem: RecoveryProblem
  ) throws(RecoveryError) -> SparsityChoice {
    SparsityChoice(
      smallestOf: try values(of: criterion, for: problem),
      points.map { ($0.sparsity, $0.support.count, $0.solutions.allSatisfy(\.hasMinimum)) },
      for: problem)
  }

  /// The first sparsity whose relative residual is at most `target`, or the largest where none is.
  public func choice(reaching target: Double, for problem: RecoveryProblem) -> SparsityChoice {
    SparsityChoice(
      first: first(reaching: target)?.sparsity, reaching: target,
      of: points.map(\.sparsity), for: problem)
  }
}
