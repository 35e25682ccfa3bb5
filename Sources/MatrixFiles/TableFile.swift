package import SparseCore

/// A text table that is open: how it is laid out and what its columns are called is known, and its rows are
/// read once it is known which columns are wanted.
package struct TableFile {
  /// The path as given.
  package let path: String
  /// All columns of the file.
  package let columns: TableColumns
  /// The number of rows below the names.
  package let rows: Int
  private let file: FileContents
  private let layout: TableLayout

  /// Opens a table, of which columns may hold text.
  ///
  /// - Parameter header: whether the first line holds names, whatever it looks like. Without it, that is so where
  ///   no cell of it is a number, and the second line has as many cells, one of which is a number.
  /// - Throws: ``FileError``; ``FileError/unsupported(path:expected:found:)`` for another format.
  package init(_ path: String, header: Bool) throws(FileError) {
    self.path = path
    file = try FileContents(path: path)
    let format = try FileFormat.recognise(file)
    guard format == .delimited else {
      throw .unsupported(
        path: path, expected: "a text table (.csv, .tsv)", found: format.rawValue)
    }
    let file = file
    defer { withExtendedLifetime(file.owner) {} }
    layout = try PointLocale.run { () throws(FileError) in
      try TableLayout(file, header: header, mayHoldText: true)
    }
    columns = layout.columns
    rows = layout.rowCount
  }

  /// What was guessed about the line of names and the separator, a line each, with the path.
  package var notices: [String] {
    layout.layoutGuesses(of: columns.count).map { "\(path.oneLine()): \($0)" }
  }

  /// Reads some columns straight into a matrix; cells of others may hold anything.
  ///
  /// - Parameters:
  ///   - chosen: their indices, each once, in the order in which they stand in the matrix.
  ///   - advice: what may help where a cell is no number, in parentheses.
  /// - Returns: the matrix, and what was guessed to read it.
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` for a cell that is no finite number.
  package func read(
    _ chosen: [Int], advice: String = ""
  ) throws(FileError) -> (matrix: Matrix<Double>, guesses: [FileGuess]) {
    defer { withExtendedLifetime(file.owner) {} }
    file.willReadSequentially()
    return try PointLocale.run { () throws(FileError) in
      let size = try MatrixSize(rows: rows, columns: columns.count, in: file)
      var reader = TableReader(file, layout, size: size, columns, chosen: chosen, advice: advice)
      guard size.count <= layout.rows.count + 1 else {
        // A cell without a byte still has a separator: a row is too short, and this finds it.
        try reader.skipRows()
        throw file.malformed(expected: "\(size.columns) cells in every row", found: "fewer")
      }
      let matrix = try MatrixSize(rows: size.rows, columns: chosen.count, in: file)
        .matrix(for: file) { (target) throws(FileError) in try reader.readRows(into: target) }
      let guesses = layout.guesses(
        about: matrix, of: columns.count, holdsFirst: chosen.first == 0)
      return (matrix, guesses)
    }
  }
}
