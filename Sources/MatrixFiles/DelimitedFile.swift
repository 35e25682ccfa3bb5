import SparseCore

/// Text tables: one row a line, cells separated by tabs, semicolons, commas or blanks.
enum DelimitedFile {
  /// Reads a table, and says how it was laid out.
  ///
  /// - Parameter header: whether the first line is skipped, whatever it holds.
  static func read(
    _ file: FileContents, header: Bool
  ) throws(FileError) -> (matrix: Matrix<Double>, layout: TableLayout) {
    file.willReadSequentially()
    let layout = try TableLayout(file, header: header)
    let size = try MatrixSize(rows: layout.rowCount, columns: layout.columnCount, in: file)
    var reader = TableReader(
      scanner: TextScanner(
        file, range: layout.rows, line: layout.names == nil ? 1 : 2, separator: layout.separator),
      size: size, mayBeginWithNames: layout.mayBeginWithNames)
    guard size.count <= (layout.rows.count + 1) / 2 else {
      // Every cell takes a byte and a separator: a row is too short, and this finds it.
      try reader.skipRows()
      throw file.malformed(expected: "\(size.columns) cells in every row", found: "fewer")
    }
    let matrix = try size.matrix(for: file) { (target) throws(FileError) in
      try reader.readRows(into: target)
    }
    return (matrix, layout)
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
}

/// Reads rows of a known number of cells.
private struct TableReader {
  var scanner: TextScanner
  let size: MatrixSize
  /// Whether a first line that is not all numbers may be meant as one of names.
  let mayBeginWithNames: Bool

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
    guard let value = scanner.numberIfNext() else {
      let hint = mayBeginWithNames && scanner.line == 1 ? " (--header skips a line of names)" : ""
      throw scanner.unexpectedCell(hint: hint)
    }
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
