public import SparseCore

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
