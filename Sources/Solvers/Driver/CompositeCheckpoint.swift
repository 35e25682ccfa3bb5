import SparseCore

/// A solve that is made of other solves, at one moment: what those that have ended found, and where the one
/// under way stands. A portfolio, a path, a validation and a set of observations are such solves.
///
/// About 8 · k bytes for every solve that has ended, and what the checkpoint of the other takes.
public struct CompositeCheckpoint: SolverCheckpoint, Equatable {
  /// What the solves depend on.
  let facts: [ProblemFact]
  /// How many solves have ended.
  public let finishedCount: Int
  /// What they found: the number of words, then the words, for each.
  let finished: [UInt64]
  /// How long these took.
  let elapsed: Duration
  /// The words of the checkpoint of the solve under way; none where it has not begun.
  let underWay: [UInt64]
  /// The support evaluated last by the solve under way, or none.
  public let latestSupport: [Int]

  private static let frame = CheckpointFrame(
    magic: 0x0A54_504B_4F46_4F50, name: "several solves", version: 12)

  /// A magic number, the version, the number of words from the fifth on, their checksum, and these.
  public var words: [UInt64] {
    var writer = WordWriter()
    writer.write(facts)
    writer.write(finishedCount)
    writer.write(finished)
    writer.write(elapsed)
    writer.write(underWay)
    writer.write(latestSupport)
    return Self.frame.framing(writer.words)
  }

  /// Reads what ``words`` wrote. Takes no more than three times the memory of `bytes`.
  ///
  /// - Throws: ``CheckpointError`` for anything else.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    self = try Self.frame.read(bytes) { (reader) throws(CheckpointError) in
      CompositeCheckpoint(
        facts: try reader.facts(), finishedCount: try reader.int(),
        finished: try reader.array { (r) throws(CheckpointError) in try r.word() },
        elapsed: try reader.duration(),
        underWay: try reader.array { (r) throws(CheckpointError) in try r.word() },
        latestSupport: try reader.ints())
    }
  }

  /// Whether these bytes begin as a checkpoint does.
  public static func isBeginning(of bytes: UnsafeRawBufferPointer) -> Bool {
    var reader = WordReader(bytes)
    return (try? reader.word()) == frame.magic
  }

  /// How many bytes the first of several checkpoints takes that stand one behind another: all, unless it says
  /// that it takes fewer.
  public static func byteCount(of bytes: UnsafeRawBufferPointer) -> Int {
    var reader = WordReader(bytes)
    guard reader.left >= 4, (try? (reader.word(), reader.word())) != nil,
      let count = try? reader.word(), count < UInt64(bytes.count / 8)
    else { return bytes.count }
    return min(8 * (Int(count) + 4), bytes.count)
  }

  init(
    facts: [ProblemFact], finishedCount: Int, finished: [UInt64], elapsed: Duration,
    underWay: [UInt64], latestSupport: [Int]
  ) {
    self.facts = facts
    self.finishedCount = finishedCount
    self.finished = finished
    self.elapsed = elapsed
    self.underWay = underWay
    self.latestSupport = latestSupport
  }
}

/// What a solve that is made of others remembers for checkpoints, and what it was when it was cut off.
///
/// Such a solve runs its members in an order that their results alone decide. After a break it takes the results
/// of those that had ended from here instead, in the same order, and the next one goes on where it stood.
final class CompositeRecord {
  private let facts: [ProblemFact]
  private let keeper: CheckpointKeeper<CompositeCheckpoint>?
  private let name: String
  private var finishedCount: Int
  private var finished: [UInt64]
  /// Where in `finished` the next result stands that was not asked for yet.
  private var place = 0
  /// Where a member stood at the break.
  private var underWay: [UInt64]
  /// Whether the member under way has handed out a checkpoint of its own.
  private var memberIsKept = false
  /// The time from the beginning to that of the member under way, breaks left out.
  var elapsed: Duration
  /// When it would have begun without a break.
  private let begin: ContinuousClock.Instant

  /// - Parameter name: of the solve, for messages.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for the checkpoint of another solve.
  init(
    _ name: String, _ facts: [ProblemFact], keeper: CheckpointKeeper<CompositeCheckpoint>?,
    resuming checkpoint: CompositeCheckpoint?
  ) throws(RecoveryError) {
    self.name = name
    self.facts = facts
    self.keeper = keeper
    finishedCount = checkpoint?.finishedCount ?? 0
    finished = checkpoint?.finished ?? []
    underWay = checkpoint?.underWay ?? []
    elapsed = checkpoint?.elapsed ?? .zero
    begin = .now - max(elapsed, .zero)
    if let checkpoint { try facts.requireSame(as: checkpoint.facts) }
    guard elapsed >= .zero, finishedCount >= 0 else { throw contradiction }
  }

  /// What is said of parts that do not fit together.
  var contradiction: RecoveryError { .contradictoryCheckpoint(of: name) }

  /// The next result from before the break, or nil where the next member is to run.
  ///
  /// - Parameter workspace: what the member worked on, which knows then what it had computed once for all.
  func next<Result>(
    _ workspace: Workspace? = nil,
    _ read: (inout WordReader) throws(CheckpointError) -> Result
  ) throws(RecoveryError) -> Result? {
    guard place < finished.count else { return nil }
    let count = finished[place]
    guard count <= UInt64(finished.count - place - 1) else { throw contradiction }
    let words = finished[place + 1..<place + 1 + Int(count)]
    place += 1 + Int(count)
    return try decode(words) { (bytes) throws(CheckpointError) in
      var reader = WordReader(bytes)
      try workspace?.restoreConstants(from: &reader)
      let result = try read(&reader)
      guard reader.left == 0 else { throw .damaged(expected: "the end", found: "more") }
      return result
    }
  }

  /// Where the member that was under way goes on, if it was: asked once, for the first member that runs.
  func takeUnderWay<Checkpoint: SolverCheckpoint>(
    _ type: Checkpoint.Type = Checkpoint.self
  ) throws(RecoveryError) -> Checkpoint? {
    guard !underWay.isEmpty else { return nil }
    defer { underWay = [] }
    return try decode(underWay) { (bytes) throws(CheckpointError) in try Checkpoint(bytes: bytes) }
  }

  private func decode<Value>(
    _ words: some Sequence<UInt64>,
    _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Value
  ) throws(RecoveryError) -> Value {
    let words = words.map { $0.littleEndian }
    do throws(CheckpointError) {
      return try words.withUnsafeBufferPointer { (buffer) throws(CheckpointError) in
        try body(UnsafeRawBufferPointer(buffer))
      }
    } catch {
      throw contradiction
    }
  }

  /// Notes what a member found.
  func add(_ workspace: Workspace? = nil, _ write: (inout WordWriter) -> Void) {
    var writer = WordWriter()
    workspace?.writeConstants(to: &writer)
    write(&writer)
    finished.append(UInt64(writer.words.count))
    finished += writer.words
    place = finished.count
    finishedCount += 1
    memberIsKept = false
    if let keeper, keeper.isDue() { keeper.keep(checkpoint) }
  }

  /// Runs a member that is a solver from where it stood, if it can go on, and keeps its checkpoints.
  func solve(
    _ solver: any Solver, _ workspace: Workspace, sparsity: Int, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    func resume<S: ResumableSolver>(_ solver: S) throws(RecoveryError) -> SparseSolution {
      try solver.solve(
        workspace, sparsity: sparsity, resuming: try takeUnderWay(), keeper: memberKeeper(),
        observer: observer)
    }
    elapsed = ContinuousClock.now - begin
    if let solver = solver as? any ResumableSolver { return try resume(solver) }
    return try solver.solve(workspace, sparsity: sparsity, observer: observer)
  }

  /// What a member hands its checkpoints to, or nil where nobody wants any.
  func memberKeeper<Checkpoint: SolverCheckpoint>() -> CheckpointKeeper<Checkpoint>? {
    keeper.map { keeper in
      CheckpointKeeper(isDue: keeper.isDue) { [self] in
        memberIsKept = true
        keeper.keep(checkpoint($0.words, $0.latestSupport))
      }
    }
  }

  /// Hands out where the whole stands once it was interrupted, unless the member under way has done so.
  func keepInterrupted() {
    if !memberIsKept { keeper?.keep(checkpoint) }
  }

  /// Where the whole stands between two members.
  var checkpoint: CompositeCheckpoint { checkpoint(underWay, []) }

  private func checkpoint(_ underWay: [UInt64], _ latestSupport: [Int]) -> CompositeCheckpoint {
    CompositeCheckpoint(
      facts: facts, finishedCount: finishedCount, finished: finished, elapsed: elapsed,
      underWay: underWay, latestSupport: latestSupport)
  }
}
