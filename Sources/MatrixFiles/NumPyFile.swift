import SparseCore

/// The .npy format of NumPy.
enum NumPyFile {
  /// Reads an array of 1 or 2 dimensions. Floating point keeps its precision, but for that of two bytes, all numbers of
  /// which are floats.
  static func read(_ file: FileContents) throws(FileError) -> DenseMatrix {
    try NumPyArray(file: file, header: NumPyHeader(file)).matrix()
  }

  /// Reads an array of complex numbers, of 1 or 2 dimensions, as the rows of its real and imaginary parts.
  ///
  /// - Returns: nil for real numbers.
  static func readComplex(_ file: FileContents) throws(FileError) -> DenseMatrix? {
    guard let header = try NumPyHeader(complex: file) else { return nil }
    return try NumPyArray(file: file, header: header).matrix()
  }

  /// Writes a 2-D array in Fortran order, or a 1-D array of one column, in format version 1.0.
  ///
  /// - Parameter parts: how many rows of the matrix are one of the array: two where it is complex.
  static func write<Scalar: MatrixScalar>(
    _ matrix: Matrix<Scalar>, parts: Int = 1, asVector: Bool, to sink: inout FileSink
  ) throws(FileError) {
    let rows = matrix.rows / parts
    let code = code(of: Scalar.precision, parts: parts)
    try sink.write(head(code: code, shape: asVector ? [rows] : [rows, matrix.columns]))
    for j in 0..<matrix.columns {
      try sink.write(UnsafeRawBufferPointer(matrix.column(j)))
    }
  }

  /// The type of elements of so many numbers each.
  static func code(of precision: Precision, parts: Int) -> String {
    (parts == 1 ? "f" : "c") + "\(parts * precision.byteCount)"
  }

  /// Everything before the data of an array in Fortran order, padded so that the data starts at a multiple of 64
  /// bytes.
  ///
  /// - Parameter code: the type of the elements, in the byte order of this machine.
  static func head(code: String, shape: [Int]) -> [UInt8] {
    let sizes = shape.count == 1 ? "\(shape[0])," : shape.map(\.description).joined(separator: ", ")
    let order = shape.count == 1 ? "False" : "True"
    let dictionary =
      "{'descr': '\(NumPyType.nativeMark)\(code)', 'fortran_order': \(order), 'shape': (\(sizes)), }"
    let prefix = FileFormat.numPyMagic.count + 4
    let unpadded = prefix + dictionary.utf8.count + 1
    let padding = (64 - unpadded % 64) % 64
    let length = UInt16(unpadded + padding - prefix)
    return FileFormat.numPyMagic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array((dictionary + String(repeating: " ", count: padding) + "\n").utf8)
  }
}

/// The numbers of a 1-D .npy file, each read where it lies.
struct NumPyNumbers {
  /// How many there are.
  let count: Int
  private let data: UnsafeRawBufferPointer
  private let type: NumPyType

  /// - Throws: what ``NumPyHeader/init(_:)`` throws.
  init(_ file: FileContents) throws(FileError) {
    let header = try NumPyHeader(file)
    guard header.size.columns == 1 else {
      throw file.malformed(
        expected: "an array of 1 dimension", found: "\(header.size.rows) × \(header.size.columns)")
    }
    count = header.size.rows
    data = UnsafeRawBufferPointer(rebasing: file.bytes[header.dataOffset...])
    type = header.type
  }

  /// Number `p`.
  subscript(p: Int) -> Double {
    switch type.format {
    case .float64: Double(bitPattern: raw(p))
    case .float32: Double(Float(bitPattern: raw(p)))
    case .float16: Double(Float16(bitPattern: raw(p)))
    case .bool: raw(p, UInt8.self) == 0 ? 0 : 1
    case .int8: Double(raw(p, Int8.self))
    case .int16: Double(raw(p, Int16.self))
    case .int32: Double(raw(p, Int32.self))
    case .int64: Double(raw(p, Int64.self))
    case .uint8: Double(raw(p, UInt8.self))
    case .uint16: Double(raw(p, UInt16.self))
    case .uint32: Double(raw(p, UInt32.self))
    case .uint64: Double(raw(p, UInt64.self))
    }
  }

  private func raw<Raw: FixedWidthInteger & BitwiseCopyable>(
    _ p: Int, _ type: Raw.Type = Raw.self
  ) -> Raw {
    let raw = data.loadUnaligned(fromByteOffset: p * MemoryLayout<Raw>.stride, as: Raw.self)
    return self.type.isSwapped ? raw.byteSwapped : raw
  }
}

/// The elements of a .npy file on their way into a matrix.
private struct NumPyArray {
  let file: FileContents
  let header: NumPyHeader

  /// The numbers as a matrix; of complex ones the real and the imaginary parts, in rows one below the other.
  func matrix() throws(FileError) -> DenseMatrix {
    switch header.type.format {
    case .float64: .double(try floats { (bits: UInt64) in Double(bitPattern: bits) })
    case .float32: .single(try floats { (bits: UInt32) in Float(bitPattern: bits) })
    case .float16: .single(try converted { (bits: UInt16) in Float(Float16(bitPattern: bits)) })
    case .bool: .double(try converted { (byte: UInt8) in byte == 0 ? 0 : 1 })
    case .int8: .double(try converted { (number: Int8) in Double(number) })
    case .int16: .double(try converted { (number: Int16) in Double(number) })
    case .int32: .double(try converted { (number: Int32) in Double(number) })
    case .int64: .double(try converted { (number: Int64) in Double(number) })
    case .uint8: .double(try converted { (number: UInt8) in Double(number) })
    case .uint16: .double(try converted { (number: UInt16) in Double(number) })
    case .uint32: .double(try converted { (number: UInt32) in Double(number) })
    case .uint64: .double(try converted { (number: UInt64) in Double(number) })
    }
  }

  /// Maps the elements where they lie as a ``Matrix`` wants them, and converts them elsewhere.
  private func floats<Raw: FixedWidthInteger & BitwiseCopyable, Scalar: MatrixScalar>(
    _ value: (Raw) -> Scalar
  ) throws(FileError) -> Matrix<Scalar> {
    let offset = file.range.lowerBound + header.dataOffset
    guard
      isColumnMajor, !header.type.isSwapped, offset.isMultiple(of: MemoryLayout<Scalar>.alignment)
    else { return try converted(value) }
    return try file.blamed { () throws(RecoveryError) in
      try Matrix(
        rows: header.size.numberRows, columns: header.size.columns, storage: file.owner,
        byteOffset: offset)
    }
  }

  /// Converts every number once, straight into a new matrix.
  private func converted<Raw: FixedWidthInteger & BitwiseCopyable, Scalar: MatrixScalar>(
    _ value: (Raw) -> Scalar
  ) throws(FileError) -> Matrix<Scalar> {
    let size = header.size
    try size.checkMemory(elementSize: MemoryLayout<Scalar>.stride, of: file)
    file.willReadSequentially()
    let data = UnsafeRawBufferPointer(rebasing: file.bytes[header.dataOffset...])
    let isSwapped = header.type.isSwapped
    func element(_ p: Int) -> Scalar {
      let raw = data.loadUnaligned(fromByteOffset: p * MemoryLayout<Raw>.stride, as: Raw.self)
      return value(isSwapped ? raw.byteSwapped : raw)
    }
    return try file.blamed { () throws(RecoveryError) in
      guard isColumnMajor else {
        guard size.parts > 1 else {
          return try Matrix(rows: size.rows, columns: size.columns, rowMajor: element)
        }
        return try Matrix(rows: size.numberRows, columns: size.columns) {
          (p: Int) -> Scalar in
          let (row, column) = p.quotientAndRemainder(dividingBy: size.columns)
          let (i, part) = row.quotientAndRemainder(dividingBy: size.parts)
          return element((i * size.columns + column) * size.parts + part)
        }
      }
      return try Matrix(rows: size.numberRows, columns: size.columns) { target in
        for p in target.indices { target.initializeElement(at: p, to: element(p)) }
      }
    }
  }

  /// One row or one column is the same bytes in both orders.
  private var isColumnMajor: Bool {
    header.isFortranOrder || header.size.rows == 1 || header.size.columns == 1
  }
}
