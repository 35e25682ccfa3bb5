public import SparseCore

/// A way to find the support.
public protocol Solver: Sendable {
  /// The name of the algorithm, as the command line and results give it.
  static var name: String { get }

  /// Finds at most `sparsity` columns that explain the observation.
  ///
  /// - Parameter observer: called after every evaluated support.
  /// - Throws: ``RecoveryError/sparsityOutOfRange(sparsity:columns:)`` for a sparsity outside 1...n,
  ///   ``RecoveryError/invalidOption(name:value:expected:)``, and what the engine throws.
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

extension Solver {
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
