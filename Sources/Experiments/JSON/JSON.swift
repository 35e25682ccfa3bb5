/// A JSON value that is written as it was read: numbers keep their digits, objects their order.
package enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number as it is spelled.
  case number(literal: String)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A name and its value in an object.
  package struct Member: Equatable, Sendable {
    package let name: String
    package let value: JSON

    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The number, or null for one that JSON cannot spell.
  package init(_ value: Double) { self = value.isFinite ? .number(literal: "\(value)") : .null }

  /// The integer.
  package init(_ value: some BinaryInteger) { self = .number(literal: "\(value)") }

  /// The number, or null for none.
  package init(_ value: Double?) { self = value.map { JSON($0) } ?? .null }

  /// The value of the first member of that name, or nil where there is none or no object.
  package subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The number as a double, where it is not beyond all of them.
  package var double: Double? {
    guard case .number(let literal) = self, let value = Double(literal), value.isFinite else {
      return nil
    }
    return value
  }

  /// The number where it is spelled as an integer that fits.
  package var int: Int? { integer() }

  /// The number where it is spelled as an integer that fits.
  package func integer<Value: FixedWidthInteger>() -> Value? {
    guard case .number(let literal) = self else { return nil }
    return Value(literal)
  }

  /// The text.
  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// True or false.
  package var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The elements.
  package var array: [JSON]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

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

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringInterpolation
{
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }

  package init(arrayLiteral elements: JSON...) { self = .array(elements) }

  package init(stringLiteral value: String) { self = .string(value) }
}
