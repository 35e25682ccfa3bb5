extension SEA.Checkpoint: SolverCheckpoint {
  private static let frame = CheckpointFrame(
    magic: 0x0A54_504B_4341_4553, name: SEA.name, version: 2)

  /// A magic number, the version, the number of words from the fifth on, their checksum, and these.
  public var words: [UInt64] {
    var writer = WordWriter()
    write(to: &writer)
    return Self.frame.framing(writer.words)
  }

  /// Reads what ``words`` wrote. Takes no more than three times the memory of `bytes`.
  ///
  /// - Throws: ``CheckpointError`` for anything else.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    self = try Self.frame.read(bytes) { (reader) throws(CheckpointError) in
      try SEA.Checkpoint(from: &reader)
    }
  }

  func write(to writer: inout WordWriter) {
    writer.write(facts)
    search.write(to: &writer)
    switch exploration {
    case .direct(let state):
      writer.write(0)
      state.write(to: &writer)
    case .blocked(let state):
      writer.write(1)
      state.write(to: &writer)
    }
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    facts = try reader.facts()
    search = try SearchState(from: &reader)
    switch try reader.int() {
    case 0: exploration = .direct(try DirectState(from: &reader))
    case 1: exploration = .blocked(try BlockedState(from: &reader))
    case let other: throw .damaged(expected: "0 or 1", found: "\(other)")
    }
  }
}

extension WordWriter {
  mutating func write(_ facts: [ProblemFact]) {
    write(facts) {
      $0.write($1.name)
      $0.write($1.value)
    }
  }
}

extension WordReader {
  mutating func facts() throws(CheckpointError) -> [ProblemFact] {
    try array(ofAtLeast: 2) { (r) throws(CheckpointError) in
      ProblemFact(try r.text(), try r.text())
    }
  }
}
