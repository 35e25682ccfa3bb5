/// What a .npy file says about its array.
struct NumPyHeader {
  let type: NumPyType
  let isFortranOrder: Bool
  let size: MatrixSize
  /// Where the elements start; they reach exactly to the end of the file.
  let dataOffset: Int

  /// Reads the header of an array of real numbers, of format version 1, 2 or 3, and compares the size of the data with
  /// the file.
  init(_ file: FileContents) throws(FileError) {
    let (fields, end) = try Self.fields(of: file)
    guard fields.type.parts == 1 else {
      throw .unsupported(
        path: file.path, expected: "real numbers",
        found: "complex numbers (\(excerpt(fields.type.code.utf8)))")
    }
    try self.init(fields, dataOffset: end, in: file)
  }

  /// Reads the same of an array of complex numbers.
  ///
  /// - Returns: nil for one of real numbers.
  init?(complex file: FileContents) throws(FileError) {
    let (fields, end) = try Self.fields(of: file)
    guard fields.type.parts == 2 else { return nil }
    try self.init(fields, dataOffset: end, in: file)
  }

  private init(
    _ fields: PythonLiteralParser.Fields, dataOffset: Int, in file: FileContents
  ) throws(FileError) {
    type = fields.type
    isFortranOrder = fields.isFortranOrder
    guard let rows = fields.shape.first, fields.shape.count <= 2 else {
      throw file.malformed(
        expected: "an array of 1 or 2 dimensions", found: "\(fields.shape.count) dimensions")
    }
    size = try MatrixSize(
      rows: rows, columns: fields.shape.count == 2 ? fields.shape[1] : 1, parts: type.parts,
      in: file)
    self.dataOffset = dataOffset
    let (expected, found) = (size.count * type.byteCount, file.bytes.count - dataOffset)
    guard expected == found else {
      throw file.malformed(
        expected: "\(expected) bytes of data for shape \(size.rows) × \(size.columns)",
        found: "\(found)")
    }
  }

  /// What the dictionary says, and where the elements start.
  private static func fields(
    of file: FileContents
  ) throws(FileError) -> (PythonLiteralParser.Fields, end: Int) {
    let text = try dictionaryRange(file)
    var parser = PythonLiteralParser(file: file, range: text)
    return (try parser.header(), text.upperBound)
  }

  /// The text that an array holds which is a single string of ASCII, of one or four bytes a character.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``.
  static func text(of file: FileContents) throws(FileError) -> String {
    let data = file.bytes[try dictionaryRange(file).upperBound...]
    // As bytes or as UTF-32, the other bytes are zero.
    return String(decoding: data.prefix(256).filter { $0 != 0 }, as: UTF8.self)
  }

  /// The bytes of the dictionary: after the magic, two of version and two or four of length.
  private static func dictionaryRange(_ file: FileContents) throws(FileError) -> Range<Int> {
    let bytes = file.bytes
    let versionOffset = FileFormat.numPyMagic.count
    let lengthOffset = versionOffset + 2
    guard bytes.count >= lengthOffset + 4 else {
      throw file.malformed(expected: "a .npy header", found: "\(bytes.count) bytes")
    }
    let (major, minor) = (bytes[versionOffset], bytes[versionOffset + 1])
    guard (1...3).contains(major), minor == 0 else {
      throw .unsupported(
        path: file.path, expected: ".npy format version 1.0, 2.0 or 3.0",
        found: "version \(major).\(minor)")
    }
    let lengthSize = major == 1 ? 2 : 4
    var length = 0
    for byte in bytes[lengthOffset..<lengthOffset + lengthSize].reversed() {
      length = length << 8 | Int(byte)
    }
    let start = lengthOffset + lengthSize
    guard length <= bytes.count - start else {
      throw file.malformed(
        expected: "a header of \(length) bytes", found: "\(bytes.count - start) bytes")
    }
    return start..<start + length
  }
}

/// The element type of a .npy file, from its array-protocol code such as `<f8`.
struct NumPyType {
  enum Format {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float16, float32, float64
  }

  /// The code as the file has it.
  let code: String
  /// What a number is: an element, or the real or the imaginary part of a complex one.
  let format: Format
  /// How many numbers an element is: two where it is complex, the real part first, else one.
  let parts: Int
  /// The size of one number in bytes.
  let byteCount: Int
  /// Whether the bytes of a number are in the other order than this machine's.
  let isSwapped: Bool

  /// - Throws: ``FileError/unsupported(path:expected:found:)``.
  init(code: String, in file: FileContents) throws(FileError) {
    let mark = code.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    let name = mark == nil ? code : String(code.dropFirst())
    // A complex number of 16 bytes is two real ones of 8.
    let complex = ["c8": "f4", "c16": "f8"][name]
    let number = complex ?? name
    guard let format = Self.formats[number] else {
      throw Self.unsupported("\(Self.word(for: name)) (\(excerpt(code.utf8)))", in: file)
    }
    // Every code that is listed ends in its one-digit size.
    let byteCount = number.last?.wholeNumberValue ?? 1
    self.code = code
    self.format = format
    parts = complex == nil ? 1 : 2
    self.byteCount = byteCount
    isSwapped = byteCount > 1 && mark == (Self.nativeMark == "<" ? ">" : "<")
  }

  /// The error of a type that is not read.
  static func unsupported(_ found: String, in file: FileContents) -> FileError {
    .unsupported(
      path: file.path, expected: "real numbers: f2 to f8, i1 to i8, u1 to u8 or b1", found: found)
  }

  /// How NumPy writes the byte order of this machine.
  static let nativeMark = UInt16(1).littleEndian == 1 ? "<" : ">"

  private static let formats: [String: Format] = [
    "b1": .bool, "f2": .float16, "f4": .float32, "f8": .float64,
    "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
    "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64,
  ]

  private static func word(for name: String) -> String {
    switch name.first {
    case "f", "e", "g": "floating point of another size"
    case "c", "F", "D", "G": "complex numbers of another size"
    case "O": "Python objects"
    case "S", "a", "U": "text"
    case "V": "records"
    case "M", "m": "dates or times"
    default: "an unknown type"
    }
  }
}

/// Reads the one dictionary literal of a .npy header and nothing else of Python.
///
/// Keys come in any order, strings in either quotes, and a comma may follow the last item.
private struct PythonLiteralParser {
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
