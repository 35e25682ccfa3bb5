import LeastSquares
import SparseCore

/// A solve by an ``IterativeSolver`` between two steps: all that is needed to go on, with the same bits, on
/// the same engine.
///
/// 8 bytes for every distinct support, half the Gram matrix of the atoms at hand, 16 bytes for each Gram column,
/// what the state of the solver takes, and where the observer stopped it within a step the supports evaluated
/// behind that one.
public struct IterationCheckpoint: SolverCheckpoint, Equatable {
  let facts: [ProblemFact]
  let search: SearchState
  /// Iterations that named no support.
  private let silent: Int
  /// How many atoms the projector has room for, and which are where.
  private let capacity: Int
  private let projector: Projector.Arrangement
  /// Whether message passing had said that it diverged.
  private let hasDiverged: Bool
  /// Which Gram columns were at hand, the rest of the latest step, and what the solver wrote.
  private let state: [UInt64]

  /// How many supports were evaluated.
  public var iterations: Int { search.iterations }
  /// The support evaluated last.
  public var latestSupport: [Int] { search.latest }

  init(
    _ facts: [ProblemFact], _ search: Search, _ state: some IterationState, _ pending: Step?,
    _ workspace: Workspace
  ) throws(RecoveryError) {
    self.facts = facts
    self.search = search.state(passes: workspace.matrixPasses)
    silent = search.silent
    hasDiverged = search.warnings.contains(where: \.tellsDivergence)
    (capacity, projector) = workspace.projectorState
    var writer = StateWriter(workspace)
    workspace.write(to: &writer)
    writer.write(ifAny: pending) { $1.write(to: &$0) }
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

  /// The state of the solver, and the rest of its latest step; the search and the workspace stand where
  /// they stood.
  func restore<State: IterationState>(
    _ search: inout Search, _ workspace: Workspace
  ) throws(RecoveryError) -> (State, Step?) {
    search.resume(self.search)
    search.silent = silent
    if hasDiverged { search.warn(.diverged(solver: search.solver)) }
    workspace.matrixPasses += self.search.matrixPasses
    // What is computed again was counted before the break.
    let passes = workspace.matrixPasses
    defer { workspace.matrixPasses = passes }
    if capacity > 0 { try workspace.restartProjector(capacity: capacity, projector) }
    var reader = StateReader(state, workspace, search, contradiction)
    try workspace.restore(from: &reader)
    let pending = try reader.optional { (reader) throws(RecoveryError) in
      try Step(from: &reader)
    }
    let state = try State(from: &reader)
    guard reader.isAtEnd else { throw contradiction }
    return (state, pending)
  }

  // MARK: As words

  /// Versions 1 and 2 knew one solver, SEA; up to version 4 residuals were A x − y, and up to 5 step sizes other
  /// ones.
  private static let frame = CheckpointFrame(
    magic: 0x0A54_504B_4341_4553, name: "a solver", version: 6)

  /// A magic number, the version, the number of words from the fifth on, their checksum, and these.
  public var words: [UInt64] {
    var writer = WordWriter()
    write(to: &writer)
    return Self.frame.framing(writer.words)
  }

  func write(to writer: inout WordWriter) {
    writer.write(facts)
    search.write(to: &writer)
    writer.write(silent)
    writer.write(hasDiverged ? 1 : 0)
    writer.write(capacity)
    projector.write(to: &writer)
    writer.write(state)
  }

  /// Reads what ``words`` wrote. Takes no more than three times the memory of `bytes`.
  ///
  /// - Throws: ``CheckpointError`` for anything else.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    self = try Self.frame.read(bytes) { (reader) throws(CheckpointError) in
      try IterationCheckpoint(from: &reader)
    }
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    facts = try reader.facts()
    search = try SearchState(from: &reader)
    silent = try reader.int()
    hasDiverged = try reader.flag()
    capacity = try reader.int()
    projector = try Projector.Arrangement(from: &reader)
    state = try reader.array { (r) throws(CheckpointError) in try r.word() }
  }
}

extension Step {
  fileprivate func write(to writer: inout StateWriter) {
    writer.write(candidates) { $1.write(to: &$0) }
    writer.write(stop.flatMap { StopReason.allCases.firstIndex(of: $0) } ?? -1)
  }

  fileprivate init(from reader: inout StateReader) throws(RecoveryError) {
    let candidates = try reader.array { (reader) throws(RecoveryError) in
      try Candidate(from: &reader)
    }
    let stop = try reader.int(in: -1...StopReason.allCases.count - 1)
    self.init(candidates, stop: stop < 0 ? nil : StopReason.allCases[stop])
  }
}

extension Candidate {
  fileprivate func write(to writer: inout StateWriter) {
    writer.write(support)
    writer.write(residualNorm)
    writer.write(method)
    writer.write(untold)
    writer.write(finder.map { Array($0.utf8).map(Int.init) } ?? [])
  }

  fileprivate init(from reader: inout StateReader) throws(RecoveryError) {
    let support = try reader.support(atMost: reader.atomCount)
    let residualNorm = try reader.double()
    let method = try reader.method()
    let untold = try reader.int(in: 0...(1 << 48))
    let name = try reader.array { (reader) throws(RecoveryError) in
      UInt8(try reader.int(in: 0...255))
    }
    try reader.require(residualNorm >= 0 && residualNorm.isFinite)
    self.init(
      support, residualNorm: residualNorm, method: method, untold: untold,
      finder: name.isEmpty ? nil : String(decoding: name, as: UTF8.self))
  }
}

/// What a search has seen, as a checkpoint keeps it.
struct SearchState: Sendable, Equatable {
  /// How many supports were evaluated, at least 1.
  var iterations: Int
  /// The best of them, with ‖A x − y‖₂ for the scaled observation and when it was first seen.
  var best: [Int]
  var bestNorm: Double
  var bestIteration: Int
  /// The support evaluated last.
  var latest: [Int]
  /// The fingerprints of all supports counted, ascending.
  var fingerprints: [UInt64]
  /// How long the search has taken.
  var elapsed: Duration
  /// How many times A was read from end to end.
  var matrixPasses: Int
}

extension SearchState {
  func write(to writer: inout WordWriter) {
    writer.write(iterations)
    writer.write(best)
    writer.write(bestNorm)
    writer.write(bestIteration)
    writer.write(latest)
    writer.write(fingerprints)
    writer.write(elapsed)
    writer.write(matrixPasses)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    iterations = try reader.int()
    best = try reader.ints()
    bestNorm = try reader.double()
    bestIteration = try reader.int()
    latest = try reader.ints()
    fingerprints = try reader.array { (r) throws(CheckpointError) in try r.word() }
    elapsed = try reader.duration()
    matrixPasses = try reader.int()
  }

  /// Whether a search may have come there.
  func isPossible(_ problem: RecoveryProblem, sparsity: Int) -> Bool {
    best.count <= sparsity && problem.isSupport(best) && problem.isSupport(latest)
      && bestNorm >= 0 && bestNorm.isFinite && iterations >= 0 && iterations < 1 << 62
      && (0...max(iterations - 1, 0)).contains(bestIteration)
      && (0...(1 << 62)).contains(matrixPasses)
      && elapsed >= .zero && elapsed < .seconds(1 << 40)
  }
}

extension RecoveryProblem {
  /// Whether these are atoms that may be selected, in ascending order.
  func areAtoms(_ support: [Int]) -> Bool {
    zip(support, support.dropFirst()).allSatisfy { $0 < $1 }
      && support.allSatisfy { (0..<columns).contains($0) && atoms.isUsable($0) }
  }

  /// Whether these are atoms that may be selected together, in ascending order: of groups all or none.
  func isSupport(_ atoms: [Int]) -> Bool {
    areAtoms(atoms) && self.atoms.groups?.areWhole(atoms) ?? true
  }
}

extension Projector.Arrangement {
  func write(to writer: inout WordWriter) {
    writer.write(atoms)
    writer.write(gram)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    self.init(atoms: try reader.ints(), gram: try reader.doubles())
  }

  /// Whether a projector with room for `most` atoms may have come to it.
  func isPossible(_ problem: RecoveryProblem, atMost most: Int) -> Bool {
    atoms.count <= most && problem.areAtoms(atoms.sorted())
      && gram.count == atoms.count * (atoms.count + 1) / 2 && gram.allSatisfy(\.isFinite)
  }
}
