import SparseCore

/// Text tables: one row a line, cells separated by tabs, semicolons, commas or blanks.
enum DelimitedFile {
  /// Reads a table. The separator is the first of tab, semicolon and comma that the first row
  /// holds, or else blanks. Empty lines may follow the last row, and stand nowhere else.
  static func read(_ file: FileContents, header: Bool) throws(FileError) -> Matrix<Double> {
    file.willReadSequentially()
    let range = try rows(of: file, header: header)
    let firstRow = file.bytes[range].prefix { $0 != newline }
    let separator = separators.first { firstRow.contains($0) }
    let size = try MatrixSize(
      rows: file.bytes[range].reduce(1) { $0 + ($1 == newline ? 1 : 0) },
      columns: cellCount(of: firstRow, separator: separator), in: file)
    var reader = TableReader(
      scanner: TextScanner(file, range: range, line: header ? 2 : 1, separator: separator),
      size: size)
    guard size.count <= (range.count + 1) / 2 else {
      // Every cell takes a byte and a separator: a row is too short, and this finds it.
      try reader.skipRows()
      throw file.malformed(expected: "\(size.columns) cells in every row", found: "fewer")
    }
    return try size.matrix(for: file) { (target) throws(FileError) in
      try reader.readRows(into: target)
    }
  }

  /// Writes one row a line.
  static func write<Scalar: MatrixScalar & LosslessStringConvertible>(
    _ matrix: Matrix<Scalar>, separator: Unicode.Scalar, to sink: inout FileSink
  ) throws(FileError) {
    let end = String(separator)
    for i in 0..<matrix.rows {
      for j in 0..<matrix.columns {
        try sink.write(matrix[i, j].description)
        try sink.write(j + 1 < matrix.columns ? end : "\n")
      }
    }
  }

  private static let newline = UInt8(ascii: "\n")
  private static let separators = "\t;,".utf8

  /// The bytes from the first row to the last, without a byte order mark, header or final newline.
  private static func rows(of file: FileContents, header: Bool) throws(FileError) -> Range<Int> {
    let bytes = file.bytes
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    if header { start = bytes[start...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.count }
    let blanks = " \r\n".utf8
    guard let last = bytes[start...].lastIndex(where: { !blanks.contains($0) }) else {
      throw file.malformed(expected: "rows of numbers", found: "none")
    }
    return start..<last + 1
  }

  private static func cellCount(
    of row: Slice<UnsafeRawBufferPointer>, separator: UInt8?
  ) -> Int {
    guard let separator else {
      // A word starts where a blank, or nothing, comes before it.
      var count = 0
      var isInWord = false
      for byte in row {
        let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r")
        if !isBlank, !isInWord { count += 1 }
        isInWord = !isBlank
      }
      return max(count, 1)
    }
    return row.reduce(1) { $0 + ($1 == separator ? 1 : 0) }
  }
}

/// Reads rows of a known number of cells.
private struct TableReader {
  var scanner: TextScanner
  let size: MatrixSize

  /// Reads all rows straight into column-major order: a number takes far longer to read than a cache
  /// line to fetch.
  mutating func readRows(
    into target: UnsafeMutableBufferPointer<Double>
  ) throws(FileError) {
    for i in 0..<size.rows {
      for j in 0..<size.columns {
        target.initializeElement(at: i + j * size.rows, to: try readCell(j))
      }
      try endRow()
    }
  }

  /// Checks all rows without keeping them.
  mutating func skipRows() throws(FileError) {
    for _ in 0..<size.rows {
      for j in 0..<size.columns { _ = try readCell(j) }
      try endRow()
    }
  }

  /// Reads cell `j` of a row and what separates it from the next.
  private mutating func readCell(_ j: Int) throws(FileError) -> Double {
    scanner.skipBlanks()
    let value = try scanner.number()
    scanner.skipBlanks()
    if j + 1 < size.columns, let separator = scanner.separator {
      guard scanner.isAt(separator) else { throw ragged(found: "\(j + 1)") }
      scanner.skipSeparator()
    }
    return value
  }

  private mutating func endRow() throws(FileError) {
    guard scanner.isAtLineEnd else { throw ragged(found: "more") }
    scanner.skipLine()
  }

  private func ragged(found: String) -> FileError {
    scanner.file.malformed(
      scanner.position, expected: "\(size.columns) cells as in the first row", found: found)
  }
}
