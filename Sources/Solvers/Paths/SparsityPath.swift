public import SparseCore

/// Solves every sparsity of a range on one problem, each from what the others found.
///
/// Every k is solved as if it were the only one, by a ``Portfolio`` unless told otherwise, of which each has a share of the
/// rounds; and compared with what others lead to: the steps of forward selection, the solution of the largest k from which
/// atoms are taken out one by one, and the solution of k − 1 with the atom added that lowers the loss
/// most. Where one of these is better, SEA sets out from it; and at last, from the largest k back, the
/// solution of k + 1 without the atom that costs least takes its place where it is better. Where k − 1 then
/// explains more than k, its support with the best atom added takes the place of that of k; and so back and
/// forth until nothing changes. So no point is worse than what the solver finds at its k, and the losses never
/// increase with k, but for rounding. A range of one k has the answer of the solver, bit by bit.
public struct SparsityPath: Sendable {
  /// The name that reports give: `path`.
  public static let name = "path"

  /// What solves every k, or nil for warm starts alone, which cost far less: SEA at the largest k, at a
  /// half and a quarter of it, and from the best support known at every k.
  ///
  /// ``OMP`` and ``OLS`` run once, and their supports are the path as they are. Any other solver runs
  /// afresh at every k, and its solution stands unless that of k − 1 with one atom more is better.
  public var solver: (any Solver)?
  /// When to stop. With warm starts, `iterations` is how many supports SEA evaluates at the largest
  /// k, half as many at half of it, a quarter at a quarter, and as many again from warm starts, where
  /// each k has an equal share of what is left. `stagnation` counts within one k, `time` for the whole
  /// path. A solver has limits of its own; `time` and `isCancelled` then hold for the path.
  public var limits: Limits
  /// The relative residual at which the path ends, or nil to solve the whole range.
  public var targetResidual: Double?

  /// A path by portfolios within `limits`; the time is that of the path.
  public init(limits: Limits = Limits(), targetResidual: Double? = nil) {
    var own = limits
    own.time = nil
    self.init(solver: Portfolio(limits: own), limits: limits, targetResidual: targetResidual)
  }

  /// A path by a solver, or by warm starts, within `limits`.
  public init(
    solver: (any Solver)?, limits: Limits = Limits(), targetResidual: Double? = nil
  ) {
    self.solver = solver
    self.limits = limits
    self.targetResidual = targetResidual
  }

  /// Solves every k of `sparsities`, from the smallest on.
  ///
  /// As many solves as there are sparsities; with warm starts at most two solves at the largest k, the
  /// passes over A of ``OLS``, those of the spectral norm, and Gram columns, as many in a pass as the
  /// engine takes; 2 · m · k flops for each support evaluated. 8 · n · k bytes on the host.
  ///
  /// Handing out checkpoints, or from one, the solves of a path share no Gram columns. A path that goes on from
  /// a checkpoint repeats forward selection, and the gradients at the points that were solved.
  ///
  /// - Parameters:
  ///   - sparsities: from 0, the model without any column to choose, to n.
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support; its answer may end the path, which then has
  ///     fewer points, and at least one.
  /// - Throws: ``RecoveryError/sparsityOutOfRange(sparsity:columns:)`` for sparsities outside 0...n,
  ///   ``RecoveryError/invalidOption(name:value:expected:)``, and what the solver throws.
  public func solve(
    _ workspace: Workspace, sparsities: ClosedRange<Int>,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> SolutionPath {
    if let targetResidual { _ = try valid(fraction: targetResidual, "target residual") }
    var record: CompositeRecord?
    if checkpoint != nil || keeper != nil {
      record = try CompositeRecord(
        Self.name,
        facts(workspace.problem, sparsities) + ProblemFact.place(workspace),
        keeper: keeper, resuming: checkpoint)
    }
    let watch = PathWatch(
      observer, time: limits.time, before: record?.elapsed ?? .zero,
      isCancelled: limits.isCancelled)
    var search = try PathSearch(self, workspace, sparsities, watch, record)
    return try search.run()
  }

  /// What the points depend on, the place of products apart.
  func facts(_ problem: RecoveryProblem, _ sparsities: ClosedRange<Int>) -> [ProblemFact] {
    ProblemFact.problem(problem, sparsity: sparsities.upperBound)
      + [
        ProblemFact("smallest sparsity", "\(sparsities.lowerBound)"),
        ProblemFact("solver", solver.map { type(of: $0).name } ?? "warm starts"),
        ProblemFact("options", hashOf: solver.map { optionText($0) } ?? ""),
      ] + ProblemFact.limits(limits)
      + [ProblemFact("target residual", targetResidual.map { "\($0)" } ?? "none")]
  }

  /// Loads the atoms on `backend` and solves every k of `sparsities`.
  ///
  /// - Throws: what ``Backend/load(_:precision:)`` and ``solve(_:sparsities:observer:)`` throw.
  public func solve(
    _ problem: RecoveryProblem, sparsities: ClosedRange<Int>, on backend: any Backend,
    precision: Precision = .double, observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> SolutionPath {
    let engine = try backend.load(problem.atoms, precision: precision)
    return try solve(problem, sparsities: sparsities, with: engine, observer: observer)
  }

  /// Solves every k of `sparsities` with the atoms on `engine`.
  ///
  /// - Throws: what ``solve(_:sparsities:observer:)`` throws.
  public func solve(
    _ problem: RecoveryProblem, sparsities: ClosedRange<Int>, with engine: any Engine,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> SolutionPath {
    try solve(
      Workspace(problem, on: engine), sparsities: sparsities, observer: observer)
  }
}

/// The solutions of a ``SparsityPath``, one for each sparsity.
public struct SolutionPath: Sendable {
  /// The solution for one sparsity.
  public struct Point: Sendable {
    /// k, the most columns that could be selected.
    public let sparsity: Int
    /// What was found.
    public let solution: SparseSolution
  }

  /// The solutions, by ascending sparsity. At least one.
  public let points: [Point]
  /// Why the path ended: `converged` where the range was solved, `residual` where the target was
  /// reached, `time` or `interrupted`.
  public let stopReason: StopReason
  /// How many times A was read from end to end.
  public let matrixPasses: Int
  /// The path as it stands, where checkpoints were asked for: going on from it gives the path again.
  public let checkpoint: CompositeCheckpoint?

  /// The first point whose relative residual is at most `target`, or nil when none is.
  public func first(reaching target: Double) -> Point? {
    points.first { $0.solution.relativeResidual <= target }
  }
}
