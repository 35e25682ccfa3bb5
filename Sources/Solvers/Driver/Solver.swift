public import SparseCore

/// A way to find the support.
public protocol Solver: Sendable {
  /// The name of the algorithm, as the command line and results give it.
  static var name: String { get }

  /// Its options by name, for those who are given them as text.
  static var options: [SolverOption<Self>] { get }

  /// How the solutions for many sparsities are made of those of this solver.
  static var pathRule: PathRule { get }

  /// Whether it minimises any ``Loss``. Else problems of another loss than least squares are refused before
  /// anything is computed.
  var minimizesAnyLoss: Bool { get }

  /// Whether it finds one support for several observations, as ``Joint`` asks: where points have several planes, and
  /// rows of coefficients and correlations are ranked by their norms. Solvers whose steps are those of ``Workspace``
  /// do so as they are.
  var recoversJointly: Bool { get }

  /// Whether it selects groups of columns, as ``RecoveryModel/columnGroups`` has them: where it counts by
  /// ``Search/groupCount``, and adds and keeps atoms by ``Workspace/strongest(_:at:)``,
  /// ``NegativeGradient/largest(_:)`` and ``Workspace/keeping(_:of:)``. Else problems with groups are refused before
  /// anything is computed.
  var recoversGroups: Bool { get }

  /// The same for one of so many sparsities of a path, which share what it does by default. Solvers that do no more than
  /// they are told are as they were.
  func shared(by sparsities: Int) -> Self

  /// Finds at most `sparsity` columns that explain the observation.
  ///
  /// - Parameter observer: called after every evaluated support.
  /// - Throws: ``RecoveryError/sparsityOutOfRange(sparsity:columns:)`` for a sparsity outside 1...n,
  ///   ``RecoveryError/invalidOption(name:value:expected:)``,
  ///   ``RecoveryError/unsupportedModel(solver:option:)``, and what the engine throws.
  func solve(
    _ problem: Workspace, sparsity: Int, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution

  /// Solves for several observations on one A at once, as far as that costs less than one after another.
  ///
  /// - Parameter observer: called with the place of the observation after every evaluated support.
  /// - Returns: for each observation its solution, or nil where it is to be solved alone; and how many of the first
  ///   reports of that solve have been made already.
  /// - Throws: what ``solve(_:sparsity:observer:)`` throws.
  func solveTogether(
    _ workspaces: [Workspace], sparsity: Int,
    observer: (Int, IterationReport) -> SolveControl
  ) throws(RecoveryError) -> (solutions: [SparseSolution?], repeated: Int)
}

/// How a ``SparsityPath`` is made of a solver.
public enum PathRule: Sendable {
  /// The solver is asked for every sparsity, and its solution stands.
  case apart
  /// One run at the largest sparsity has the solutions of all others on its way.
  case nested
  /// As ``apart``, and what others lead to takes the place of what is worse.
  case improved
}

extension Solver {
  /// ``PathRule/apart``.
  public static var pathRule: PathRule { .apart }

  /// Least squares alone.
  public var minimizesAnyLoss: Bool { false }

  /// One observation alone.
  public var recoversJointly: Bool { false }

  /// Single columns alone.
  public var recoversGroups: Bool { false }

  /// As it is.
  public func shared(by sparsities: Int) -> Self { self }

  /// Solves with the atoms on `engine`.
  ///
  /// - Parameter observer: called after every evaluated support; its answer may stop the solve.
  /// - Throws: what ``solve(_:sparsity:observer:)`` throws.
  public func solve(
    _ problem: RecoveryProblem, sparsity: Int, with engine: any Engine,
    observer: SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> SparseSolution {
    try solve(Workspace(problem, on: engine), sparsity: sparsity, observer: observer)
  }

  /// Loads the atoms on `backend` and solves.
  ///
  /// - Parameters:
  ///   - sparsity: k, the largest number of columns to select.
  ///   - precision: of the gradients; least squares and losses are always in double.
  ///   - observer: called after every evaluated support; its answer may stop the solve.
  /// - Throws: what ``Backend/load(_:precision:)`` and ``solve(_:sparsity:observer:)`` throw.
  public func solve(
    _ problem: RecoveryProblem, sparsity: Int, on backend: any Backend,
    precision: Precision = .double, observer: SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> SparseSolution {
    let engine = try backend.load(problem.atoms, precision: precision)
    return try solve(problem, sparsity: sparsity, with: engine, observer: observer)
  }
}

/// A solver that can be cut off and go on as if nothing had happened.
public protocol ResumableSolver: Solver {
  /// A solve at one moment: all that is needed to go on.
  associatedtype Checkpoint: SolverCheckpoint

  /// When to stop before the own rule does.
  var limits: Limits { get set }

  /// Solves from a checkpoint or from the start, and hands out checkpoints.
  ///
  /// All that the supports visited depend on must be as it was when the checkpoint was made.
  ///
  /// - Parameters:
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support, those before the checkpoint left out.
  /// - Throws: what ``Solver/solve(_:sparsity:observer:)`` throws, or
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` when the checkpoint is of another
  ///   problem or solve, and when it contradicts itself.
  func solve(
    _ workspace: Workspace, sparsity: Int, resuming checkpoint: Checkpoint?,
    keeper: CheckpointKeeper<Checkpoint>?, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution
}

extension ResumableSolver {
  /// Solves from the beginning, without checkpoints.
  ///
  /// - Throws: what ``solve(_:sparsity:resuming:keeper:observer:)`` throws.
  public func solve(
    _ workspace: Workspace, sparsity: Int, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    try solve(workspace, sparsity: sparsity, resuming: nil, keeper: nil, observer: observer)
  }
}

/// A solve at one moment, as words that a file may hold.
public protocol SolverCheckpoint: Sendable {
  /// Words of 64 bits, which a file holds in little-endian order.
  var words: [UInt64] { get }
  /// The support evaluated last, or none where that is not kept.
  var latestSupport: [Int] { get }

  /// Reads what ``words`` wrote. Takes no more than three times the memory of `bytes`.
  ///
  /// - Throws: ``CheckpointError`` for anything else.
  init(bytes: UnsafeRawBufferPointer) throws(CheckpointError)
}

/// Who keeps checkpoints.
public struct CheckpointKeeper<Checkpoint: Sendable> {
  /// Whether to make a checkpoint now: asked between two steps. One is made without asking when the observer
  /// stops the solve.
  public let isDue: () -> Bool
  /// Takes the checkpoint.
  public let keep: (Checkpoint) -> Void

  /// Keeps a checkpoint whenever one is due.
  public init(isDue: @escaping () -> Bool, keep: @escaping (Checkpoint) -> Void) {
    self.isDue = isDue
    self.keep = keep
  }
}
