import LeastSquares
import SparseCore

/// A solve by an ``IterativeSolver`` between two steps: all that is needed to go on, with the same bits, on
/// the same engine.
///
/// 8 bytes for every distinct support, half the Gram matrix of the atoms at hand, and what the state of the
/// solver takes.
public struct IterationCheckpoint: SolverCheckpoint, Equatable {
  let facts: [ProblemFact]
  private let search: SearchState
  /// Iterations that named no support.
  private let silent: Int
  /// How many atoms the projector has room for, and which are where.
  private let capacity: Int
  private let projector: Projector.Arrangement
  /// What the solver wrote.
  private let state: [UInt64]

  /// How many supports were evaluated.
  public var iterations: Int { search.iterations }
  /// The support evaluated last.
  public var latestSupport: [Int] { search.latest }

  init(
    _ facts: [ProblemFact], _ search: Search, _ state: some IterationState, _ workspace: Workspace
  ) throws(RecoveryError) {
    self.facts = facts
    self.search = search.state(passes: workspace.matrixPasses)
    silent = search.silent
    (capacity, projector) = workspace.projectorState
    var writer = StateWriter(workspace)
    try state.write(to: &writer)
    self.state = writer.words
  }

  /// Refuses a checkpoint of another solve, and one whose parts do not fit together: whatever a file
  /// holds, going on from it must not trap.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` naming the first difference.
  func validate(
    _ expected: [ProblemFact], _ problem: RecoveryProblem, sparsity: Int
  ) throws(RecoveryError) {
    try expected.requireSame(as: facts)
    guard search.isPossible(problem, sparsity: sparsity), (0...(1 << 62)).contains(silent),
      (0...problem.columns).contains(capacity),
      projector.isPossible(problem, atMost: capacity)
    else { throw contradiction }
  }

  private var contradiction: RecoveryError { .contradictoryCheckpoint(of: "this solver") }

  /// The state of the solver; the search and the workspace stand where they stood.
  func restore<State: IterationState>(
    _ search: inout Search, _ workspace: Workspace
  ) throws(RecoveryError) -> State {
    search.resume(self.search)
    search.silent = silent
    workspace.matrixPasses += self.search.matrixPasses
    if capacity > 0 { try workspace.restartProjector(capacity: capacity, projector) }
    var reader = StateReader(state, workspace, atomCount: search.atomCount, contradiction)
    let state = try State(from: &reader)
    guard reader.isAtEnd else { throw contradiction }
    return state
  }

  // MARK: As words

  private static var frame: CheckpointFrame {
    CheckpointFrame(magic: 0x0A50_4554_5341_4553, name: "an iterative solver", version: 1)
  }

  /// A magic number, the version, the number of words from the fifth on, their checksum, and these.
  public var words: [UInt64] {
    var writer = WordWriter()
    writer.write(facts)
    search.write(to: &writer)
    writer.write(silent)
    writer.write(capacity)
    projector.write(to: &writer)
    writer.write(state)
    return Self.frame.framing(writer.words)
  }

  /// Reads what ``words`` wrote. Takes no more than three times the memory of `bytes`.
  ///
  /// - Throws: ``CheckpointError`` for anything else.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    self = try Self.frame.read(bytes) { (reader) throws(CheckpointError) in
      try IterationCheckpoint(from: &reader)
    }
  }

  private init(from reader: inout WordReader) throws(CheckpointError) {
    facts = try reader.facts()
    search = try SearchState(from: &reader)
    silent = try reader.int()
    capacity = try reader.int()
    projector = try Projector.Arrangement(from: &reader)
    state = try reader.array { (r) throws(CheckpointError) in try r.word() }
  }
}

extension SearchState {
  /// Whether a search may have come there.
  fileprivate func isPossible(_ problem: RecoveryProblem, sparsity: Int) -> Bool {
    best.count <= sparsity && problem.areAtoms(best) && problem.areAtoms(latest)
      && bestNorm >= 0 && bestNorm.isFinite && iterations >= 0 && iterations < 1 << 62
      && (0...max(iterations - 1, 0)).contains(bestIteration)
      && (0...(1 << 62)).contains(matrixPasses)
      && elapsed >= .zero && elapsed < .seconds(1 << 40)
  }
}
