import SparseCore
import Synchronization

/// Reads the rows of a text table, which all have a known number of cells.
struct TableReader {
  /// What becomes of the cells of one column of the file.
  private enum Cells {
    /// They are passed over.
    case skipped
    /// They are numbers, which go to this column of the matrix.
    case numbers(Int)
    /// They are levels; where a number of the matrix is 1 for each that has a column there, and 0 for all others.
    case levels(known: Set<String>, places: [(level: String, place: Int)])
    /// They are levels, whose numbers go to this column of the matrix.
    case labels(known: Set<String>, numbers: [String: Int], place: Int)
  }

  private var scanner: TextScanner
  private let layout: TableLayout
  /// Whether the rows are a part of those of the layout.
  private let isPart: Bool
  private let size: MatrixSize
  private var cells: [Cells]
  /// Whether a first line that is not all numbers may be meant as one of names.
  private let mayBeginWithNames: Bool
  private let firstLine: Int
  /// Whether lines that begin with `#` may lie between rows.
  private let hasComments: Bool
  /// What holds for a cell without a number, or nil where every one is refused as none.
  private let missing: MissingCells?
  /// Columns of the file whose cells are not filled.
  private let required: Set<Int>
  /// What may help where a cell cannot be read.
  private let advice: TableAdvice
  private var kept: KeptRows
  /// The first row of those that are read.
  private var firstRow = 0

  /// Reads all columns, NaN and infinities as they are.
  ///
  /// - Parameter size: of all the cells.
  init(_ file: FileContents, _ layout: TableLayout, size: MatrixSize) {
    scanner = TextScanner(
      file, range: layout.rows, line: layout.firstLineNumber, separator: layout.separator,
      decimalMark: layout.decimalMark)
    self.layout = layout
    isPart = false
    self.size = size
    cells = (0..<size.columns).map { .numbers($0) }
    mayBeginWithNames = layout.mayBeginWithNames
    hasComments = layout.hasCommentsBetweenRows
    firstLine = layout.firstLineNumber
    missing = nil
    required = []
    advice = TableAdvice()
    kept = KeptRows(columns: 0)
  }

  /// Reads some columns, of which every number must be finite, and names them in messages.
  ///
  /// - Parameters:
  ///   - size: of the rows read and of all columns of the file.
  ///   - part: the rows to read, on one thread; all of the layout unless given.
  init(
    _ file: FileContents, _ layout: TableLayout, size: MatrixSize, _ columns: TableColumns,
    _ selection: TableSelection, part: TablePart? = nil
  ) {
    scanner = TextScanner(
      file, range: part?.range ?? layout.rows, line: part?.firstLine ?? layout.firstLineNumber,
      separator: layout.separator, decimalMark: layout.decimalMark, columns: columns)
    self.layout = layout
    isPart = part != nil
    self.size = size
    cells = [Cells](repeating: .skipped, count: size.columns)
    mayBeginWithNames = layout.mayBeginWithNames
    hasComments = layout.hasCommentsBetweenRows
    firstLine = layout.firstLineNumber
    missing = selection.missing
    required = selection.required
    advice = selection.advice
    kept = KeptRows(columns: selection.columns.count)
    var places: [Int: [(level: String, place: Int)]] = [:]
    for (place, column) in selection.columns.enumerated() {
      if selection.labels.contains(column.index) {
        let levels = selection.levels[column.index] ?? []
        cells[column.index] = .labels(
          known: Set(levels),
          numbers: Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) }),
          place: place)
      } else if let level = column.level {
        places[column.index, default: []].append((level, place))
      } else {
        cells[column.index] = .numbers(place)
      }
    }
    for (j, places) in places {
      cells[j] = .levels(known: Set(selection.levels[j] ?? []), places: places)
    }
  }

  /// Reads all rows straight into column-major order: a number takes far longer to read than a cache
  /// line to fetch. Rows that are left out leave their places at the end.
  ///
  /// Where no row can be left out, every core reads a part of them.
  ///
  /// - Returns: what became of rows and cells.
  /// - Throws: ``FileError``, of the first row that cannot be read.
  mutating func readRows(
    into target: UnsafeMutableBufferPointer<Double>
  ) throws(FileError) -> KeptRows {
    let parts =
      !isPart && (missing == nil || missing == .refused)
      ? TablePart.parts(of: layout, in: scanner.file.bytes) : []
    guard parts.count > 1 else {
      try readRows(count: size.rows, into: target)
      return kept
    }
    nonisolated(unsafe) let (reader, target) = (self, target)
    let failures = Mutex<[Int: FileError]>([:])
    Blocks(count: parts.count, size: 1, threads: parts.count).forEach { number, _ in
      var reader = reader
      let part = parts[number]
      reader.scanner = reader.scanner.part(part.range, line: part.firstLine)
      reader.firstRow = part.firstRow
      do throws(FileError) {
        // The locale is one of a thread.
        try PointLocale.run { () throws(FileError) in
          try reader.readRows(count: part.rowCount, into: target)
        }
      } catch {
        failures.withLock { $0[number] = error }
      }
    }
    if let first = failures.withLock({ failures in failures.min { $0.key < $1.key }?.value }) {
      throw first
    }
    return KeptRows(all: size.rows, columns: kept.holes.count)
  }

  private mutating func readRows(
    count: Int, into target: UnsafeMutableBufferPointer<Double>
  ) throws(FileError) {
    for _ in 0..<count {
      if hasComments { scanner.skipComments() }
      var isComplete = true
      for j in cells.indices {
        if case .numbers(let place) = cells[j],
          let value = scanner.bareNumberIfNext(isLast: j + 1 == cells.count)
        {
          target.initializeElement(at: firstRow + kept.count + place * size.rows, to: value)
        } else {
          let isThere = try readCell(j, into: target)
          isComplete = isComplete && isThere
        }
      }
      kept.endRow(line: scanner.line, isComplete: isComplete)
      try endRow()
    }
  }

  /// Checks all rows without keeping them.
  mutating func skipRows() throws(FileError) {
    for _ in 0..<size.rows {
      if hasComments { scanner.skipComments() }
      for j in 0..<size.columns {
        if case .numbers = cells[j], missing == nil {
          _ = try number(j)
        } else {
          scanner.skipCell()
        }
        try endCell(j)
      }
      try endRow()
    }
  }

  /// The levels of some columns, in ascending order: one pass over the file.
  mutating func levels(of columns: Set<Int>) throws(FileError) -> [Int: [String]] {
    var levels: [Int: Set<String>] = [:]
    for _ in 0..<size.rows {
      if hasComments { scanner.skipComments() }
      for j in 0..<size.columns {
        try requireCell(j)
        if columns.contains(j), !scanner.isAtMissingCell {
          levels[j, default: []].insert(scanner.cellText())
        } else {
          scanner.skipCell()
        }
        try endCell(j)
      }
      try endRow()
    }
    return levels.mapValues { $0.sorted() }
  }

  // MARK: Cells

  /// Reads cell `j` of a row, and what separates it from the next, into the next row that is kept.
  ///
  /// - Returns: whether the row can be kept, as far as this cell goes.
  private mutating func readCell(
    _ j: Int, into target: UnsafeMutableBufferPointer<Double>
  ) throws(FileError) -> Bool {
    var isThere = true
    let row = firstRow + kept.count
    switch cells[j] {
    case .skipped:
      try requireCell(j)
      scanner.skipCell()
    case .numbers(let place):
      let value = try number(j)
      target.initializeElement(at: row + place * size.rows, to: value ?? 0)
      if value == nil { isThere = note(missing: j, [place]) }
    case .levels(let known, let places):
      let level = try level(j, among: known)
      for (name, place) in places {
        target.initializeElement(at: row + place * size.rows, to: name == level ? 1 : 0)
      }
      if level == nil { isThere = note(missing: j, places.map(\.place)) }
    case .labels(let known, let numbers, let place):
      let number = try level(j, among: known).flatMap { numbers[$0] }
      target.initializeElement(at: row + place * size.rows, to: Double(number ?? 0))
      if number == nil { isThere = note(missing: j, [place]) }
    }
    try endCell(j)
    return isThere
  }

  /// The number that comes next, or nil where none is there and that is allowed.
  private mutating func number(_ j: Int) throws(FileError) -> Double? {
    if missing == nil { scanner.skipBlanks() } else { try requireCell(j) }
    guard let value = scanner.numberIfNext() ?? scanner.quotedNumberIfNext() else {
      if missing != nil, scanner.isAtMissingCell {
        guard missing != .refused else {
          throw scanner.unexpected("a number", hint: advice.values)
        }
        scanner.skipCell()
        return nil
      }
      let isFirst = mayBeginWithNames && scanner.line == firstLine
      throw scanner.unexpectedCell(
        hint: isFirst ? " (--header skips a line of names)" : advice.numbers[j] ?? "")
    }
    guard let missing, !value.isFinite else { return value }
    guard value.isNaN else {
      throw scanner.file.malformed(
        scanner.position(of: j), expected: "a finite number", found: "\(value)")
    }
    guard missing != .refused else {
      throw scanner.file.malformed(
        scanner.position(of: j), expected: "a number", found: "nan\(advice.values)")
    }
    return nil
  }

  /// The level that comes next, or nil where none is there and that is allowed.
  private mutating func level(_ j: Int, among known: Set<String>) throws(FileError) -> String? {
    try requireCell(j)
    if scanner.isAtMissingCell {
      guard missing != .refused else { throw scanner.unexpected("a level", hint: advice.values) }
      scanner.skipCell()
      return nil
    }
    let level = scanner.cellText()
    guard known.contains(level) else {
      let list = known.sorted().prefix(5).map { TableColumns.quoted($0, limit: 24) }
        .joined(separator: ", ")
      throw scanner.file.malformed(
        scanner.position(of: j),
        expected: "one of the levels \(list)\(known.count > 5 ? ", …" : "")",
        found: "\"\(level.oneLine(limit: 24))\"")
    }
    return level
  }

  /// Notes a cell without a value, whose columns of the matrix are these.
  ///
  /// - Returns: whether it is to be filled.
  private mutating func note(missing j: Int, _ places: [Int]) -> Bool {
    guard missing == .filled, !required.contains(j) else { return false }
    kept.fill(places)
    return true
  }

  // MARK: Between cells

  /// Refuses the end of a line in the place of a cell that may hold anything.
  private mutating func requireCell(_ j: Int) throws(FileError) {
    scanner.skipBlanks()
    guard scanner.separator != nil || !scanner.isAtLineEnd else { throw ragged(found: "\(j)") }
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
