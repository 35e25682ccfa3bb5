extension JSON {
  /// The value on one line, without blanks.
  package var text: String {
    var result = ""
    write(to: &result)
    return result
  }

  private func write(to result: inout String) {
    switch self {
    case .null: result += "null"
    case .bool(let value): result += value ? "true" : "false"
    case .number(let literal): result += literal
    case .string(let text): Self.write(text, to: &result)
    case .array(let elements):
      result += "["
      for (i, element) in elements.enumerated() {
        if i > 0 { result += "," }
        element.write(to: &result)
      }
      result += "]"
    case .object(let members):
      result += "{"
      for (i, member) in members.enumerated() {
        if i > 0 { result += "," }
        Self.write(member.name, to: &result)
        result += ":"
        member.value.write(to: &result)
      }
      result += "}"
    }
  }

  private static func write(_ text: String, to result: inout String) {
    result += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    result += "\""
  }

  /// Where this value first differs from another.
  package struct Difference: Equatable, Sendable {
    /// The names that lead there, joined by dots.
    package let path: String
    /// What stands there on either side; nil where nothing does.
    package let mine: String?
    package let other: String?
  }

  /// The first difference in the order of this value, or nil where both are equal. The order of
  /// members counts for nothing.
  package func difference(from other: JSON, path: String = "") -> Difference? {
    func inner(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    switch (self, other) {
    case (.object(let mine), .object(let others)):
      for member in mine {
        guard let value = other[member.name] else {
          return Difference(path: inner(member.name), mine: member.value.text, other: nil)
        }
        if let difference = member.value.difference(from: value, path: inner(member.name)) {
          return difference
        }
      }
      return others.first { self[$0.name] == nil }
        .map { Difference(path: inner($0.name), mine: nil, other: $0.value.text) }
    case (.array(let mine), .array(let others)) where mine.count == others.count:
      for (i, (element, value)) in zip(mine, others).enumerated() {
        if let difference = element.difference(from: value, path: inner("\(i)")) {
          return difference
        }
      }
      return nil
    default:
      return self == other ? nil : Difference(path: path, mine: text, other: other.text)
    }
  }
}
