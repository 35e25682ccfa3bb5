/// Reads the one dictionary literal of a .npy header and nothing else of Python.
///
/// Keys come in any order, strings in either quotes, and a comma may follow the last item.
struct PythonLiteralParser {
  struct Fields {
    let type: NumPyType
    let isFortranOrder: Bool
    let shape: [Int]
  }

  /// What NumPy itself allows.
  private static let mostDimensions = 64
  /// No key and no code that is known is that long.
  private static let longestString = 64

  private let file: FileContents
  private let end: Int
  private var offset: Int

  init(file: FileContents, range: Range<Int>) {
    self.file = file
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The whole literal, after which only blanks may follow.
  mutating func header() throws(FileError) -> Fields {
    var type: NumPyType?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !accept("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try elementType()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw file.malformed(
          expected: "the keys 'descr', 'fortran_order' and 'shape', once each",
          found: excerpt(key.utf8))
      }
      guard accept(",") else {
        try expect("}")
        break
      }
    }
    skipBlanks()
    guard offset == end else { throw unexpected("nothing more") }
    guard let type, let isFortranOrder, let shape else {
      throw file.malformed(
        expected: "the keys 'descr', 'fortran_order' and 'shape'", found: "not all of them")
    }
    return Fields(type: type, isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func elementType() throws(FileError) -> NumPyType {
    if accept("[") { throw NumPyType.unsupported("a structured type", in: file) }
    return try NumPyType(code: string(), in: file)
  }

  private mutating func boolean() throws(FileError) -> Bool {
    if accept("True") { return true }
    if accept("False") { return false }
    throw unexpected("True or False")
  }

  /// Natural numbers in parentheses; a single one needs its comma, as in Python.
  private mutating func tuple() throws(FileError) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !accept(")") {
      guard numbers.count < Self.mostDimensions else {
        throw unexpected("at most \(Self.mostDimensions) dimensions")
      }
      numbers.append(try natural())
      guard accept(",") else {
        guard numbers.count != 1 else { throw unexpected("','") }
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func natural() throws(FileError) -> Int {
    skipBlanks()
    let digits = file.bytes[offset..<end].prefix { (0x30...0x39).contains($0) }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw unexpected("a dimension from 0 to \(Int.max)")
    }
    offset = digits.endIndex
    return number
  }

  /// A short string without escapes.
  private mutating func string() throws(FileError) -> String {
    skipBlanks()
    guard offset < end, let quote = [0x22, 0x27].first(where: { $0 == file.bytes[offset] }) else {
      throw unexpected("a string")
    }
    let text = file.bytes[offset + 1..<end].prefix(Self.longestString + 1)
      .prefix { $0 != quote && $0 != 0x5C }
    guard text.count <= Self.longestString, text.endIndex < end,
      file.bytes[text.endIndex] == quote
    else { throw unexpected("a string") }
    offset = text.endIndex + 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func expect(_ token: StaticString) throws(FileError) {
    guard accept(token) else { throw unexpected("'\(token)'") }
  }

  /// Skips blanks and `token` where it comes next.
  private mutating func accept(_ token: StaticString) -> Bool {
    skipBlanks()
    let wanted = UnsafeBufferPointer(start: token.utf8Start, count: token.utf8CodeUnitCount)
    guard file.bytes[offset..<end].starts(with: wanted) else { return false }
    offset += wanted.count
    return true
  }

  private mutating func skipBlanks() {
    while offset < end, [0x20, 0x09, 0x0A, 0x0D].contains(file.bytes[offset]) { offset += 1 }
  }

  private func unexpected(_ expected: String) -> FileError {
    file.malformed(
      expected: "\(expected) in the header",
      found: offset < end ? excerpt(file.bytes[offset..<end]) : "its end")
  }
}
