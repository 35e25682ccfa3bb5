public import SparseCore

/// Solves for several observations on one A with one support for all of them: minimises ½‖Y − A X‖_F², or the sum of
/// another loss over the observations, over matrices X, a column for each observation, of which at most k rows are not
/// zero.
///
/// The solver is one of those for one observation. What it ranks by magnitude, coefficients and correlations, are rows
/// here, ranked by their norms; its residuals and projections are those of every column: simultaneous OMP (Tropp, Gilbert
/// and Strauss 2006), simultaneous IHT, HTP and CoSaMP (Blanchard, Cermak, Hanle and Jing 2014; Foucart 2011), SEA on an
/// exploratory matrix, exchanges of atoms, every support there is, and a portfolio of these. With signs only what may grow
/// counts: of a row of correlations, the entries that would make their coefficients positive. The loss is the sum of the
/// losses, each with its ridge.
/// Coefficients differ between observations, so that with signs one may be zero where those of others are not.
public struct Joint: Sendable {
  /// What finds the support, one of those that say so: ``Solver/recoversJointly``.
  public var solver: any ResumableSolver

  /// A joint solve by `solver`, within its limits.
  public init(_ solver: any ResumableSolver = Portfolio()) { self.solver = solver }

  /// One solution for each observation, all with one support.
  ///
  /// - Parameters:
  ///   - workspace: the atoms; its own observation takes no part.
  ///   - observations: as many y of length m as wanted.
  ///   - observer: called after every evaluated support, with relative residuals of all
  ///   observations together.
  /// - Throws: what ``ResumableSolver/solve(_:jointly:sparsity:resuming:keeper:observer:)`` throws.
  public func solve(
    _ workspace: Workspace, observations: [[Double]], sparsity: Int,
    observer: SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    func solve(_ solver: some ResumableSolver) throws(RecoveryError) -> [SparseSolution] {
      try solver.solve(workspace, jointly: observations, sparsity: sparsity, observer: observer)
    }
    return try solve(solver)
  }

  /// Solves with the atoms on `engine`.
  ///
  /// - Parameter problem: the atoms; its own observation takes no part.
  /// - Throws: what ``solve(_:observations:sparsity:observer:)`` throws.
  public func solve(
    _ problem: RecoveryProblem, observations: [[Double]], sparsity: Int, with engine: any Engine,
    observer: SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    try solve(
      Workspace(problem, on: engine), observations: observations, sparsity: sparsity,
      observer: observer)
  }
}

extension ResumableSolver {
  /// Solves for several observations with one support, from a checkpoint or from the start, as ``Joint`` says.
  ///
  /// An iteration costs what it does for one observation, for each of them; a pass over A serves as many as the engine
  /// takes at once, and with signs b · n bytes come from the engine for each. The atoms of a support are factored once. Iterations
  /// and passes of a solution are those of the whole solve. One observation is solved as it is alone, to the bit.
  ///
  /// - Parameters:
  ///   - workspace: the atoms; its own observation takes no part.
  ///   - observations: as many y of length m as wanted.
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support, with relative residuals of all
  ///   observations together.
  /// - Returns: one solution for each observation.
  /// - Throws: what ``solve(_:sparsity:resuming:keeper:observer:)`` and ``Workspace/observing(_:)`` throw, and
  ///   ``RecoveryError/unsupportedModel(solver:option:)`` for a solver of one observation alone.
  public func solve(
    _ workspace: Workspace, jointly observations: [[Double]], sparsity: Int,
    resuming checkpoint: Checkpoint? = nil, keeper: CheckpointKeeper<Checkpoint>? = nil,
    observer: SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    guard recoversJointly else { throw .oneObservationOnly(Self.name) }
    guard !observations.isEmpty else { return [] }
    let joint = try workspace.observing(jointly: observations)
    defer { workspace.add(joint) }
    let found = try solve(
      joint, sparsity: sparsity, resuming: checkpoint, keeper: keeper, observer: observer)
    guard observations.count > 1 else { return [found] }
    return try solutions(workspace, observations, sparsity: sparsity, like: KnownSolution(found))
  }

  /// The solutions of all observations on the support that was found for them; nil for what every support contains and
  /// nothing more.
  func solutions(
    _ workspace: Workspace, _ observations: [[Double]], sparsity: Int, like found: KnownSolution?
  ) throws(RecoveryError) -> [SparseSolution] {
    let joint = try workspace.problem.observing(jointly: observations)
    let provesSupports = (self as? any IterativeSolver)?.provesSupports(joint) ?? false
    var solutions: [SparseSolution] = []
    for y in observations {
      let workspace = try workspace.observing(y)
      let search = try Search(
        Self.name, workspace, sparsity: sparsity, limits: limits, leastSparsity: 0,
        provesSupports: provesSupports, minimizesAnyLoss: minimizesAnyLoss,
        recoversGroups: recoversGroups)
      var solution = try search.solution(
        found?.stopReason ?? .converged, workspace, jointly: found?.support ?? [])
      if let found {
        solution.iterations = found.iterations
        solution.bestIteration = found.bestIteration
        solution.supportsExplored = found.supportsExplored
        solution.matrixPasses = found.matrixPasses
        solution.rounds = found.rounds
        solution.optimalityGap = found.optimalityGap
        solution.attempts = found.attempts
        solution.bestAttempt = found.bestAttempt
        if found.hasDiverged { solution.warnings.append(.diverged(solver: Self.name)) }
      }
      solutions.append(solution)
    }
    return solutions
  }
}

extension RecoveryError {
  /// Says of a solver that it finds no support for several observations.
  static func oneObservationOnly(_ solver: String) -> RecoveryError {
    .unsupportedModel(solver: solver, option: "one support for several observations")
  }
}
