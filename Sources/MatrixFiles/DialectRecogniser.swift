/// Finds out how a text table is written where nobody says it, and refuses what is ambiguous.
struct DialectRecogniser {
  private let file: FileContents
  private let dialect: TableDialect
  private let mayHoldText: Bool

  /// - Parameter mayHoldText: whether cells may be other than numbers.
  init(_ file: FileContents, _ dialect: TableDialect, mayHoldText: Bool) {
    self.file = file
    self.dialect = dialect
    self.mayHoldText = mayHoldText
  }

  // MARK: Names

  /// Whether `line` holds a name for every number of `row`; for every cell of it, of which one at least is a number or
  /// has no value, where cells may be other than numbers.
  ///
  /// - Parameter least: the fewest names.
  func areNames(
    _ line: Range<Int>, above row: Range<Int>, atLeast least: Int = 1
  ) throws(FileError) -> Bool {
    let row = TextLine(file: file, range: row, separator: try separator(of: row))
    let names = TextLine(file: file, range: line, separator: row.separator)
    let count = mayHoldText && row.holdsNumberOrGap ? row.cellCount : row.numberCount
    guard let count, count >= least, count == names.nameCount else { return false }
    // Where numbers are in quotes, numbers in quotes are no names.
    if row.holdsQuotedNumber, names.holdsQuotedNumber { return false }
    // Names that something else separates are not as many.
    return row.separator != nil
      || CellSeparator.searched.allSatisfy { separator in
        TextLine(file: file, range: line, separator: separator.byte).cellCount < 2
      }
  }

  // MARK: Separators

  /// What separates the cells of `row`: the first of tab, semicolon, bar and comma with which all cells are numbers,
  /// or blanks between numbers with decimal commas. Else, where cells may hold text, the one that leaves most numbers;
  /// and the first of those that are there, or blanks.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` where two leave equally many numbers among text.
  func separator(of row: Range<Int>) throws(FileError) -> UInt8? {
    if let separator = dialect.separator { return separator.byte }
    let bytes = file.bytes[row]
    let hasQuotes = bytes.contains(UInt8(ascii: "\""))
    let present = CellSeparator.searched.filter { separator in
      // One in quotes separates nothing.
      guard let byte = separator.byte, bytes.contains(byte) else { return false }
      return line(row, byte).cellCount > 1
    }
    guard let first = present.first else { return nil }
    guard present != [.comma] else {
      // A comma that is said to stand before fractions separates quoted cells only.
      let isFraction = dialect.decimalMark == .comma && !hasQuotes
      return isFraction || line(row, first.byte).holdsDecimalCommas ? nil : first.byte
    }
    guard present.count > 1 else { return first.byte }
    if let all = present.first(where: { line(row, $0.byte).numberCount != nil }) { return all.byte }
    guard mayHoldText else { return first.byte }
    let scores = present.map { line(row, $0.byte).valueCount }
    let most = scores.max() ?? 0
    guard most > 0 else { return first.byte }
    let best = present.indices.filter { scores[$0] == most }.map { present[$0] }
    guard best.count == 1 else {
      throw file.malformed(
        position(of: row.lowerBound),
        expected: "cells separated by one of \(best.map(\.plural).joined(separator: ", "))",
        found: "\(excerpt(bytes)), which may be either "
          + "(--separator \(best.map(\.rawValue).joined(separator: "|")) says which)")
    }
    return best[0].byte
  }

  private func line(_ range: Range<Int>, _ separator: UInt8?) -> TextLine {
    TextLine(file: file, range: range, separator: separator)
  }

  private func position(of offset: Int) -> TextPosition {
    TextPosition(line: 1 + file.bytes[..<offset].count(of: newline), column: 1)
  }

  // MARK: Decimal marks

  /// What stands before the fractions of the numbers in `rows`: what the first cell says that can only be read with
  /// one of the two; a point where none does.
  ///
  /// Where no comma can be part of a number, the rows are searched for one byte and no more.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` for a cell such as `1,234` where no other says
  ///   what the comma is.
  func decimalMark(
    of rows: Range<Int>, separator: UInt8?, firstLine: Int
  ) throws(FileError) -> DecimalMark {
    if let mark = dialect.decimalMark { return mark }
    let comma = UInt8(ascii: ",")
    let sign = separator == comma ? UInt8(ascii: "\"") : comma
    guard file.bytes.holds(sign, in: rows) else { return .point }
    var ambiguous: (position: TextPosition, cell: Range<Int>)?
    var lines = TableLines(file.bytes, rows)
    var number = firstLine
    while let range = lines.next() {
      for (j, cell) in line(range, separator).cells.enumerated() {
        let isQuoted = file.bytes[cell].first == UInt8(ascii: "\"") && cell.count > 2
        let inner = isQuoted ? cell.lowerBound + 1..<cell.upperBound - 1 : cell
        switch DecimalMark.evidence(in: file.bytes[inner]) {
        case .none: break
        case .certain(let mark): return mark
        case .ambiguous:
          ambiguous = ambiguous ?? (TextPosition(line: number, column: j + 1), inner)
        }
      }
      number += 1
    }
    guard let ambiguous else { return .point }
    throw file.malformed(
      ambiguous.position, expected: "a number whose comma can be one thing only",
      found: "\(excerpt(file.bytes[ambiguous.cell])) (--decimal comma reads a fraction; "
        + "commas between thousands are not read)")
  }
}
