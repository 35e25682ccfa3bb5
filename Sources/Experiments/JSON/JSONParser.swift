/// What a text breaks of the rules of JSON.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The byte, counted from zero.
  package let offset: Int
  /// What should stand there.
  package let expected: String

  package var description: String { "expected \(expected) at byte \(offset)" }
}

extension JSON {
  /// Reads one value, and nothing after it but blanks.
  ///
  /// - Throws: ``JSONError`` where the text breaks the rules, or nests deeper than 64 values.
  package init(parsing text: some Sequence<UInt8>) throws(JSONError) {
    var parser = JSONParser(bytes: Array(text))
    self = try parser.document()
  }
}

/// Reads the bytes of a JSON text from left to right: RFC 8259.
private struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value()
    skipBlanks()
    guard position == bytes.count else { throw fault("the end") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSON {
    skipBlanks()
    depth += 1
    defer { depth -= 1 }
    guard depth <= 64 else { throw fault("less nesting") }
    guard let byte = peek else { throw fault("a value") }
    switch byte {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw fault("a value")
    }
  }

  private mutating func object() throws(JSONError) -> JSON {
    position += 1
    var members: [JSON.Member] = []
    skipBlanks()
    if take("}") { return .object([]) }
    repeat {
      skipBlanks()
      guard peek == UInt8(ascii: "\"") else { throw fault("a name in quotes") }
      let name = try string()
      skipBlanks()
      guard take(":") else { throw fault("a colon") }
      members.append(JSON.Member(name, try value()))
      skipBlanks()
    } while take(",")
    guard take("}") else { throw fault("a comma or a closing brace") }
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSON {
    position += 1
    var elements: [JSON] = []
    skipBlanks()
    if take("]") { return .array([]) }
    repeat {
      elements.append(try value())
      skipBlanks()
    } while take(",")
    guard take("]") else { throw fault("a comma or a closing bracket") }
    return .array(elements)
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return .number(literal: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
    guard position > start else { throw fault("a digit") }
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let wanted = Array("\(text)".utf8)
    guard bytes[position...].starts(with: wanted) else { throw fault("a value") }
    position += wanted.count
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek.map({ UInt32($0) }) == character.value else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private func fault(_ expected: String) -> JSONError {
    JSONError(offset: position, expected: expected)
  }

  /// The text whose opening quote comes next.
  private mutating func string() throws(JSONError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = peek, byte >= 0x20 {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else { throw fault("UTF-8") }
        return valid
      case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
      default: text.append(byte)
      }
    }
    throw fault("a closing quote")
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard let byte = peek else { throw fault("a character after the backslash") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let high = try hexadecimal()
      if let scalar = Unicode.Scalar(high) { return scalar }
      // The first half of a pair beyond 16 bits.
      guard high < 0xDC00, take("\\"), take("u") else { throw fault("a surrogate pair") }
      let low = try hexadecimal()
      guard 0xDC00...0xDFFF ~= low,
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      else { throw fault("a surrogate pair") }
      return scalar
    default: throw fault("an escape")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("four hexadecimal digits") }
    position += 4
    return value
  }
}
