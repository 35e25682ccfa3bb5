public import SparseCore

/// Matrices and vectors of complex numbers.
///
/// A complex m × n matrix is one of 2m × n real numbers: rows 2i and 2i + 1 are the real and the imaginary part of row i.
/// A complex vector is its numbers in turn, each a real and an imaginary part.
extension MatrixFile {
  /// Reads a matrix of complex numbers, as the rows of its real and imaginary parts; nil where the file holds none.
  ///
  /// A .npy of `complex64` or `complex128`, or an array of a .npz, in Fortran order and this machine's byte order is
  /// mapped, as is one of one row or one column: no byte of it is copied. One in C order is transposed once.
  /// A Matrix Market file of the field `complex` becomes dense. Text tables hold no complex numbers.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)``,
  ///   ``FileError/malformed(path:position:expected:found:)`` or
  ///   ``FileError/unsupported(path:expected:found:)``, also for a sparse matrix of SciPy whose numbers are complex.
  public static func readComplex(_ path: String) throws(FileError) -> DenseMatrix? {
    try complexReading(open(path))?.contents
  }

  /// Reads what ``readComplex(_:)`` reads, from contents that are at hand.
  ///
  /// - Throws: what ``readComplex(_:)`` throws.
  package static func complexReading(
    _ source: (file: FileContents, member: String?)
  ) throws(FileError) -> FileReading<DenseMatrix>? {
    let file = source.file
    return try recognising(source) { (format, path, guesses) throws(FileError) in
      let matrix: DenseMatrix? =
        switch format {
        case .numPy: try NumPyFile.readComplex(file)
        case .numPyArchive: try NumPyArchive.readComplex(file, member: source.member)
        case .matrixMarket: try MatrixMarketFile.readComplex(file).map { .double($0) }
        case .delimited: nil
        }
      return matrix.map { FileReading($0, path: path, guesses: guesses) }
    }
  }

  /// Writes complex vectors of one length, atomically, in the format that the ending of `path` names: .npy, of one
  /// dimension for one vector, else in Fortran order; .mat; .mtx; or .csv and .tsv, with two columns for each vector
  /// under a line of their names.
  ///
  /// - Parameters:
  ///   - columns: each the real and the imaginary part of its first number, of its second, and so on.
  ///   - replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``, also for vectors of no, of different or of odd lengths.
  package static func write(
    complexColumns columns: [[Double]], to path: String, replacing: Bool = true
  ) throws(FileError) {
    let matrix = try matrix(of: columns, for: path)
    guard matrix.rows.isMultiple(of: 2) else {
      throw .cannotWrite(
        path: path, reason: "\(matrix.rows) real and imaginary parts are no complex numbers")
    }
    try write(
      matrix, parts: 2, to: path, replacing: replacing, asVector: columns.count == 1)
  }

  /// Writes complex numbers as a .npy in Fortran order.
  ///
  /// Memory: 64 KiB.
  ///
  /// - Parameters:
  ///   - rows: of the complex matrix, as are the columns: both at least 1.
  ///   - number: gives real and imaginary parts in turn, of the entries in column-major order.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package static func writeNumPy<Scalar: MatrixScalar>(
    complexRows rows: Int, columns: Int, to sink: inout FileSink, number: (Int) -> Scalar
  ) throws(FileError) {
    let code = NumPyFile.code(of: Scalar.precision, parts: 2)
    try sink.write(NumPyFile.head(code: code, shape: [rows, columns]))
    let piece = UnsafeMutableBufferPointer<Scalar>.allocate(capacity: 1 << 13)
    defer { piece.deallocate() }
    let count = 2 * rows * columns
    for start in stride(from: 0, to: count, by: piece.count) {
      let numbers = UnsafeMutableBufferPointer(rebasing: piece.prefix(count - start))
      for p in numbers.indices { numbers.initializeElement(at: p, to: number(start + p)) }
      try sink.write(UnsafeRawBufferPointer(numbers))
    }
  }
}

extension DenseMatrix {
  /// The numbers of a complex matrix of one row or one column, the real and the imaginary part of each in turn, where
  /// this is the matrix of its parts; nil for any other.
  package var complexVector: [Double]? {
    guard rows == 2 || columns == 1 && rows.isMultiple(of: 2) else { return nil }
    return (0..<rows * columns).map { self[$0 % rows, $0 / rows] }
  }
}

extension FileReading where Contents == DenseMatrix {
  /// The complex matrix of which this is the parts.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` for an odd number of rows.
  package func complexMatrix() throws(FileError) -> ComplexMatrix {
    do throws(RecoveryError) { return try ComplexMatrix(parts: contents) } catch {
      throw .malformed(
        path: path, position: nil, expected: "a real and an imaginary part of every row",
        found: "\(contents.rows) rows")
    }
  }

  /// The same as a vector, where this is the matrix of the parts of a complex one: the numbers of one row or one column,
  /// the real and the imaginary part of each in turn.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` with the complex shape of any other.
  package func asComplexVector() throws(FileError) -> FileReading<[Double]> {
    try asVector(
      contents.complexVector, found: "\(contents.rows / 2) × \(contents.columns) complex numbers")
  }
}
