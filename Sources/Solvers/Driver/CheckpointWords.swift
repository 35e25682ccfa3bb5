import SparseCore

/// Why bytes do not hold a checkpoint.
public enum CheckpointError: Error, Equatable, Sendable {
  /// Bytes that sea did not write, or not all of them, or that have changed since.
  case damaged(expected: String, found: String)
  /// A checkpoint in the format of another version of this package.
  case otherVersion(expected: UInt64, found: UInt64)
}

extension RecoveryError {
  static func contradictoryCheckpoint(of solver: String) -> RecoveryError {
    .invalidOption(
      name: "checkpoint", value: "parts that contradict each other",
      expected: "one that \(solver) wrote")
  }
}

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

/// Words of 64 bits, to be written to a file.
struct WordWriter {
  private(set) var words: [UInt64] = []

  mutating func write(_ word: UInt64) { words.append(word) }

  mutating func write(_ number: Int) { write(UInt64(bitPattern: Int64(number))) }

  mutating func write(_ number: Double) { write(number.bitPattern) }

  mutating func write(_ duration: Duration) {
    write(UInt64(bitPattern: duration.components.seconds))
    write(UInt64(bitPattern: duration.components.attoseconds))
  }

  /// The number of elements, then the elements.
  mutating func write<Element>(
    _ elements: some Collection<Element>, _ writeElement: (inout WordWriter, Element) -> Void
  ) {
    write(elements.count)
    for element in elements { writeElement(&self, element) }
  }

  mutating func write(_ numbers: [Int]) { write(numbers) { $0.write($1) } }

  mutating func write(_ numbers: [Double]) { write(numbers) { $0.write($1) } }

  mutating func write(_ numbers: [UInt64]) { write(numbers) { $0.write($1) } }

  /// One word a byte: texts are short here.
  mutating func write(_ text: String) { write(text.utf8) { $0.write(UInt64($1)) } }
}

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

  mutating func flag() throws(CheckpointError) -> Bool {
    switch try int() {
    case 0: return false
    case 1: return true
    case let other: throw .damaged(expected: "0 or 1", found: "\(other)")
    }
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
    try flag() ? try readElement(&self) : nil
  }

  mutating func ints() throws(CheckpointError) -> [Int] {
    try array { (r) throws(CheckpointError) in try r.int() }
  }

  mutating func doubles() throws(CheckpointError) -> [Double] {
    try array { (r) throws(CheckpointError) in try r.double() }
  }

  mutating func stopReason() throws(CheckpointError) -> StopReason {
    guard let reason = StopReason(rawValue: try text()) else {
      throw .damaged(expected: "why a solver stopped", found: "another word")
    }
    return reason
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
