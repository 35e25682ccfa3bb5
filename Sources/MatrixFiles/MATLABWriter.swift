import SparseCore

/// MATLAB's files of version 5, which MATLAB, Octave and SciPy read: one matrix, uncompressed. Source: MATLAB, MAT-File
/// Format, Level 5 MAT-File Format.
enum MATLABWriter {
  /// Writes a matrix of at most 2³¹ − 1 bytes, which is what such a file holds.
  ///
  /// - Parameters:
  ///   - parts: how many rows of the matrix are one of the variable: two where it is complex.
  ///   - path: the name of the file, which gives that of the variable, where it is one.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  static func write<Scalar: MatrixScalar>(
    _ matrix: Matrix<Scalar>, parts: Int = 1, path: String, to sink: inout FileSink
  ) throws(FileError) {
    let isDouble = Scalar.precision == .double
    let (count, overflow) = (matrix.rows * matrix.columns)
      .multipliedReportingOverflow(by: MemoryLayout<Scalar>.stride)
    let name = Array(variableName(path).utf8)
    let padding = { (count: Int) in (8 - count % 8) % 8 }
    guard !overflow, count <= Int(Int32.max) - 256 else {
      throw .cannotWrite(
        path: path,
        reason: "a .mat of version 5 holds less than 2 GiB, and this takes \(count) bytes")
    }
    let text = Array("MATLAB 5.0 MAT-file, SparseRecovery".utf8)
    try sink.write(text + [UInt8](repeating: 0x20, count: 116 - text.count))
    try sink.write([UInt8](repeating: 0, count: 8) + [0, 1] + "IM".utf8)
    let part = count / parts
    let body =
      16 + 16 + 8 + name.count + padding(name.count) + parts * (8 + part + padding(part))
    // The flag of complex numbers stands above the class.
    let flags = (parts == 1 ? 0 : 0x0800) + (isDouble ? 6 : 7)
    // Each element is a type, a length and that many bytes, filled up to a multiple of eight.
    try sink.write(littleEndian(14, body, bytes: 4) + littleEndian(6, 8, flags, 0, bytes: 4))
    try sink.write(littleEndian(5, 8, matrix.rows / parts, matrix.columns, bytes: 4))
    try sink.write(littleEndian(1, name.count, bytes: 4) + name)
    try sink.write([UInt8](repeating: 0, count: padding(name.count)))
    for first in 0..<parts {
      try sink.write(littleEndian(isDouble ? 9 : 7, part, bytes: 4))
      for j in 0..<matrix.columns {
        let column = UnsafeRawBufferPointer(matrix.column(j))
        // A column of real numbers is written at once.
        let size = parts == 1 ? column.count : MemoryLayout<Scalar>.stride
        for start in stride(from: first * size, to: column.count, by: parts * size) {
          try sink.write(UnsafeRawBufferPointer(rebasing: column[start..<start + size]))
        }
      }
      try sink.write([UInt8](repeating: 0, count: padding(part)))
    }
  }

  /// The name of the file without folders and ending where MATLAB takes that as a name, else `x`.
  private static func variableName(_ path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    let name = file.prefix { $0 != "." }
    let isName =
      name.first.map { $0.isASCII && $0.isLetter } ?? false && name.utf8.count <= 63
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return isName ? String(name) : "x"
  }
}
