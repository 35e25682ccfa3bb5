/// The pieces of a text between separators, one after another, without memory for any of them.
struct Pieces {
  private let separator: UInt8
  private var rest: ArraySlice<UInt8>?
  /// How many were taken.
  private(set) var number = 0

  init(of text: ArraySlice<UInt8>, separator: Unicode.Scalar) {
    self.separator = UInt8(ascii: separator)
    rest = text
  }

  /// The next piece, which may be empty; nil after the last.
  mutating func next() -> ArraySlice<UInt8>? {
    guard let text = rest else { return nil }
    number += 1
    guard let end = text.firstIndex(of: separator) else {
      rest = nil
      return text
    }
    rest = text[(end + 1)...]
    return text[..<end]
  }
}
