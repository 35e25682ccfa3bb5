import Testing

@testable import Solvers

/// Lists and texts in a checkpoint that are not what they claim to be.
@Suite struct WordReaderTests {
  private func read<Value>(
    _ words: [UInt64], _ body: (inout WordReader) throws(CheckpointError) -> Value
  ) throws -> Value {
    try words.withUnsafeBytes { bytes in
      var reader = WordReader(bytes)
      return try body(&reader)
    }
  }

  private func pairs(_ words: [UInt64]) throws -> [[UInt64]] {
    try read(words) { (reader) throws(CheckpointError) in
      try reader.array(ofAtLeast: 2) { (r) throws(CheckpointError) in
        [try r.word(), try r.word()]
      }
    }
  }

  @Test func listsAreRead() throws {
    #expect(try pairs([2, 1, 2, 3, 4, 5]) == [[1, 2], [3, 4]])
  }

  /// Five words have no room for three elements of two, which is seen before any is read.
  @Test(arguments: [3, .max, 1 << 63] as [UInt64]) func listsHaveRoom(count: UInt64) throws {
    let refusal = CheckpointError.damaged(
      expected: "5 numbers for a list", found: "\(Int64(bitPattern: count)) elements")
    #expect(throws: refusal) { try pairs([count, 1, 2, 3, 4, 5]) }
  }

  @Test func oneOrNone() throws {
    func optional(_ words: [UInt64]) throws -> Double? {
      try read(words) { (reader) throws(CheckpointError) in
        try reader.optional { (r) throws(CheckpointError) in try r.double() }
      }
    }
    #expect(try optional([0, 1]) == nil)
    #expect(try optional([1, (2.5).bitPattern]) == 2.5)
    #expect(throws: CheckpointError.damaged(expected: "0 or 1", found: "2")) {
      try optional([2, 0, 0])
    }
  }

  @Test func textsAreText() throws {
    func text(_ words: [UInt64]) throws -> String {
      try read(words) { (reader) throws(CheckpointError) in try reader.text() }
    }
    #expect(try text([2, 0xC2, 0xBD]) == "½")
    #expect(throws: CheckpointError.damaged(expected: "a text in UTF-8", found: "other bytes")) {
      try text([1, 0xFF])
    }
    #expect(throws: CheckpointError.damaged(expected: "a byte of a text", found: "256")) {
      try text([1, 256])
    }
  }
}
