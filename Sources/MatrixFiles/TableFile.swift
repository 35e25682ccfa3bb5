import SparseCore
import Synchronization

/// A text table that is open: how it is laid out and what its columns are called is known, and its rows are
/// read once it is known which columns are wanted.
package struct TableFile {
  /// The path as given.
  package let path: String
  /// All columns of the file.
  package let columns: TableColumns
  /// The number of rows below the names, and the bytes that they take.
  package let rows: Int
  package var byteCount: Int { layout.rows.count }
  private let file: FileContents
  private let layout: TableLayout

  /// Opens a table, of which columns may hold text.
  ///
  /// - Parameter header: whether the first line holds names, whatever it looks like. Without it, that is so where
  ///   no cell of it is a number, and the second line has as many cells, one of which is a number or has no value.
  /// - Throws: ``FileError``; ``FileError/unsupported(path:expected:found:)`` for another format.
  package init(
    _ path: String, header: Bool, dialect: TableDialect = TableDialect()
  ) throws(FileError) {
    try self.init(FileContents(path: path), header: header, dialect: dialect)
  }

  /// Opens a table of which the contents are at hand.
  package init(
    _ file: FileContents, header: Bool, dialect: TableDialect = TableDialect()
  ) throws(FileError) {
    path = file.path
    self.file = file
    let format = try FileFormat.recognise(file)
    guard format == .delimited else {
      throw .unsupported(
        path: path, expected: "a text table (.csv, .tsv)", found: format.rawValue)
    }
    defer { withExtendedLifetime(file.owner) {} }
    layout = try PointLocale.run { () throws(FileError) in
      try TableLayout(file, header: header, dialect: dialect, mayHoldText: true)
    }
    columns = layout.columns
    rows = layout.rowCount
  }

  /// What was guessed about the line of names and the separator, a line each, with the path.
  package var notices: [String] {
    layout.layoutGuesses(of: columns.count).map { "\(path.oneLine()): \($0)" }
  }

  /// The levels of some columns in ascending order: what their cells hold, each once. One pass over the file.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` for rows of other lengths.
  package func levels(of columns: Set<Int>) throws(FileError) -> [Int: [String]] {
    guard !columns.isEmpty else { return [:] }
    return try reading { (size) throws(FileError) in
      var reader = TableReader(file, layout, size: size, self.columns, TableSelection([]))
      return try reader.levels(of: columns)
    }
  }

  /// Reads some columns straight into a matrix; cells of others may hold anything.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` for a cell that holds nothing fit for its column,
  ///   and where no row is left.
  package func read(_ selection: TableSelection) throws(FileError) -> TableContents {
    try reading { (size) throws(FileError) in
      let contents = try read(
        selection, TableReader(file, layout, size: size, columns, selection), rows: rows)
      guard contents.kept.count > 0 else { throw noRows }
      return contents
    }
  }

  /// Reads some columns panel after panel of whole lines, as many panels at a time as there are threads: the memory is
  /// that of so many panels. Where panels end depends on the file alone.
  ///
  /// - Parameters:
  ///   - bytes: how many bytes of text a panel has, about.
  ///   - make: gets a panel and the number of its first row, on any thread; its columns may have no row.
  ///   - take: gets what was made of the panels, in their order.
  /// - Throws: as ``read(_:)``, and what `make` and `take` throw.
  package func forEachPanel<Product: Sendable>(
    _ selection: TableSelection, bytes: Int = 16 << 20, threads: Int = AvailableCores.count,
    make: @Sendable (TableContents, _ firstRow: Int) throws -> Product,
    take: (Product) throws -> Void
  ) throws {
    precondition(selection.missing != .filled || selection.fillings != nil, "means of a panel")
    defer { withExtendedLifetime(file.owner) {} }
    file.willReadSequentially()
    let text = file.bytes
    let ranges = TablePart.ranges(of: layout.rows, every: bytes, in: text)
    var (line, row) = (layout.firstLineNumber, 0)
    for first in stride(from: 0, to: ranges.count, by: threads) {
      let parts = TablePart.parts(
        ranges[first..<min(first + threads, ranges.count)], firstLine: line, firstRow: row,
        of: layout, in: text)
      let made = Mutex<[Int: Result<Product, any Error>]>([:])
      Blocks(count: parts.count, size: 1, threads: threads).forEach { number, _ in
        let part = parts[number]
        // Nothing but comments.
        guard part.rowCount > 0 else { return }
        let result = Result {
          try PointLocale.run { () throws(FileError) in try read(selection, part) }
        }.flatMap { contents in Result { try make(contents, part.firstRow) } }
        made.withLock { $0[number] = result }
      }
      let products = made.withLock { $0 }
      for number in parts.indices { if let product = products[number] { try take(product.get()) } }
      line += parts.reduce(0) { $0 + $1.lineCount }
      row += parts.reduce(0) { $0 + $1.rowCount }
      if let last = parts.last { file.release(parts[0].range.lowerBound..<last.range.upperBound) }
    }
  }

  private func read(
    _ selection: TableSelection, _ part: TablePart
  ) throws(FileError) -> TableContents {
    let size = try MatrixSize(rows: part.rowCount, columns: columns.count, in: file)
    let reader = TableReader(file, layout, size: size, columns, selection, part: part)
    return try read(selection, reader, rows: part.rowCount)
  }

  private func read(
    _ selection: TableSelection, _ reader: TableReader, rows: Int
  ) throws(FileError) -> TableContents {
    var (reader, kept, fillings) = (reader, KeptRows(columns: 0), [Int: Double]())
    let all = try MatrixSize(rows: rows, columns: selection.columns.count, in: file)
      .matrix(for: file) { (target) throws(FileError) in
        kept = try reader.readRows(into: target)
        if kept.count > 0 { fillings = try fill(target, kept, selection, stride: rows) }
      }
    let matrix = try file.blamed { () throws(RecoveryError) in
      try Matrix<Double>(
        rows: max(kept.count, 1), columns: all.columns, leadingDimension: rows,
        storage: all.storage)
    }
    return TableContents(matrix: matrix, kept: kept, fillings: fillings)
  }

  /// The error of a table of which no row is left.
  package var noRows: FileError {
    file.malformed(expected: "a row with a value in every column", found: "none")
  }

  /// Fills cells without a value.
  ///
  /// - Returns: with what, for each column that has some.
  private func fill(
    _ target: UnsafeMutableBufferPointer<Double>, _ kept: KeptRows, _ selection: TableSelection,
    stride: Int
  ) throws(FileError) -> [Int: Double] {
    var fillings: [Int: Double] = [:]
    let weights: [Double]? =
      switch selection.rowWeights {
      case .column(let place): Array(target[place * stride..<place * stride + kept.count])
      // Of another length they are refused by whoever solves.
      case .numbers(let numbers): numbers.count == kept.count ? numbers : nil
      case nil: nil
      }
    for (place, holes) in kept.holes.enumerated() where !holes.isEmpty {
      let column = target[place * stride..<place * stride + kept.count]
      guard holes.count < kept.count || selection.fillings != nil else {
        throw file.malformed(
          expected:
            "a value in column \(columns.label(selection.columns[place].index).oneLine(limit: 80))",
          found: "none")
      }
      // Cells to be filled hold 0. Each number is divided first, so that no sum is beyond the largest double.
      let mean: Double
      if let filling = selection.fillings?[place] {
        mean = filling
      } else if let weights {
        let present = Set(0..<kept.count).subtracting(holes).sorted()
        let total = present.reduce(0) { $0 + weights[$1] }
        guard total > 0 else {
          throw file.malformed(
            expected:
              "a value in column \(columns.label(selection.columns[place].index).oneLine(limit: 80)) "
              + "in a row of positive weight", found: "none")
        }
        mean = present.reduce(0) {
          $0 + weights[$1] / total * column[column.startIndex + $1]
        }
      } else {
        let count = Double(kept.count - holes.count)
        mean = column.reduce(0) { $0 + $1 / count }
      }
      for i in holes { target[place * stride + i] = mean }
      fillings[place] = mean
    }
    return fillings
  }

  /// What was guessed to read a matrix of this table.
  ///
  /// - Parameter first: whether its first column is that of the table.
  func guesses(about matrix: Matrix<Double>, holdsFirst first: Bool) -> [FileGuess] {
    layout.guesses(about: matrix, of: columns.count, holdsFirst: first)
  }

  private func reading<Result>(
    _ body: (MatrixSize) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    defer { withExtendedLifetime(file.owner) {} }
    file.willReadSequentially()
    return try PointLocale.run { () throws(FileError) in
      let size = try MatrixSize(rows: rows, columns: columns.count, in: file)
      guard size.count <= layout.rows.count + 1 else {
        // A cell without a byte still has a separator: a row is too short, and this finds it.
        var reader = TableReader(file, layout, size: size, columns, TableSelection([]))
        try reader.skipRows()
        throw file.malformed(expected: "\(size.columns) cells in every row", found: "fewer")
      }
      return try body(size)
    }
  }
}
