/// Something that processes remember for a key: a word of a line.
package protocol RememberedValue: Sendable {
  /// What such values are, and the version of their text: the file is called by the first word.
  static var title: String { get }
  /// The value as text, without tabs and ends of lines.
  var text: String { get }
  /// Reads a text, or returns nil for any that ``text`` would not be.
  init?(text: String)
}

extension ProductKernels: RememberedValue {
  package static let title = "gemv 1"
  package var text: String { rawValue }

  package init?(text: String) {
    guard let kernels = ProductKernels(rawValue: text), kernels != .auto else { return nil }
    self = kernels
  }
}

/// What is remembered, as a text: a header, then a line each with the value, a tab and its key.
package struct RememberedText<Value: RememberedValue> {
  /// What is remembered for one key.
  package struct Line {
    package let key: String
    package let value: Value
  }

  /// The latest last.
  package let lines: [Line]

  /// No more lines than these are kept, the latest of them.
  static var most: Int { 256 }
  private static var header: String { "sparse-recovery \(Value.title)\n" }

  init(_ lines: [Line]) { self.lines = lines }

  /// Reads a text, or returns nil where a single line is damaged or there are too many.
  package init?(_ bytes: [UInt8]) {
    let header = Self.header.utf8
    guard bytes.starts(with: header), bytes.last == UInt8(ascii: "\n") else { return nil }
    var lines: [Line] = []
    var rest = bytes.dropFirst(header.count)
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      guard lines.count < Self.most, let line = Line(rest[..<end]) else { return nil }
      lines.append(line)
      rest = rest[(end + 1)...]
    }
    self.lines = lines
  }

  /// What ``init(_:)`` reads.
  package var text: String {
    Self.header + lines.map { "\($0.value.text)\t\($0.key)\n" }.joined()
  }

  /// A key on one line, without what separates fields.
  static func plain(_ key: String) -> String {
    String(String.UnicodeScalarView(key.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
  }
}

extension RememberedText.Line {
  fileprivate init?(_ line: ArraySlice<UInt8>) {
    guard let tab = line.firstIndex(of: UInt8(ascii: "\t")),
      let text = String(validating: line[..<tab], as: UTF8.self), let value = Value(text: text),
      let key = String(validating: line[(tab + 1)...], as: UTF8.self)
    else { return nil }
    self.init(key: key, value: value)
  }
}
