import SparseCore

/// Reads the rows of a text table, which all have a known number of cells.
struct TableReader {
  private var scanner: TextScanner
  private let size: MatrixSize
  /// Where the numbers of each column go, or nil where its cells are passed over.
  private let targets: [Int?]
  /// Whether a first line that is not all numbers may be meant as one of names.
  private let mayBeginWithNames: Bool
  /// Whether NaN and infinities are refused.
  private let refusesNonFinite: Bool
  /// What may help where a cell is no number.
  private let advice: String

  /// Reads all columns.
  ///
  /// - Parameter size: of all the cells.
  init(_ file: FileContents, _ layout: TableLayout, size: MatrixSize) {
    self.init(file, layout, size: size, nil, targets: Array(0..<size.columns), advice: "")
  }

  /// Reads some columns, of which every number must be finite, and names them in messages.
  ///
  /// - Parameters:
  ///   - chosen: indices, each once; the first goes to the first column read, and so on.
  ///   - advice: what may help where a cell is no number, in parentheses.
  init(
    _ file: FileContents, _ layout: TableLayout, size: MatrixSize, _ columns: TableColumns,
    chosen: [Int], advice: String
  ) {
    var targets = [Int?](repeating: nil, count: size.columns)
    for (place, j) in chosen.enumerated() { targets[j] = place }
    self.init(file, layout, size: size, columns, targets: targets, advice: advice)
  }

  private init(
    _ file: FileContents, _ layout: TableLayout, size: MatrixSize, _ columns: TableColumns?,
    targets: [Int?], advice: String
  ) {
    scanner = TextScanner(
      file, range: layout.rows, line: layout.names == nil ? 1 : 2, separator: layout.separator,
      columns: columns)
    self.size = size
    self.targets = targets
    self.advice = advice
    refusesNonFinite = columns != nil
    mayBeginWithNames = layout.mayBeginWithNames
  }

  /// Reads all rows straight into column-major order: a number takes far longer to read than a cache
  /// line to fetch.
  mutating func readRows(
    into target: UnsafeMutableBufferPointer<Double>
  ) throws(FileError) {
    for i in 0..<size.rows {
      for j in 0..<size.columns {
        guard let place = targets[j] else {
          try skipCell(j)
          continue
        }
        target.initializeElement(at: i + place * size.rows, to: try readCell(j))
      }
      try endRow()
    }
  }

  /// Checks all rows without keeping them.
  mutating func skipRows() throws(FileError) {
    for _ in 0..<size.rows {
      for j in 0..<size.columns {
        if targets[j] == nil { try skipCell(j) } else { _ = try readCell(j) }
      }
      try endRow()
    }
  }

  /// Reads cell `j` of a row and what separates it from the next.
  private mutating func readCell(_ j: Int) throws(FileError) -> Double {
    scanner.skipBlanks()
    guard let value = scanner.numberIfNext() else {
      let isFirst = mayBeginWithNames && scanner.line == 1
      throw scanner.unexpectedCell(hint: isFirst ? " (--header skips a line of names)" : advice)
    }
    guard !refusesNonFinite || value.isFinite else {
      throw scanner.file.malformed(
        scanner.position(of: j), expected: "a finite number", found: "\(value)")
    }
    try endCell(j)
    return value
  }

  private mutating func skipCell(_ j: Int) throws(FileError) {
    scanner.skipBlanks()
    guard scanner.separator != nil || !scanner.isAtLineEnd else { throw ragged(found: "\(j)") }
    scanner.skipCell()
    try endCell(j)
  }

  private mutating func endCell(_ j: Int) throws(FileError) {
    scanner.skipBlanks()
    guard j + 1 < size.columns, let separator = scanner.separator else { return }
    guard scanner.isAt(separator) else { throw ragged(found: "\(j + 1)") }
    scanner.skipSeparator()
  }

  private mutating func endRow() throws(FileError) {
    guard scanner.isAtLineEnd else { throw ragged(found: "more") }
    scanner.skipLine()
  }

  private func ragged(found: String) -> FileError {
    scanner.file.malformed(
      TextPosition(line: scanner.line, column: scanner.position.column),
      expected: "\(size.columns) cells as in the first row", found: found)
  }
}
