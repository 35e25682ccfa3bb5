import Glibc
import SparseCore

/// Where the rows of a text table lie, and how their cells are written.
struct TableLayout {
  /// The bytes from the first row to the last, without a final newline; lines of comments may lie between.
  let rows: Range<Int>
  /// The byte between two cells, or nil where blanks separate them.
  let separator: UInt8?
  /// What stands before the fraction of a number.
  let decimalMark: DecimalMark
  /// The line of names before the rows, without its newline, where there is one.
  let names: Range<Int>?
  /// Whether the first row may be meant as a line of names, should it not be one of numbers.
  let mayBeginWithNames: Bool
  /// The line of the first row, counted from one.
  let firstLineNumber: Int
  /// The number of rows.
  let rowCount: Int
  /// Whether lines of comments lie between the rows.
  let hasCommentsBetweenRows: Bool

  private let file: FileContents
  private let headerWasAskedFor: Bool
  private let separatorWasAskedFor: Bool
  /// What was recognised about comments and numbers.
  private let recognised: [FileGuess]

  /// Finds the first row: the first line that is no comment, or the one behind a line of names, which is skipped
  /// because it is asked for, or because it holds names alone, as many as the next holds numbers. Names may also be
  /// the last comment above the rows. Empty lines may follow the last row and comments above the first, and stand
  /// nowhere else.
  ///
  /// - Parameters:
  ///   - dialect: what is known; the rest is recognised.
  ///   - mayHoldText: whether the line below names may hold other cells than numbers.
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` where there is no row, and where what is to be
  ///   recognised is ambiguous.
  init(
    _ file: FileContents, header: Bool, dialect: TableDialect = TableDialect(),
    mayHoldText: Bool = false
  ) throws(FileError) {
    let bytes = file.bytes
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let last = bytes[start...].lastIndex(where: { !" \r\n".utf8.contains($0) }) else {
      throw file.noRows
    }
    var lines = TableLines(bytes, start..<last + 1)
    lines.skipComments()
    guard let first = lines.next() else { throw file.noRows }
    let comment = lines.lastComment
    if bytes[first].dropLast().contains(UInt8(ascii: "\r")) {
      throw file.malformed(
        TextPosition(line: 1 + bytes[..<first.lowerBound].count(of: newline)),
        expected: "lines that end with a line feed",
        found: "a carriage return alone, which old programs end lines with")
    }
    lines.skipComments()
    let second = lines.peek
    let recogniser = DialectRecogniser(file, dialect, mayHoldText: mayHoldText)
    self.file = file
    headerWasAskedFor = header
    if header {
      guard second != nil else { throw file.noRows }
      names = first
    } else if let second, try recogniser.areNames(first, above: second) {
      names = first
    } else if let comment, try recogniser.areNames(comment, above: first, atLeast: 2) {
      names = comment
    } else {
      names = nil
    }
    let firstRow = names == first ? second ?? first : first
    rows = firstRow.lowerBound..<last + 1
    mayBeginWithNames =
      names == nil && second != nil && bytes[first].contains { !" \r\n".utf8.contains($0) }
      && !bytes[first].contains(where: isControl)
    firstLineNumber = 1 + bytes[..<rows.lowerBound].count(of: newline)
    let between = TableLines.commentCount(in: bytes, rows)
    hasCommentsBetweenRows = between > 0
    rowCount = 1 + bytes[rows].count(of: newline) - between
    separator = try recogniser.separator(of: firstRow)
    decimalMark = try recogniser.decimalMark(
      of: rows, separator: separator, firstLine: firstLineNumber)
    let areNamesInComment = names != nil && names == comment
    let comments =
      TableLines.commentCount(in: bytes, start..<rows.lowerBound) + between
      - (areNamesInComment ? 1 : 0)
    recognised =
      (areNamesInComment ? [.namesInComment] : []) + (comments > 0 ? [.comments(comments)] : [])
      + (dialect.decimalMark == nil && decimalMark == .comma ? [.decimalComma] : [])
    separatorWasAskedFor = dialect.separator != nil
  }

  /// The number of cells of the first row.
  var columnCount: Int {
    let row = file.bytes[rows].prefix { $0 != newline }
    return max(
      TextLine(file: file, range: row.startIndex..<row.endIndex, separator: separator).cellCount, 1)
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

  /// What was guessed about the line of names, the separator, comments and numbers.
  func layoutGuesses(of columnCount: Int) -> [FileGuess] {
    var guesses: [FileGuess] = []
    if header != nil, !headerWasAskedFor, !recognised.contains(.namesInComment) {
      guesses.append(.namesSkipped)
    }
    if headerWasAskedFor, let header {
      let count = header.cellCount
      if header.numberCount ?? 0 > 0 {
        guesses.append(.numbersSkipped)
      } else if !header.range.isEmpty, count != columnCount {
        guesses.append(.namesUnmatched(count))
      }
    }
    let name = file.path.lowercased()
    let path = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    let usual = path.hasSuffix(".csv") ? "," : path.hasSuffix(".tsv") ? "\t" : nil
    let found = separator.map { Character(UnicodeScalar($0)) } ?? " "
    if columnCount > 1, let usual, usual != String(found), !separatorWasAskedFor {
      guesses.append(.separator(found))
    }
    return guesses + recognised
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
}

extension FileContents {
  /// The error of a table without rows.
  fileprivate var noRows: FileError { malformed(expected: "rows of numbers", found: "none") }
}

let newline = UInt8(ascii: "\n")
