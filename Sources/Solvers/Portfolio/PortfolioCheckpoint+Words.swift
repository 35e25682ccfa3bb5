import SparseCore

extension Portfolio.Checkpoint: SolverCheckpoint {
  private static let frame = CheckpointFrame(
    magic: 0x0A54_504B_4F46_4F50, name: Portfolio.name, version: 3)

  /// A magic number, the version, the number of words from the fifth on, their checksum, and these.
  public var words: [UInt64] {
    var writer = WordWriter()
    writer.write(facts)
    writer.write(finished) { $1.write(to: &$0) }
    writer.write(elapsed)
    switch underWay {
    case nil: writer.write(0)
    case .exploring(let sea):
      writer.write(1)
      sea.write(to: &writer)
    case .searching(let search):
      writer.write(2)
      search.write(to: &writer)
    }
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
        underWay: try Portfolio.UnderWay(from: &reader))
    }
  }
}

extension Portfolio.UnderWay {
  /// Nil where nothing that can go on was under way.
  fileprivate init?(from reader: inout WordReader) throws(CheckpointError) {
    switch try reader.int() {
    case 0: return nil
    case 1: self = .exploring(try SEA.Checkpoint(from: &reader))
    case 2: self = .searching(try RoundSearch.Checkpoint(from: &reader))
    case let other: throw .damaged(expected: "0, 1 or 2", found: "\(other)")
    }
  }
}

extension RoundSearch.Checkpoint {
  fileprivate func write(to writer: inout WordWriter) {
    search.write(to: &writer)
    writer.write(state.elite.members) {
      $0.write($1.support)
      $0.write($1.loss)
    }
    for count in [state.elite.hits, state.round, state.walks, state.runs] { writer.write(count) }
  }

  fileprivate init(from reader: inout WordReader) throws(CheckpointError) {
    let search = try SearchState(from: &reader)
    let members = try reader.array(ofAtLeast: 2) { (r) throws(CheckpointError) in
      Elite.Member(support: try r.ints(), loss: try r.double())
    }
    let hits = try reader.int()
    self.init(
      search: search,
      state: RoundSearch.State(
        elite: Elite(members, hits: hits), round: try reader.int(), walks: try reader.int(),
        runs: try reader.int()))
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
    for count in [iterations, bestIteration, supportsExplored, matrixPasses, rounds] {
      writer.write(count)
    }
    writer.write(hasDiverged ? 1 : 0)
    writer.write(stopReason.rawValue)
    writer.write(seconds)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    support = try reader.ints()
    iterations = try reader.int()
    bestIteration = try reader.int()
    supportsExplored = try reader.int()
    matrixPasses = try reader.int()
    rounds = try reader.int()
    switch try reader.int() {
    case 0: hasDiverged = false
    case 1: hasDiverged = true
    case let other: throw .damaged(expected: "0 or 1", found: "\(other)")
    }
    let reason = try reader.text()
    guard let stopReason = StopReason(rawValue: reason) else {
      throw .damaged(expected: "why a solver stopped", found: "another word")
    }
    self.stopReason = stopReason
    seconds = try reader.double()
  }
}
