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
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` where there is no row.
  init(_ file: FileContents, header: Bool) throws(FileError) {
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
      names = next < end && Self.areNames(first, above: next..<end, of: file) ? first : nil
    }
    rows = names == nil ? start..<end : next..<end
    mayBeginWithNames =
      names == nil && next < end && bytes[first].contains { !blanks.contains($0) }
      && !bytes[first].contains(where: isControl)
    separator = Self.firstLine(of: rows, in: file).separator
  }

  /// The number of lines from the first row to the last.
  var rowCount: Int { file.bytes[rows].reduce(1) { $0 + ($1 == newline ? 1 : 0) } }

  /// The number of cells of the first row.
  var columnCount: Int {
    let row = file.bytes[Self.firstLine(of: rows, in: file).range]
    if let separator { return row.reduce(1) { $0 + ($1 == separator ? 1 : 0) } }
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

  /// What was guessed to read the matrix that the table holds.
  func guesses(about matrix: Matrix<Double>) -> [FileGuess] {
    var guesses: [FileGuess] = []
    let header = names.map { TextLine(file: file, range: $0, separator: separator) }
    if header != nil, !headerWasAskedFor { guesses.append(.namesSkipped) }
    if headerWasAskedFor, let header {
      let count = header.cells.reduce(0) { count, _ in count + 1 }
      if header.numberCount ?? 0 > 0 {
        guesses.append(.numbersSkipped)
      } else if !header.range.isEmpty, count != matrix.columns {
        guesses.append(.namesUnmatched(count))
      }
    }
    let path = file.path.lowercased()
    let usual = path.hasSuffix(".csv") ? "," : path.hasSuffix(".tsv") ? "\t" : nil
    let found = separator.map { Character(UnicodeScalar($0)) } ?? " "
    if matrix.columns > 1, let usual, usual != String(found) { guesses.append(.separator(found)) }
    if let start = DenseMatrix.double(matrix).indexStart {
      guesses.append(.indexColumn(from: start))
    } else if matrix.columns > 1, let header, firstNameIsEmpty(header, of: matrix.columns) {
      guesses.append(.namelessColumn)
    }
    return guesses
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

  /// Whether `line` holds a name for every number of the line below it.
  private static func areNames(
    _ line: Range<Int>, above rows: Range<Int>, of file: FileContents
  ) -> Bool {
    let row = firstLine(of: rows, in: file)
    let names = TextLine(file: file, range: line, separator: row.separator)
    guard let count = names.nameCount, count == row.numberCount else { return false }
    // Names that something else separates are not as many.
    return row.separator != nil
      || separators.allSatisfy { separator in
        LineCells(file.bytes, line, separator: separator).reduce(0) { count, _ in count + 1 } < 2
      }
  }

  /// The first line of some, with its own separator.
  private static func firstLine(of rows: Range<Int>, in file: FileContents) -> TextLine {
    let row = file.bytes[rows].prefix { $0 != newline }
    let range = row.startIndex..<row.endIndex
    let line = TextLine(
      file: file, range: range, separator: separators.first { row.contains($0) })
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
