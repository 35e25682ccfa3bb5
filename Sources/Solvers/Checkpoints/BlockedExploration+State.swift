import LeastSquares
import SparseCore

extension BlockedExploration {
  /// Goes on from a state that was kept.
  init(
    _ workspace: Workspace, resuming state: BlockedState, sparsity: Int
  ) throws(RecoveryError) {
    try self.init(workspace, offset: state.offset, sparsity: sparsity)
    projector = try Projector(workspace.problem, capacity: breadth, arrangement: state.projector)
    total = state.total
    current = Dictionary(uniqueKeysWithValues: zip(state.atoms, state.exploratory))
    frontier = Verification.Frontier(atoms: state.frontier, bound: state.bound)
    blockLength = state.blockLength
    verification.growth = state.growth
  }

  /// Where it stands between two blocks, `frontier` being the next working set.
  ///
  /// The visits of the block before are left out: computed anew on the same arrangement, they have
  /// the same bits.
  func state(_ frontier: Verification.Frontier) -> BlockedState {
    let known = current.sorted { $0.key < $1.key }
    return BlockedState(
      offset: offset, total: total, atoms: known.map(\.key), exploratory: known.map(\.value),
      frontier: frontier.atoms, bound: frontier.bound, blockLength: blockLength,
      growth: verification.growth, projector: projector.arrangement)
  }
}
