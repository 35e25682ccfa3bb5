import SparseCore

extension NumPyFile {
  /// Writes a 2-D array in Fortran order, or a 1-D array of one column, in format version 1.0.
  static func write<Scalar: MatrixScalar>(
    _ matrix: Matrix<Scalar>, asVector: Bool, to sink: inout FileSink
  ) throws(FileError) {
    let code = NumPyType.nativeMark + (Scalar.precision == .double ? "f8" : "f4")
    let shape = asVector ? "\(matrix.rows)," : "\(matrix.rows), \(matrix.columns)"
    let order = asVector ? "False" : "True"
    try write(
      dictionary: "{'descr': '\(code)', 'fortran_order': \(order), 'shape': (\(shape)), }",
      to: &sink)
    for j in 0..<matrix.columns {
      try sink.write(UnsafeRawBufferPointer(matrix.column(j)))
    }
  }

  /// Writes everything before the data, padded so that the data starts at a multiple of 64 bytes.
  private static func write(
    dictionary: String, to sink: inout FileSink
  ) throws(FileError) {
    let prefix = FileFormat.numPyMagic.count + 4
    let unpadded = prefix + dictionary.utf8.count + 1
    let padding = (64 - unpadded % 64) % 64
    let length = UInt16(unpadded + padding - prefix)
    try sink.write(
      FileFormat.numPyMagic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)])
    try sink.write(dictionary + String(repeating: " ", count: padding) + "\n")
  }
}
