import SparseCore

/// Text tables: one row a line, cells separated by tabs, semicolons, bars, commas or blanks.
enum DelimitedFile {
  /// Reads a table, and says how it was laid out.
  ///
  /// - Parameter header: whether the first line is skipped, whatever it holds.
  static func read(
    _ file: FileContents, header: Bool, dialect: TableDialect
  ) throws(FileError) -> (matrix: Matrix<Double>, layout: TableLayout) {
    file.willReadSequentially()
    let layout = try TableLayout(file, header: header, dialect: dialect)
    let size = try MatrixSize(rows: layout.rowCount, columns: layout.columnCount, in: file)
    var reader = TableReader(file, layout, size: size)
    guard size.count <= (layout.rows.count + 1) / 2 else {
      // Every cell takes a byte and a separator: a row is too short, and this finds it.
      try reader.skipRows()
      throw file.malformed(expected: "\(size.columns) cells in every row", found: "fewer")
    }
    let matrix = try size.matrix(for: file) { (target) throws(FileError) in
      _ = try reader.readRows(into: target)
    }
    return (matrix, layout)
  }

  /// Writes one row a line; of complex numbers a column of real and one of imaginary parts for each column, under a line
  /// of names.
  ///
  /// - Parameter parts: how many rows of the matrix are one of the table: two where it is complex.
  static func write<Scalar: MatrixScalar & LosslessStringConvertible>(
    _ matrix: Matrix<Scalar>, parts: Int = 1, separator: Character, to sink: inout FileSink
  ) throws(FileError) {
    let end = String(separator)
    if parts == 2 {
      let numbers = matrix.columns == 1 ? [""] : (0..<matrix.columns).map(String.init)
      let names = numbers.flatMap { ["real\($0)", "imaginary\($0)"] }
      try sink.write(names.joined(separator: end) + "\n")
    }
    for i in stride(from: 0, to: matrix.rows, by: parts) {
      for j in 0..<matrix.columns {
        for part in 0..<parts {
          try sink.write(matrix[i + part, j].description)
          try sink.write(j + 1 < matrix.columns || part + 1 < parts ? end : "\n")
        }
      }
    }
  }

  /// A cell of any text: in quotes, with two for one, where it holds the separator, a quote or the end of a line, or
  /// begins or ends with a blank, or begins as a comment does.
  static func cell(_ text: String, separator: Character) -> String {
    let (first, last) = (text.first ?? "0", text.last ?? "0")
    let needsQuotes =
      text.contains { $0 == separator || $0 == "\"" || $0.isNewline } || " \t#".contains(first)
      || " \t".contains(last)
    guard needsQuotes else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
