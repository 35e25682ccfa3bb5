import Glibc

/// The lines of a text table from the top on, and those among them that are comments: lines whose first byte beside
/// blanks is `#`.
struct TableLines {
  private let bytes: UnsafeRawBufferPointer
  private var rest: Range<Int>
  /// The comment passed last, without its `#`, where nothing but the line that is next follows it.
  private(set) var lastComment: Range<Int>?

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    rest = range
  }

  /// The line that comes next, without its newline; nil at the end.
  var peek: Range<Int>? {
    guard !rest.isEmpty else { return nil }
    return rest.lowerBound..<(bytes[rest].firstIndex(of: newline) ?? rest.upperBound)
  }

  /// Moves to the next line.
  ///
  /// - Returns: the line passed.
  mutating func next() -> Range<Int>? {
    guard let line = peek else { return nil }
    rest = min(line.upperBound + 1, rest.upperBound)..<rest.upperBound
    return line
  }

  /// Moves past comments, and past empty lines below one.
  mutating func skipComments() {
    lastComment = nil
    var isBelow = false
    while let line = peek {
      if Self.isComment(bytes[line]) {
        isBelow = true
        let mark = bytes[line].firstIndex(of: UInt8(ascii: "#")) ?? line.lowerBound
        lastComment = mark + 1..<line.upperBound
      } else if isBelow, bytes[line].allSatisfy({ " \r".utf8.contains($0) }) {
        lastComment = nil
      } else {
        return
      }
      _ = next()
    }
  }

  /// How many comments lie in `range`, which begins with a line: one look at every byte where there are none.
  static func commentCount(in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
    guard bytes.holds(UInt8(ascii: "#"), in: range) else { return 0 }
    var lines = TableLines(bytes, range)
    var count = 0
    while let line = lines.next() { count += isComment(bytes[line]) ? 1 : 0 }
    return count
  }

  /// Whether a line is a comment.
  private static func isComment(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
    line.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "#")
  }
}

extension UnsafeRawBufferPointer {
  /// Whether `byte` lies in `range`.
  func holds(_ byte: UInt8, in range: Range<Int>) -> Bool {
    guard let baseAddress, !range.isEmpty else { return false }
    return memchr(baseAddress + range.lowerBound, CInt(byte), range.count) != nil
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// How often `byte` is there.
  func count(of byte: UInt8) -> Int { reduce(0) { $0 + ($1 == byte ? 1 : 0) } }
}
