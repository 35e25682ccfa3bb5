/// A 64-bit hash of words, the same on every machine: FNV-1a with a shift, so that high bits mix with
/// low ones. Another word anywhere always gives another hash.
public struct Checksum: Sendable {
  /// The hash of the words so far.
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Of no words.
  public init() {}

  /// Adds a word.
  public mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01B3
    value ^= value >> 29
  }
}
