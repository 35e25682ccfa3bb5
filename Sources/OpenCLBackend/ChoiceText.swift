/// Choices of kernels as a text: a header, then a line each with the choice, a tab and its key.
package struct ChoiceText: Equatable {
  /// What was chosen for one key.
  package struct Choice: Equatable {
    package let key: String
    package let kernels: ProductKernels
  }

  /// In the order of the lines, the latest last.
  package let choices: [Choice]

  /// No more choices than these are kept, the latest of them.
  static let most = 256
  private static let header = "sparse-recovery gemv 1\n"

  init(_ choices: [Choice]) { self.choices = choices }

  /// Reads a text, or returns nil where a single line is damaged or there are too many.
  package init?(_ bytes: [UInt8]) {
    let header = Self.header.utf8
    guard bytes.starts(with: header), bytes.last == UInt8(ascii: "\n") else { return nil }
    var choices: [Choice] = []
    var rest = bytes.dropFirst(header.count)
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      guard choices.count < Self.most, let choice = Choice(line: rest[..<end]) else { return nil }
      choices.append(choice)
      rest = rest[(end + 1)...]
    }
    self.choices = choices
  }

  /// What ``init(_:)`` reads.
  package var text: String {
    Self.header + choices.map { "\($0.kernels)\t\($0.key)\n" }.joined()
  }

  /// A key on one line, without what separates fields.
  static func plain(_ key: String) -> String {
    String(String.UnicodeScalarView(key.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
  }
}

extension ChoiceText.Choice {
  fileprivate init?(line: ArraySlice<UInt8>) {
    guard let tab = line.firstIndex(of: UInt8(ascii: "\t")),
      let word = String(validating: line[..<tab], as: UTF8.self),
      let kernels = ProductKernels(rawValue: word), kernels != .auto,
      let key = String(validating: line[(tab + 1)...], as: UTF8.self)
    else { return nil }
    self.init(key: key, kernels: kernels)
  }
}
