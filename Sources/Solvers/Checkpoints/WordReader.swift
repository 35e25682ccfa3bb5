/// Reads words of 64 bits, and takes no memory for more of them than there are.
struct WordReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  /// Reads little-endian words; bytes beyond the last whole word are not looked at.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// How many words are left.
  var left: Int { bytes.count / 8 - place }

  mutating func word() throws(CheckpointError) -> UInt64 {
    guard left > 0 else { throw .damaged(expected: "another number", found: "the end") }
    defer { place += 1 }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self))
  }

  mutating func int() throws(CheckpointError) -> Int {
    Int(Int64(bitPattern: try word()))
  }

  mutating func double() throws(CheckpointError) -> Double { Double(bitPattern: try word()) }

  mutating func duration() throws(CheckpointError) -> Duration {
    let (seconds, attoseconds) = (try int(), try int())
    guard (0...1 << 40).contains(seconds), (0..<1_000_000_000_000_000_000).contains(attoseconds)
    else { throw .damaged(expected: "a time", found: "\(seconds) s") }
    return Duration(secondsComponent: Int64(seconds), attosecondsComponent: Int64(attoseconds))
  }

  /// As many elements as the number before them says.
  ///
  /// - Parameter words: the fewest that an element takes, so that no memory is taken for elements for
  ///   which there are not enough.
  mutating func array<Element>(
    ofAtLeast words: Int = 1,
    _ readElement: (inout WordReader) throws(CheckpointError) -> Element
  ) throws(CheckpointError) -> [Element] {
    let count = try int()
    guard (0...left / words).contains(count) else {
      throw .damaged(expected: "\(left) numbers for a list", found: "\(count) elements")
    }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try readElement(&self)) }
    return elements
  }

  /// An element, or nil where the number before it is zero.
  mutating func optional<Element>(
    _ readElement: (inout WordReader) throws(CheckpointError) -> Element
  ) throws(CheckpointError) -> Element? {
    switch try int() {
    case 0: return nil
    case 1: return try readElement(&self)
    case let count: throw .damaged(expected: "0 or 1", found: "\(count)")
    }
  }

  mutating func ints() throws(CheckpointError) -> [Int] {
    try array { (r) throws(CheckpointError) in try r.int() }
  }

  mutating func doubles() throws(CheckpointError) -> [Double] {
    try array { (r) throws(CheckpointError) in try r.double() }
  }

  mutating func text() throws(CheckpointError) -> String {
    let bytes = try array { (r) throws(CheckpointError) in
      let word = try r.word()
      guard let byte = UInt8(exactly: word) else {
        throw .damaged(expected: "a byte of a text", found: "\(word)")
      }
      return byte
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .damaged(expected: "a text in UTF-8", found: "other bytes")
    }
    return text
  }
}
