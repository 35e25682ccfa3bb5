import SparseCore

/// Where the rows of a text table lie, and how their cells are separated.
struct TableLayout {
  /// The bytes from the first row to the last, without a final newline.
  let rows: Range<Int>
  /// The byte between two cells, or nil where blanks separate them: the first of tab, semicolon and
  /// comma that the first row holds, but for decimal commas between blanks.
  let separator: UInt8?
  /// The line of names before the rows, without its newline, where there is one.
  let names: Range<Int>?
  /// Whether the first row may be meant as a line of names, should it not be one of numbers.
  let mayBeginWithNames: Bool

  private let file: FileContents
  private let headerWasAskedFor: Bool

  /// Finds the first row: the first line, or the one behind a line of names, which is skipped
  /// because it is asked for, or because it holds names alone, as many as the next holds numbers.
  /// Empty lines may follow the last row, and stand nowhere else.
  ///
  /// - Parameter mayHoldText: whether the line below names may hold other cells than numbers.
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` where there is no row.
  init(_ file: FileContents, header: Bool, mayHoldText: Bool = false) throws(FileError) {
    let bytes = file.bytes
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let blanks = " \r\n".utf8
    guard let last = bytes[start...].lastIndex(where: { !blanks.contains($0) }) else {
      throw file.noRows
    }
    let end = last + 1
    let first = start..<(bytes[start..<end].firstIndex(of: newline) ?? end)
    let next = first.upperBound + 1
    self.file = file
    headerWasAskedFor = header
    if header {
      guard next < end else { throw file.noRows }
      names = first
    } else {
      let areNames =
        next < end && Self.areNames(first, above: next..<end, of: file, mayHoldText: mayHoldText)
      names = areNames ? first : nil
    }
    rows = names == nil ? start..<end : next..<end
    mayBeginWithNames =
      names == nil && next < end && bytes[first].contains { !blanks.contains($0) }
      && !bytes[first].contains(where: isControl)
    separator = Self.firstLine(of: rows, in: file).separator
  }

  /// The line of the first row, counted from one.
  var firstLineNumber: Int { names == nil ? 1 : 2 }

  /// The number of lines from the first row to the last.
  var rowCount: Int { file.bytes[rows].reduce(1) { $0 + ($1 == newline ? 1 : 0) } }

  /// The number of cells of the first row.
  var columnCount: Int {
    max(Self.firstLine(of: rows, in: file).cellCount, 1)
  }

  /// The columns, with their names.
  var columns: TableColumns {
    TableColumns(
      count: columnCount,
      names: names.map { cellTexts(of: Array(file.bytes[$0]), separator: separator) })
  }

  /// What was guessed to read the matrix that the table holds, of as many columns as the table or of some, the first
  /// of them included or not.
  func guesses(
    about matrix: Matrix<Double>, of columnCount: Int, holdsFirst: Bool = true
  ) -> [FileGuess] {
    let guesses = layoutGuesses(of: columnCount)
    guard holdsFirst else { return guesses }
    if let start = DenseMatrix.double(matrix).indexStart {
      return guesses + [.indexColumn(from: start)]
    }
    let isNameless =
      columnCount > 1 && header.map { firstNameIsEmpty($0, of: columnCount) } ?? false
    return guesses + (isNameless ? [.namelessColumn] : [])
  }

  /// What was guessed about the line of names and the separator.
  func layoutGuesses(of columnCount: Int) -> [FileGuess] {
    var guesses: [FileGuess] = []
    if header != nil, !headerWasAskedFor { guesses.append(.namesSkipped) }
    if headerWasAskedFor, let header {
      let count = header.cellCount
      if header.numberCount ?? 0 > 0 {
        guesses.append(.numbersSkipped)
      } else if !header.range.isEmpty, count != columnCount {
        guesses.append(.namesUnmatched(count))
      }
    }
    let path = file.path.lowercased()
    let usual = path.hasSuffix(".csv") ? "," : path.hasSuffix(".tsv") ? "\t" : nil
    let found = separator.map { Character(UnicodeScalar($0)) } ?? " "
    if columnCount > 1, let usual, usual != String(found) { guesses.append(.separator(found)) }
    return guesses
  }

  private var header: TextLine? {
    names.map { TextLine(file: file, range: $0, separator: separator) }
  }

  /// Whether there is a name for every column but the first.
  private func firstNameIsEmpty(_ header: TextLine, of columns: Int) -> Bool {
    var count = 0
    for cell in header.cells {
      let isEmpty = cell.isEmpty || file.bytes[cell].elementsEqual("\"\"".utf8)
      if isEmpty != (count == 0) { return false }
      count += 1
    }
    return count == columns
  }

  /// Whether `line` holds a name for every number of the line below it; for every cell of it, of which
  /// one at least is a number or has no value, where cells may be other than numbers.
  private static func areNames(
    _ line: Range<Int>, above rows: Range<Int>, of file: FileContents, mayHoldText: Bool
  ) -> Bool {
    let row = firstLine(of: rows, in: file)
    let names = TextLine(file: file, range: line, separator: row.separator)
    let count = mayHoldText && row.holdsNumberOrGap ? row.cellCount : row.numberCount
    guard let count, count == names.nameCount else { return false }
    // Names that something else separates are not as many.
    return row.separator != nil
      || separators.allSatisfy { separator in
        TextLine(file: file, range: line, separator: separator).cellCount < 2
      }
  }

  /// The first line of some, with its own separator.
  private static func firstLine(of rows: Range<Int>, in file: FileContents) -> TextLine {
    let row = file.bytes[rows].prefix { $0 != newline }
    let range = row.startIndex..<row.endIndex
    let line = TextLine(
      file: file, range: range,
      separator: separators.first { separator in
        // One in quotes separates nothing.
        row.contains(separator)
          && TextLine(file: file, range: range, separator: separator).cellCount > 1
      })
    guard line.separator == UInt8(ascii: ","), line.holdsDecimalCommas else { return line }
    return TextLine(file: file, range: range, separator: nil)
  }

  private static let separators = "\t;,".utf8
}

extension FileContents {
  /// The error of a table without rows.
  fileprivate var noRows: FileError { malformed(expected: "rows of numbers", found: "none") }
}

private let newline = UInt8(ascii: "\n")
