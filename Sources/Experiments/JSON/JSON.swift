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
