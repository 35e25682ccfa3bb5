import Glibc
public import SparseCore

/// Matrices and vectors in files: NumPy's .npy and .npz, MatrixMarket's .mtx, and text tables (.csv,
/// .tsv).
public enum MatrixFile {
  /// Reads a dense matrix; a 1-D .npy is a matrix of one column.
  ///
  /// The format is recognised by the contents, not by the ending of the name. A .npy in Fortran order, of
  /// 4-byte or 8-byte floating point of this machine's byte order, is mapped: no byte of it is
  /// copied, and the file must not change while the matrix lives. A .npy in C order is transposed
  /// once. Integers become `Double`, and so does all text. NaN and infinities are passed on.
  ///
  /// An uncompressed .npz, as `numpy.savez` writes it, is read where it holds one array, or where
  /// the path names one: `FILE.npz:NAME`. Its arrays are mapped where they happen to be aligned. One that
  /// `scipy.sparse.save_npz(…, compressed=False)` wrote is read as a dense matrix; ``readSparse(_:)`` keeps it sparse.
  /// A matrix of its own memory takes at most what the machine has to
  /// give at that moment. Complex numbers are refused: ``readComplex(_:)`` reads them.
  ///
  /// What is guessed on the way is in ``reading(_:header:dialect:)``.
  ///
  /// - Parameters:
  ///   - header: whether the first line of a text table holds names and is skipped; other
  ///     formats have no such line and ignore it. Without it, a first line is skipped where no cell is
  ///     a number, and the second line has as many cells, all of them numbers.
  ///   - dialect: how a text table is written, as far as that is not to be recognised.
  /// - Throws: ``FileError/cannotRead(path:reason:)``,
  ///   ``FileError/malformed(path:position:expected:found:)`` or
  ///   ``FileError/unsupported(path:expected:found:)``.
  public static func read(
    _ path: String, header: Bool = false, dialect: TableDialect = TableDialect()
  ) throws(FileError) -> DenseMatrix {
    try reading(path, header: header, dialect: dialect).contents
  }

  /// Reads what ``read(_:header:dialect:)`` reads, and says what it was read as where that was guessed.
  ///
  /// - Throws: what ``read(_:header:dialect:)`` throws.
  public static func reading(
    _ path: String, header: Bool = false, dialect: TableDialect = TableDialect()
  ) throws(FileError) -> FileReading<DenseMatrix> {
    try reading(open(path), header: header, dialect: dialect)
  }

  /// Opens `path`, or where no file has that name and it reads `FILE.npz:NAME` or `FILE.mat:NAME`, the file before the
  /// colon, and says which array or variable is meant.
  package static func open(
    _ path: String
  ) throws(FileError) -> (file: FileContents, member: String?) {
    let (file, member) = parts(of: path)
    return (try FileContents(path: file), member)
  }

  /// The path of the file that ``open(_:)`` opens, and what is meant of it.
  package static func parts(of path: String) -> (file: String, member: String?) {
    let text = Array(path.utf8)
    let endings = [".npz:", ".mat:"].map { Array($0.utf8) }
    guard access(path, F_OK) != 0,
      let start = text.indices.last(where: { place in
        endings.contains { text[place...].starts(with: $0) }
      })
    else { return (path, nil) }
    let colon = start + endings[0].count - 1
    return (
      String(decoding: text[..<colon], as: UTF8.self),
      String(decoding: text[(colon + 1)...], as: UTF8.self)
    )
  }

  /// Reads what ``reading(_:header:dialect:)`` reads, from contents that are at hand.
  package static func reading(
    _ source: (file: FileContents, member: String?), header: Bool = false,
    dialect: TableDialect = TableDialect()
  ) throws(FileError) -> FileReading<DenseMatrix> {
    let file = source.file
    return try recognising(source) { (format, path, guesses) throws(FileError) in
      switch format {
      case .numPy: return FileReading(try NumPyFile.read(file), path: path, guesses: guesses)
      case .numPyArchive:
        let (matrix, sparse) = try NumPyArchive.read(file, member: source.member)
        return FileReading(
          matrix, path: path, guesses: guesses + (sparse.map { [.sparse($0)] } ?? []))
      case .matrixMarket:
        let matrix = try MatrixMarketFile.read(file)
        return FileReading(.double(matrix), path: path, guesses: guesses)
      case .delimited:
        let (matrix, layout) = try DelimitedFile.read(file, header: header, dialect: dialect)
        return FileReading(
          .double(matrix), path: path,
          guesses: guesses + layout.guesses(about: matrix, of: matrix.columns),
          names: layout.names.map { (Array(file.bytes[$0]), layout.separator) })
      }
    }
  }

  /// Gives `read` the format of contents, the path with the member's name, and what was guessed so far.
  ///
  /// - Throws: ``FileError``, also for a member of what is no archive, or what `read` throws.
  static func recognising<Result>(
    _ source: (file: FileContents, member: String?),
    _ read: (FileFormat, _ path: String, [FileGuess]) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    let file = source.file
    // The readers hold pointers into the bytes.
    defer { withExtendedLifetime(file.owner) {} }
    return try PointLocale.run { () throws(FileError) in
      let format = try FileFormat.recognise(file)
      guard source.member == nil || format == .numPyArchive else {
        throw .unsupported(
          path: file.path, expected: "a .npz archive before the member's name",
          found: "another format")
      }
      let ending = FileFormat(endingOf: file.path)
      return try read(
        format, file.path + (source.member.map { ":\($0)" } ?? ""),
        ending == nil || ending == format ? [] : [.otherFormat(format.rawValue)])
    }
  }

  /// Reads a sparse matrix where the file holds one, as SciPy's `save_npz` and MatrixMarket's coordinates write it, and at
  /// most one number in a hundred is not zero; nil for any other.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)`` or
  ///   ``FileError/malformed(path:position:expected:found:)``.
  public static func readSparse(_ path: String) throws(FileError) -> SparseMatrix? {
    try sparseReading(open(path))?.contents
  }

  /// Reads what ``readSparse(_:)`` reads, from contents that are at hand.
  package static func sparseReading(
    _ source: (file: FileContents, member: String?)
  ) throws(FileError) -> FileReading<SparseMatrix>? {
    let file = source.file
    defer { withExtendedLifetime(file.owner) {} }
    return try PointLocale.run { () throws(FileError) in
      guard source.member == nil else { return nil }
      let matrix: SparseMatrix? =
        switch try FileFormat.recognise(file) {
        case .numPyArchive: try NumPyArchive.readSparse(file)?.matrix
        case .matrixMarket: try MatrixMarketFile.readSparse(file)
        case .numPy, .delimited: nil
        }
      return matrix.map {
        FileReading($0, path: file.path, guesses: [.keptSparse(nonzeros: $0.nonzeros)])
      }
    }
  }

  /// Reads a vector: a 1-D .npy, or a matrix of one row or one column in any format.
  ///
  /// - Throws: what ``read(_:header:dialect:)`` throws, and
  ///   ``FileError/malformed(path:position:expected:found:)`` with the shape of anything else.
  public static func readVector(
    _ path: String, header: Bool = false, dialect: TableDialect = TableDialect()
  ) throws(FileError) -> [Double] {
    try reading(path, header: header, dialect: dialect).asVector().contents
  }

  /// The endings of names of files that are written, in any case of letters.
  public static let writtenEndings = [".npy", ".csv", ".tsv", ".mtx", ".mat"]

  /// Writes a matrix, atomically, in the format that the ending of `path` names: .csv, .tsv, .mtx, .mat of version 5
  /// with one variable of the name of the file, or .npy in Fortran order; the last two in the precision of the matrix.
  /// A device or a pipe gets .npy where its name says nothing.
  ///
  /// Text holds the shortest digits that read back as the same number.
  ///
  /// - Parameter replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``, also for a file of another ending.
  public static func write(
    _ matrix: DenseMatrix, to path: String, replacing: Bool = true
  ) throws(FileError) {
    switch matrix {
    case .double(let entries): try write(entries, to: path, replacing: replacing)
    case .single(let entries): try write(entries, to: path, replacing: replacing)
    }
  }

  /// Writes a vector, atomically: a 1-D .npy, or text with one number a line.
  ///
  /// - Parameter replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``, also for an empty vector.
  public static func write(
    _ vector: [Double], to path: String, replacing: Bool = true
  ) throws(FileError) {
    try write(columns: [vector], to: path, replacing: replacing)
  }

  /// Writes vectors of one length, atomically: one as a vector, several as the columns of a matrix.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``, also for vectors of no or of different lengths.
  package static func write(
    columns: [[Double]], to path: String, replacing: Bool = true
  ) throws(FileError) {
    try write(
      matrix(of: columns, for: path), to: path, replacing: replacing, asVector: columns.count == 1)
  }

  /// Vectors of one length as the columns of a matrix, which is to be written to `path`.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  static func matrix(
    of columns: [[Double]], for path: String
  ) throws(FileError) -> Matrix<Double> {
    let rows = columns.first?.count ?? 0
    if let other = columns.first(where: { $0.count != rows }) {
      throw .cannotWrite(
        path: path, reason: "its columns have \(rows) and \(other.count) numbers")
    }
    do throws(RecoveryError) {
      return try Matrix(
        rows: rows, columns: columns.count,
        columnMajor: columns.count == 1 ? columns[0] : columns.flatMap(\.self))
    } catch {
      throw .cannotWrite(path: path, reason: error.description)
    }
  }

  /// Writes a text table of any cells, atomically: .csv, or with tabs between cells .tsv. Cells that need quotes get
  /// them.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package static func write(
    rows: some Sequence<[String]>, to path: String, replacing: Bool = true
  ) throws(FileError) {
    let separator = separator(of: path)
    try AtomicFile.write(to: path, replacing: replacing) { (sink) throws(FileError) in
      for row in rows {
        let cells = row.map { DelimitedFile.cell($0, separator: separator) }
        try sink.write(cells.joined(separator: String(separator)) + "\n")
      }
    }
  }

  /// What is between two cells of a text table of this name.
  private static func separator(of path: String) -> Character {
    path.lowercased().hasSuffix(".tsv") ? "\t" : ","
  }

  /// Writes a matrix as a .npy in Fortran order.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package static func writeNumPy(
    _ matrix: DenseMatrix, to sink: inout FileSink
  ) throws(FileError) {
    switch matrix {
    case .double(let entries): try NumPyFile.write(entries, asVector: false, to: &sink)
    case .single(let entries): try NumPyFile.write(entries, asVector: false, to: &sink)
    }
  }

  /// Writes a matrix in the format that the ending of `path` names.
  ///
  /// - Parameters:
  ///   - parts: how many rows of the matrix are one of the file: two are the real and the imaginary parts of complex
  ///     numbers.
  ///   - asVector: whether one column is a 1-D .npy.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  static func write<Scalar: MatrixScalar & LosslessStringConvertible>(
    _ matrix: Matrix<Scalar>, parts: Int = 1, to path: String, replacing: Bool,
    asVector: Bool = false
  ) throws(FileError) {
    try AtomicFile.checkEnding(of: path, among: writtenEndings)
    try AtomicFile.write(to: path, replacing: replacing) { (sink) throws(FileError) in
      if path.lowercased().hasSuffix(".mat") {
        return try MATLABWriter.write(matrix, parts: parts, path: path, to: &sink)
      }
      switch FileFormat(endingOf: path) {
      case .numPy, .numPyArchive, nil:
        try NumPyFile.write(matrix, parts: parts, asVector: asVector, to: &sink)
      case .matrixMarket: try MatrixMarketFile.write(matrix, parts: parts, to: &sink)
      case .delimited:
        try DelimitedFile.write(matrix, parts: parts, separator: separator(of: path), to: &sink)
      }
    }
  }
}

extension DenseMatrix {
  /// The entries of a matrix of one row or one column, or nil for any other.
  package var vector: [Double]? {
    if columns == 1 { return (0..<rows).map { self[$0, 0] } }
    return rows == 1 ? (0..<columns).map { self[0, $0] } : nil
  }

  /// 0 or 1 where the first column counts at least three rows from there on, as an index does; else
  /// nil.
  package var indexStart: Int? {
    let first = self[0, 0]
    guard columns > 1, rows > 2, first == 0 || first == 1 else { return nil }
    return (1..<rows).allSatisfy { self[$0, 0] == first + Double($0) } ? Int(first) : nil
  }

  /// Whether the entries lie in a mapped file, so that they were never copied.
  package var isMapped: Bool {
    switch self {
    case .double(let entries): entries.storage is MappedFile
    case .single(let entries): entries.storage is MappedFile
    }
  }
}
