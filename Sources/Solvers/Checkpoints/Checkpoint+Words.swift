extension SEA.Checkpoint {
  /// The version of the format. Every change of it, and every change of SEA that changes the supports
  /// visited, takes another number.
  private static var version: UInt64 { 1 }
  /// The bytes `SEACKPT` and a line feed.
  private static var magic: UInt64 { 0x0A54_504B_4341_4553 }

  /// Words of 64 bits, which a file holds in little-endian order: a magic number, the version, the
  /// number of words from the fifth on, their checksum, and these.
  public var words: [UInt64] {
    var writer = WordWriter()
    writer.write(facts) {
      $0.write($1.name)
      $0.write($1.value)
    }
    search.write(to: &writer)
    switch exploration {
    case .direct(let state):
      writer.write(0)
      state.write(to: &writer)
    case .blocked(let state):
      writer.write(1)
      state.write(to: &writer)
    }
    var checksum = Checksum()
    for word in writer.words { checksum.add(word) }
    return [Self.magic, Self.version, UInt64(writer.words.count), checksum.value] + writer.words
  }

  /// Reads what ``words`` wrote. Takes no more than three times the memory of `bytes`.
  ///
  /// - Throws: ``CheckpointError`` for anything else.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var reader = WordReader(bytes)
    guard reader.left >= 4, try reader.word() == Self.magic else {
      throw .damaged(expected: "a checkpoint of sea", found: "something else")
    }
    let version = try reader.word()
    guard version == Self.version else {
      throw .otherVersion(expected: Self.version, found: version)
    }
    let (count, sum) = (try reader.word(), try reader.word())
    guard count == UInt64(reader.left), bytes.count % 8 == 0 else {
      throw .damaged(expected: "\(count) numbers", found: "\(bytes.count - 32) bytes")
    }
    var checksum = Checksum()
    var copy = reader
    while copy.left > 0 { checksum.add(try copy.word()) }
    guard checksum.value == sum else {
      throw .damaged(expected: "numbers of the checksum written", found: "others")
    }
    facts = try reader.array(ofAtLeast: 2) { (r) throws(CheckpointError) in
      ProblemFact(try r.text(), try r.text())
    }
    search = try SearchState(from: &reader)
    switch try reader.int() {
    case 0: exploration = .direct(try DirectState(from: &reader))
    case 1: exploration = .blocked(try BlockedState(from: &reader))
    case let other: throw .damaged(expected: "0 or 1", found: "\(other)")
    }
    guard reader.left == 0 else {
      throw .damaged(expected: "the end", found: "\(reader.left) numbers more")
    }
  }
}
