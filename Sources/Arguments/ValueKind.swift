/// What the value of an option or an argument may be.
package enum ValueKind: Sendable {
  /// No value: off, and on when given.
  case flag
  /// No value: on when given as `--name`, off when given as `--no-name`, else as said here.
  case negatableFlag(isOn: Bool)
  /// Any text.
  case text
  /// The path of a file or a folder, which shells complete.
  case file
  /// A whole number of the range, bounds included.
  case integer(ClosedRange<Int> = Int.min...Int.max)
  /// A whole number of 64 bits without a sign, such as a seed.
  case natural
  /// A number of the range, bounds included. Infinity is a value only where it is a bound.
  case number(
    ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
  /// One of these names.
  case choice([String])
  /// One or more of these names, with commas between them.
  case several([String])

  /// One of the names of an enumeration.
  package static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    of type: Choice.Type
  ) -> ValueKind {
    .choice(type.allCases.map(\.rawValue))
  }

  /// One or more of the names of an enumeration.
  package static func choices<Choice: CaseIterable & RawRepresentable<String>>(
    of type: Choice.Type
  ) -> ValueKind {
    .several(type.allCases.map(\.rawValue))
  }

  /// Whether a value must follow.
  var takesValue: Bool {
    switch self {
    case .flag, .negatableFlag: false
    case .text, .file, .integer, .natural, .number, .choice, .several: true
    }
  }

  /// The value that `text` stands for, or nil when this kind does not allow it.
  func value(of text: String) -> Value? {
    switch self {
    case .flag, .negatableFlag: nil
    case .text, .file: .text(text)
    case .integer(let range): Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
    case .natural: UInt64(text).map { .natural($0) }
    case .number(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .choice(let names): names.contains(text) ? .text(text) : nil
    case .several(let names):
      text.split(separator: ",", omittingEmptySubsequences: false)
        .allSatisfy { names.contains(String($0)) } ? .text(text) : nil
    }
  }

  /// A value as the parser stores it.
  enum Value: Equatable, Sendable {
    case flag(Bool)
    case text(String)
    case integer(Int)
    case natural(UInt64)
    case number(Double)
  }
}

extension ValueKind {
  /// What help writes in the place of the value where the option does not say.
  var placeholder: String {
    switch self {
    case .flag, .negatableFlag: ""
    case .text: "text"
    case .file: "file"
    case .integer, .natural: "n"
    case .number: "x"
    case .choice: "name"
    case .several: "names"
    }
  }

  /// The names to choose from, for suggestions and completions.
  var choices: [String] {
    switch self {
    case .choice(let names), .several(let names): names
    default: []
    }
  }

  /// Whether shells should complete paths.
  var isFile: Bool {
    if case .file = self { true } else { false }
  }

  /// Whether some values of the type are not allowed, so that help should say which ones are.
  var isRestricted: Bool {
    switch self {
    case .flag, .negatableFlag, .text, .file: false
    case .integer(let range): range != Int.min...Int.max
    case .number(let range): bounds(range) != (nil, nil)
    case .natural, .choice, .several: true
    }
  }

  /// What is allowed, to follow the word "expected".
  var expectation: String {
    switch self {
    case .flag, .negatableFlag: "no value"
    case .text: "some text"
    case .file: "the path of a file"
    case .integer(let range):
      "an integer"
        + span(
          from: range.lowerBound == .min ? nil : "\(range.lowerBound)",
          to: range.upperBound == .max ? nil : "\(range.upperBound)")
    case .natural: "an integer from 0 to \(UInt64.max)"
    case .number(let range):
      "a number" + span(from: bounds(range).lower, to: bounds(range).upper)
    case .choice(let names): "one of " + names.joined(separator: ", ")
    case .several(let names):
      "one of \(names.joined(separator: ", ")), or several with commas between them"
    }
  }

  private func bounds(_ range: ClosedRange<Double>) -> (lower: String?, upper: String?) {
    let largest = Double.greatestFiniteMagnitude
    return (
      range.lowerBound <= -largest ? nil : plain(range.lowerBound),
      range.upperBound >= largest ? nil : plain(range.upperBound)
    )
  }

  private func span(from lower: String?, to upper: String?) -> String {
    switch (lower, upper) {
    case (nil, nil): ""
    case (let lower?, nil): " of at least \(lower)"
    case (nil, let upper?): " of at most \(upper)"
    case (let lower?, let upper?): " from \(lower) to \(upper)"
    }
  }

  /// Whole numbers without the decimals.
  private func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
