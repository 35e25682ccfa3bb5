public import SparseCore

/// A solver that can be cut off and go on as if nothing had happened.
public protocol ResumableSolver: Solver {
  /// A solve at one moment: all that is needed to go on.
  associatedtype Checkpoint: SolverCheckpoint

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
