import MatrixFiles
import SparseCore
import TestSupport

/// An input for a reader of matrices: a byte of choices, then a file.
///
/// The file begins as the reader's format does, unless the choices say otherwise, so that the fuzzer
/// does not stray to another reader.
enum MatrixInput: String {
  case npy, npz, mtx, csv

  /// What the dense matrix of a coordinate file may take, which has no relation to the file's size.
  private static let memoryLimit = 1 << 16

  /// What is said of a text table, by the higher bits of the choices.
  private static func dialect(_ choices: UInt8) -> TableDialect {
    let (separators, marks) = (CellSeparator.allCases, DecimalMark.allCases)
    let number = Int(choices >> 3)
    let (separator, mark) = (number % (separators.count + 1), number / (separators.count + 1))
    return TableDialect(
      separator: separator == 0 ? nil : separators[separator - 1],
      decimalMark: (1...marks.count) ~= mark ? marks[mark - 1] : nil)
  }

  private var magic: [UInt8] {
    switch self {
    case .npy: [0x93] + "NUMPY".utf8
    case .npz: "PK".utf8 + [3, 4]
    case .mtx: Array("%%MatrixMarket".utf8)
    case .csv: []
    }
  }

  /// - Throws: ``BrokenPromise``.
  func check(_ input: UnsafeRawBufferPointer, _ meter: MemoryMeter) throws {
    guard let choices = input.first, input.count > 1 else { return }
    var bytes = Array(input.dropFirst())
    if choices & 4 == 0 { bytes.replaceSubrange(..<min(magic.count, bytes.count), with: magic) }
    try bytes.withUnsafeBytes { bytes in
      let file = try FileContents(path: "input", bytes: bytes, memoryLimit: Self.memoryLimit)
      let source = (file: file, member: self == .csv || choices & 2 == 0 ? nil : "a")
      let reading = try read(file, meter) { () throws(FileError) in
        try MatrixFile.reading(
          source, header: choices & 1 != 0, dialect: Self.dialect(choices))
      }
      let matrix = reading?.contents
      for notice in reading?.notices ?? [] { try promiseOneLine(notice) }
      let names = reading?.columnNames?.count
      try promise(
        names == nil || names == matrix?.columns, orElse: "\(names ?? 0) names were read")
      let complex = try read(file, meter) { () throws(FileError) in
        try MatrixFile.complexReading(source)
      }
      if let complex { try checkComplex(complex, matrix) }
      if self == .csv { try checkTable(file, choices) }
      if self == .mtx || self == .npz { try checkSparse(file, matrix) }
    }
  }

  /// What is read of the bytes, within the memory that it may hold; nil where they are refused.
  private func read(
    _ file: FileContents, _ meter: MemoryMeter,
    _ read: @escaping () throws(FileError) -> FileReading<DenseMatrix>?
  ) throws -> FileReading<DenseMatrix>? {
    var reading: FileReading<DenseMatrix>?
    let held = try meter {
      do throws(FileError) {
        reading = try read()
      } catch {
        try promise(error.kind == .data, orElse: "refused as something else: \(error)")
        try promiseOneLine(error)
      }
    }
    let matrix = reading?.contents
    if let matrix { try check(matrix) }
    let bytes = file.bytes
    // A matrix that was begun has no more numbers than the file has room for, unless it is sparse.
    let mayBeSparse = [Self.mtx, .npz].contains { bytes.starts(with: $0.magic) }
    let begun = max(mayBeSparse ? Self.memoryLimit : 0, 8 * bytes.count)
    // What recognises how a text table is written holds some kilobytes whatever its size.
    let allowed = (matrix.map { Self.memory($0, of: file) } ?? begun) + 2 * bytes.count + 16 << 10
    try promise(held <= allowed, orElse: "\(held) bytes were held, \(allowed) are allowed")
    return reading
  }

  /// The parts of complex numbers, which are not read as real ones too.
  private func checkComplex(_ parts: FileReading<DenseMatrix>, _ real: DenseMatrix?) throws {
    try promise(real == nil, orElse: "complex numbers were read as real ones")
    let (rows, columns) = (parts.contents.rows, parts.contents.columns)
    try promise(rows.isMultiple(of: 2), orElse: "\(rows) rows of parts")
    let isVector = rows == 2 || columns == 1
    let count = try? parts.asComplexVector().contents.count
    try promise(count == (isVector ? rows * columns : nil), orElse: "a vector of other length")
  }

  /// The same bytes as a sparse matrix, whose columns are those of the dense one, where that fits into memory.
  private func checkSparse(_ file: FileContents, _ dense: DenseMatrix?) throws {
    var matrix: SparseMatrix?
    do throws(FileError) {
      matrix = try MatrixFile.sparseReading((file, nil))?.contents
    } catch {
      try promise(error.kind == .data, orElse: "refused as something else: \(error)")
      try promiseOneLine(error)
    }
    guard let sparse = matrix, let dense,
      (dense.rows, dense.columns) == (sparse.rows, sparse.columns)
    else { return }
    for j in [0, sparse.columns - 1] {
      let column = try sparse.column(j)
      let isEqual = (0..<dense.rows).allSatisfy {
        column[$0] == dense[$0, j] || column[$0].isNaN && dense[$0, j].isNaN
      }
      try promise(isEqual, orElse: "column \(j) was read otherwise")
    }
  }

  /// The same bytes as a table with a target, a column of levels and gaps.
  private func checkTable(_ file: FileContents, _ choices: UInt8) throws {
    var data: DataTable?
    do throws(FileError) {
      let table = try TableFile(file, header: choices & 1 != 0, dialect: Self.dialect(choices))
      var roles = DataTable.Roles(target: Int(choices >> 3) % table.columns.count)
      roles.missing = choices & 2 == 0 ? .filled : .dropped
      roles.leavesBaseOut = choices & 4 == 0
      roles.categorical = Set([1]).subtracting([roles.target]).filter { $0 < table.columns.count }
      data = try DataTable(table, roles)
    } catch {
      try promise(error.kind == .data, orElse: "refused as something else: \(error)")
      try promiseOneLine(error)
    }
    guard let data else { return }
    for notice in data.notices { try promiseOneLine(notice) }
    try check(data.matrix)
    try promise(
      data.columns.count == data.matrix.columns && data.target.count == data.matrix.rows,
      orElse: "columns and rows were counted otherwise")
  }

  /// What a matrix takes beside the file that it is of.
  private static func memory(_ matrix: DenseMatrix, of file: FileContents) -> Int {
    let count = matrix.rows * matrix.columns
    return switch matrix {
    case .double(let entries): entries.storage === file.owner ? 0 : 8 * count
    case .single(let entries): entries.storage === file.owner ? 0 : 4 * count
    }
  }

  private func check(_ matrix: DenseMatrix) throws {
    try promise(matrix.rows > 0 && matrix.columns > 0, orElse: "an empty matrix was read")
    // Both ends of the memory that the matrix claims to have.
    _ = matrix[0, 0] + matrix[matrix.rows - 1, matrix.columns - 1]
    let isVector = matrix.rows == 1 || matrix.columns == 1
    let count = matrix.vector?.count
    try promise(
      count == (isVector ? matrix.rows * matrix.columns : nil), orElse: "a vector of other length")
  }
}
