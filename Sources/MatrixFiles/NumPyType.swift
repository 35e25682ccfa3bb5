/// The element type of a .npy file, from its array-protocol code such as `<f8`.
struct NumPyType {
  enum Format {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float32, float64
  }

  let format: Format
  /// The size of one element in bytes.
  let byteCount: Int
  /// Whether the bytes of an element are in the other order than this machine's.
  let isSwapped: Bool

  /// - Throws: ``FileError/unsupported(path:expected:found:)``.
  init(code: String, in file: FileContents) throws(FileError) {
    let mark = code.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    let name = mark == nil ? code : String(code.dropFirst())
    guard let format = Self.formats[name] else {
      throw Self.unsupported("\(Self.word(for: name)) (\(excerpt(code.utf8)))", in: file)
    }
    // Every code that is listed ends in its one-digit size.
    let byteCount = name.last?.wholeNumberValue ?? 1
    self.format = format
    self.byteCount = byteCount
    isSwapped = byteCount > 1 && mark == (Self.nativeMark == "<" ? ">" : "<")
  }

  /// The error of a type that is not read.
  static func unsupported(_ found: String, in file: FileContents) -> FileError {
    .unsupported(
      path: file.path, expected: "real numbers: f4, f8, i1 to i8, u1 to u8 or b1", found: found)
  }

  /// How NumPy writes the byte order of this machine.
  static let nativeMark = UInt16(1).littleEndian == 1 ? "<" : ">"

  private static let formats: [String: Format] = [
    "b1": .bool, "f4": .float32, "f8": .float64,
    "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
    "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64,
  ]

  private static func word(for name: String) -> String {
    switch name.first {
    case "f", "e", "g": "floating point of another size"
    case "c", "F", "D": "complex numbers"
    case "O": "Python objects"
    case "S", "a", "U": "text"
    case "V": "records"
    case "M", "m": "dates or times"
    default: "an unknown type"
    }
  }
}
