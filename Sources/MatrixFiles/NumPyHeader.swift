/// What a .npy file says about its array.
struct NumPyHeader {
  let type: NumPyType
  let isFortranOrder: Bool
  let size: MatrixSize
  /// Where the elements start; they reach exactly to the end of the file.
  let dataOffset: Int

  /// Reads the header of format version 1, 2 or 3, and compares the size of the data with the file.
  init(_ file: FileContents) throws(FileError) {
    let text = try Self.dictionaryRange(file)
    var parser = PythonLiteralParser(file: file, range: text)
    let fields = try parser.header()
    type = fields.type
    isFortranOrder = fields.isFortranOrder
    guard let rows = fields.shape.first, fields.shape.count <= 2 else {
      throw file.malformed(
        expected: "an array of 1 or 2 dimensions", found: "\(fields.shape.count) dimensions")
    }
    size = try MatrixSize(
      rows: rows, columns: fields.shape.count == 2 ? fields.shape[1] : 1, in: file)
    dataOffset = text.upperBound
    let (expected, found) = (size.count * type.byteCount, file.bytes.count - dataOffset)
    guard expected == found else {
      throw file.malformed(
        expected: "\(expected) bytes of data for shape \(size.rows) × \(size.columns)",
        found: "\(found)")
    }
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
