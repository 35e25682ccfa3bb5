import SparseCore

extension Portfolio.Checkpoint: SolverCheckpoint {
  private static let frame = CheckpointFrame(
    magic: 0x0A54_504B_4F46_4F50, name: Portfolio.name, version: 2)

  /// A magic number, the version, the number of words from the fifth on, their checksum, and these.
  public var words: [UInt64] {
    var writer = WordWriter()
    writer.write(facts)
    writer.write(finished) { $1.write(to: &$0) }
    writer.write(elapsed)
    writer.write(exploring.map { [$0] } ?? []) { $1.write(to: &$0) }
    return Self.frame.framing(writer.words)
  }

  /// Reads what ``words`` wrote. Takes no more than three times the memory of `bytes`.
  ///
  /// - Throws: ``CheckpointError`` for anything else.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    self = try Self.frame.read(bytes) { (reader) throws(CheckpointError) in
      Portfolio.Checkpoint(
        facts: try reader.facts(),
        finished: try reader.array(ofAtLeast: 3) { (r) throws(CheckpointError) in
          try FinishedAttempt(from: &r)
        },
        elapsed: try reader.duration(),
        exploring: try reader.optional { (r) throws(CheckpointError) in
          try SEA.Checkpoint(from: &r)
        })
    }
  }
}

extension FinishedAttempt {
  func write(to writer: inout WordWriter) {
    writer.write(solver)
    writer.write(start.map { [$0] } ?? []) { $0.write($1) }
    writer.write(outcome.map { [$0] } ?? []) { $1.write(to: &$0) }
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    solver = try reader.text()
    start = try reader.optional { (r) throws(CheckpointError) in try r.text() }
    outcome = try reader.optional { (r) throws(CheckpointError) in try Outcome(from: &r) }
  }
}

extension FinishedAttempt.Outcome {
  func write(to writer: inout WordWriter) {
    writer.write(support)
    for count in [iterations, bestIteration, supportsExplored, matrixPasses] { writer.write(count) }
    writer.write(stopReason.rawValue)
    writer.write(seconds)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    support = try reader.ints()
    iterations = try reader.int()
    bestIteration = try reader.int()
    supportsExplored = try reader.int()
    matrixPasses = try reader.int()
    let reason = try reader.text()
    guard let stopReason = StopReason(rawValue: reason) else {
      throw .damaged(expected: "why a solver stopped", found: "another word")
    }
    self.stopReason = stopReason
    seconds = try reader.double()
  }
}
