import Arguments
import Glibc
import MemoryFiles
import SparseRecovery

/// Reads the files that options name, and keeps what was guessed on the way, for the result to say.
final class InputFiles {
  /// The options that say how text tables are written.
  static let options = [
    Option(
      "header", .flag, help: "The first line of text tables holds names, whatever it looks like",
      details: "Without it, that is so of a line without any number above a line of numbers."),
    Option(
      "separator", .choice(of: CellSeparator.self),
      help: "What separates the cells of text tables; recognised unless given"),
    Option(
      "decimal", .choice(of: DecimalMark.self),
      help: "What stands before fractions in text tables; recognised unless given"),
  ]

  /// A line for each guess, in the order of the files read.
  private(set) var notices: [String] = []
  private let header: Bool
  private let dialect: TableDialect
  private var hasReadStandardInput = false

  init(_ arguments: ParsedArguments) {
    header = arguments.flag("header")
    dialect = TableDialect(
      separator: arguments.choice(ifGiven: "separator"),
      decimalMark: arguments.choice(ifGiven: "decimal"))
  }

  /// Reads a matrix.
  func matrix(_ path: String) throws(FileError) -> DenseMatrix {
    try namedMatrix(path).matrix
  }

  /// Reads a matrix, and what its columns are called.
  func namedMatrix(
    _ path: String
  ) throws(FileError) -> (matrix: DenseMatrix, columns: TableColumns) {
    let reading = try reading(path)
    notices += reading.notices
    return (reading.contents, reading.tableColumns)
  }

  /// Reads A, and what its columns are called: a sparse matrix where the file holds one with few nonzeros, the real form
  /// of one of complex numbers.
  func design(
    _ path: String
  ) throws(FileError) -> (matrix: any LinearOperator, columns: TableColumns) {
    let (source, guesses) = try open(path)
    if let complex = try MatrixFile.complexReading(source)?.adding(guesses) {
      notices += complex.notices
      let columns = TableColumns(count: complex.contents.columns, names: nil)
      return (try complex.complexMatrix(), columns)
    }
    if let sparse = try MatrixFile.sparseReading(source)?.adding(guesses) {
      notices += sparse.notices
      return (sparse.contents, TableColumns(count: sparse.contents.columns, names: nil))
    }
    let dense = try reading(source, guesses)
    notices += dense.notices
    return (dense.contents, dense.tableColumns)
  }

  /// Opens a text table.
  func table(_ path: String) throws(FileError) -> TableFile {
    let source = try open(path).source
    guard source.member == nil else {
      throw .unsupported(
        path: path, expected: "a text table (.csv, .tsv)", found: "an array of an archive")
    }
    return try TableFile(source.file, header: header, dialect: dialect)
  }

  /// Keeps what was guessed to read a table.
  func note(_ lines: [String]) { notices += lines }

  /// Reads a vector: one row or one column.
  func vector(_ path: String) throws(FileError) -> [Double] { try vector(reading(path)) }

  private func vector(_ reading: FileReading<DenseMatrix>) throws(FileError) -> [Double] {
    let reading = try reading.asVector()
    notices += reading.notices
    return reading.contents
  }

  /// Reads a vector, in a row or a column; or a matrix with one observation a column. With one row in
  /// A, a row is as many observations.
  ///
  /// - Parameter rows: of A, complex ones where it is.
  func observations(_ path: String, rows: Int) throws(FileError) -> FileVectors {
    let (source, guesses) = try open(path)
    if let complex = try MatrixFile.complexReading(source)?.adding(guesses) {
      return try vectors(complex, path, rows: rows)
    }
    let reading = try reading(source, guesses)
    let matrix = reading.contents
    if matrix.columns == 1 || matrix.rows == 1 && rows > 1 {
      let vector = try reading.asVector()
      notices += vector.notices
      return FileVectors(numbers: [vector.contents], areComplex: false)
    }
    let name = path.oneLine()
    notices += reading.notices
    notices.append("\(name) was read as \(matrix.columns) observations, one a column")
    if let start = matrix.indexStart {
      let guess = FileGuess.indexColumn(from: start)
      // Text tables have said so.
      if !reading.guesses.contains(guess) { notices.append("\(name): \(guess)") }
    }
    return FileVectors(numbers: matrix.columnVectors, areComplex: false)
  }

  /// The same of complex numbers.
  private func vectors(
    _ reading: FileReading<DenseMatrix>, _ path: String, rows: Int
  ) throws(FileError) -> FileVectors {
    let parts = reading.contents
    if parts.columns == 1 || parts.rows == 2 && rows > 1 {
      let vector = try reading.asComplexVector()
      notices += vector.notices
      return FileVectors(numbers: [vector.contents], areComplex: true)
    }
    notices += reading.notices
    notices.append("\(path.oneLine()) was read as \(parts.columns) observations, one a column")
    return FileVectors(numbers: parts.columnVectors, areComplex: true)
  }

  private func reading(_ path: String) throws(FileError) -> FileReading<DenseMatrix> {
    let (source, guesses) = try open(path)
    return try reading(source, guesses)
  }

  private func reading(
    _ source: (file: FileContents, member: String?), _ guesses: [FileGuess]
  ) throws(FileError) -> FileReading<DenseMatrix> {
    try MatrixFile.reading(source, header: header, dialect: dialect).adding(guesses)
  }

  /// What a path stands for: a file, one that a process of its own has decoded, or `-`, standard input.
  private func open(
    _ path: String
  ) throws(FileError) -> (source: (file: FileContents, member: String?), guesses: [FileGuess]) {
    let (name, member) = path == "-" ? (path, nil) : MatrixFile.parts(of: path)
    let input = path == "-" ? try standardInput() : try OpenFile(name)
    let contents = try FileContents(descriptor: input.descriptor, path: input.path)
    guard let format = LibraryFormat(of: (contents, member)) else {
      return ((contents, member), [])
    }
    let process = DecoderProcess(
      source: input.descriptor, path: input.path, format: format, member: member,
      size: contents.bytes.count)
    let decoded = try process.decode()
    return ((decoded.contents, format.memberWhenDecoded(member)), decoded.guesses)
  }

  /// All of standard input, which is there once.
  private func standardInput() throws(FileError) -> OpenFile {
    let path = "standard input"
    guard !hasReadStandardInput else {
      throw .cannotRead(path: path, reason: "'-' can stand for one file only")
    }
    hasReadStandardInput = true
    return try OpenFile.copy(of: STDIN_FILENO, path: path)
  }

  /// Reads the coefficients of all columns: a vector, a table of names and coefficients, or a result of
  /// `sea solve --json`. Complex ones are their parts in turns.
  func coefficients(_ path: String) throws(FileError) -> FileVectors {
    let (source, guesses) = try open(path)
    let isObject = withExtendedLifetime(source.file.owner) {
      source.file.bytes.first == UInt8(ascii: "{")
    }
    if isObject || path.lowercased().hasSuffix(".json") {
      return try SolvedCoefficients(source.file).dense(path)
    }
    if let complex = try MatrixFile.complexReading(source)?.adding(guesses).asComplexVector() {
      notices += complex.notices
      return FileVectors(numbers: [complex.contents], areComplex: true)
    }
    if let named = try CoefficientFile.namedCoefficients(source.file) {
      return FileVectors(numbers: [named], areComplex: false)
    }
    return FileVectors(numbers: [try vector(reading(source, guesses))], areComplex: false)
  }

  /// Reads JSON that this tool wrote.
  func json<Value: Decodable>(_ path: String, expected: String) throws(FileError) -> Value {
    try JSONFile.read(try open(path).source.file, expected: expected)
  }
}

/// The part of a result of `sea solve --json` that names the coefficients.
private struct SolvedCoefficients: Decodable {
  let columns: Int
  let support: [Int]
  let coefficients: [Double]
  let imaginaryParts: [Double]?

  private static let expected = "a result of 'sea solve --json' for one observation"

  /// - Throws: ``FileError``, with the first thing that is missing or of another kind.
  init(_ file: FileContents) throws(FileError) {
    self = try JSONFile.read(file, expected: Self.expected)
  }

  /// The coefficients of all columns.
  ///
  /// - Throws: ``FileError`` where there are not as many as columns of the support, each named once,
  ///   or where memory does not hold them.
  func dense(_ path: String) throws(FileError) -> FileVectors {
    guard columns > 0, support.count == coefficients.count, Set(support).count == support.count,
      imaginaryParts?.count ?? support.count == support.count,
      support.allSatisfy({ (0..<columns) ~= $0 })
    else {
      throw .malformed(
        path: path, position: nil,
        expected: "a coefficient for each column of the support, from 0 to columns − 1",
        found:
          "\(support.count) columns and \(coefficients.count) coefficients of \(columns) columns")
    }
    let parts = imaginaryParts == nil ? 1 : 2
    guard columns <= AvailableMemory.bytes / (parts * MemoryLayout<Double>.stride) else {
      throw .malformed(
        path: path, position: nil, expected: "a vector that fits into memory",
        found: "\(columns) columns")
    }
    var vector = [Double](repeating: 0, count: parts * columns)
    for (column, coefficient) in zip(support, coefficients) {
      vector[parts * column] = coefficient
    }
    for (column, part) in zip(support, imaginaryParts ?? []) { vector[2 * column + 1] = part }
    return FileVectors(numbers: [vector], areComplex: imaginaryParts != nil)
  }
}
