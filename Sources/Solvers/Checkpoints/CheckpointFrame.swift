import SparseCore

/// What stands before the words of a checkpoint, so that damage and other versions are found: a magic
/// number, the version of the format, the number of words behind these four, and their checksum.
struct CheckpointFrame {
  /// Seven letters and a line feed.
  let magic: UInt64
  /// Whose checkpoints these are.
  let name: String
  /// Every change of the format, and every change of the solver that changes the supports visited,
  /// takes another number.
  let version: UInt64

  /// The words with what stands before them.
  func framing(_ words: [UInt64]) -> [UInt64] {
    var checksum = Checksum()
    for word in words { checksum.add(word) }
    return [magic, version, UInt64(words.count), checksum.value] + words
  }

  /// Reads the words by `body`, which must read all of them.
  func read<Value>(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (inout WordReader) throws(CheckpointError) -> Value
  ) throws(CheckpointError) -> Value {
    var reader = WordReader(bytes)
    guard reader.left >= 4, try reader.word() == magic else {
      throw .damaged(expected: "a checkpoint of \(name)", found: "something else")
    }
    let found = try reader.word()
    guard found == version else { throw .otherVersion(expected: version, found: found) }
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
    let value = try body(&reader)
    guard reader.left == 0 else {
      throw .damaged(expected: "the end", found: "\(reader.left) numbers more")
    }
    return value
  }
}
