import Glibc

/// Reads numbers from the bytes of a text file, without a string for any of them.
///
/// Runs inside ``PointLocale``, so that the decimal mark of C is a point.
struct TextScanner {
  let file: FileContents
  /// The byte between two cells of a line, or nil where blanks separate them.
  let separator: UInt8?
  /// What stands before the fraction of a number.
  let decimalMark: DecimalMark
  /// What the columns are called, where their names are to be said.
  private let columns: TableColumns?
  /// The line of the next byte, and the number of cells read from it so far.
  private(set) var line = 1
  private(set) var cells = 0

  private let text: UnsafePointer<UInt8>
  /// The mark as a byte, or none where commas separate cells: numbers with a comma are then in quotes, and those
  /// without quotes have no fraction.
  private let markByte: UInt16
  private let end: Int
  private var offset: Int

  /// Reads `range` of `file`; whatever follows it must end a number, as the end of the file does.
  init(
    _ file: FileContents, range: Range<Int>, line: Int = 1, separator: UInt8? = nil,
    decimalMark: DecimalMark = .point, columns: TableColumns? = nil
  ) {
    self.file = file
    self.columns = columns
    self.separator = separator
    self.decimalMark = decimalMark
    markByte = decimalMark.byte == separator ? DecimalMark.none : UInt16(decimalMark.byte)
    self.line = line
    // A mapped file is never empty.
    text = file.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The same for other bytes of the file, which begin with the start of a line.
  func part(_ range: Range<Int>, line: Int) -> TextScanner {
    TextScanner(
      file, range: range, line: line, separator: separator, decimalMark: decimalMark,
      columns: columns)
  }

  var isAtEnd: Bool { offset == end }
  var isAtLineEnd: Bool { isAtEnd || byte == UInt8(ascii: "\n") }
  var remaining: Int { end - offset }

  /// Whether `wanted` comes next in this line.
  func isAt(_ wanted: UInt8) -> Bool { !isAtEnd && byte == wanted }

  /// The place of the cell that comes next.
  var position: TextPosition { position(of: cells) }

  /// The place of cell `j` of this line.
  func position(of j: Int) -> TextPosition {
    let name = columns?.names.map { j < $0.count ? $0[j] : "" } ?? ""
    return TextPosition(line: line, column: j + 1, name: name.isEmpty ? nil : name)
  }

  // MARK: Moving on

  mutating func skipBlanks() {
    while !isAtEnd, isBlank(byte) { offset += 1 }
  }

  /// Moves to the start of the next line.
  mutating func skipLine() {
    while !isAtLineEnd { offset += 1 }
    if !isAtEnd { offset += 1 }
    line += 1
    cells = 0
  }

  /// Moves to the next line that is no comment of a text table.
  mutating func skipComments() {
    while true {
      var ahead = self
      while !ahead.isAtEnd, ahead.byte == 0x20 || ahead.byte == 0x09 { ahead.offset += 1 }
      guard ahead.isAt(UInt8(ascii: "#")) else { return }
      skipLine()
    }
  }

  /// Moves past the one byte that separates two cells.
  mutating func skipSeparator() { offset += 1 }

  /// Moves to the end of the cell that comes next, whatever it holds; one in quotes reaches to the quote that
  /// closes it, separators included, but not beyond its line.
  mutating func skipCell() {
    let quote = UInt8(ascii: "\"")
    skipBlanks()
    if isAt(quote) {
      var isOpen = true
      offset += 1
      while isOpen, !isAtLineEnd {
        isOpen = byte != quote
        offset += 1
        // Two in a row stand for one.
        if !isOpen, isAt(quote) {
          isOpen = true
          offset += 1
        }
      }
    }
    while !isAtLineEnd, !(separator.map { byte == $0 } ?? isBlank(byte)) { offset += 1 }
    cells += 1
  }

  /// Whether the cell that comes next holds no value.
  var isAtMissingCell: Bool {
    var ahead = self
    ahead.skipCell()
    var cell = file.bytes[offset..<ahead.offset].drop(while: isBlank)
    while let last = cell.last, isBlank(last) { cell = cell.dropLast() }
    return isWithoutValue(cell)
  }

  /// What the cell that comes next holds, without the blanks and the quotes around it.
  mutating func cellText() -> String {
    skipBlanks()
    let start = offset
    skipCell()
    return cellTexts(of: Array(file.bytes[start..<offset]), separator: 0).first ?? ""
  }

  // MARK: Reading

  /// The number that comes next: all of a cell, blanks around it aside.
  mutating func number() throws(FileError) -> Double {
    guard let value = numberIfNext() else { throw unexpectedCell() }
    return value
  }

  /// As ``number()``, or nil where something else comes next.
  mutating func numberIfNext() -> Double? {
    // What strtod would skip as white space may be the end of the line.
    guard !isAtEnd, byte > 0x20 else { return nil }
    let number = DecimalNumber.read(text, offset, end, mark: markByte)
    if let number, number.end == end || endsCell(byteAt(number.end)) {
      offset = number.end
      cells += 1
      return number.value
    }
    return rareNumberIfNext()
  }

  /// The number that comes next, where nothing but digits is written in its cell, and moves behind the separator, or to
  /// the end of the line behind the last cell; nil where anything else is there, which may be a number too.
  ///
  /// What is read of most tables, and by far most often.
  @inline(__always)
  mutating func bareNumberIfNext(isLast: Bool) -> Double? {
    guard !isAtEnd, let number = DecimalNumber.read(text, offset, end, mark: markByte) else {
      return nil
    }
    if isLast {
      guard number.end == end || byteAt(number.end) == 0x0A else { return nil }
      offset = number.end
    } else {
      guard let separator, number.end < end, byteAt(number.end) == separator else { return nil }
      offset = number.end + 1
    }
    cells += 1
    return number.value
  }

  /// As ``numberIfNext()`` for what takes strtod: numbers of many digits, hexadecimal ones, `inf` and `nan`.
  private mutating func rareNumberIfNext() -> Double? {
    guard decimalMark == .comma else {
      return strtodIfNext(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self) + offset)
    }
    guard !cell.contains(UInt8(ascii: ".")) else { return nil }
    // C knows a point only.
    var copy: [CChar] = []
    copy.reserveCapacity(cell.count + 1)
    for byte in cell {
      copy.append(CChar(bitPattern: UInt16(byte) == markByte ? UInt8(ascii: ".") : byte))
    }
    copy.append(0)
    return copy.withUnsafeBufferPointer { strtodIfNext($0.baseAddress.unsafelyUnwrapped) }
  }

  /// The number that C reads from what comes next, or from a copy of it.
  private mutating func strtodIfNext(_ source: UnsafePointer<CChar>) -> Double? {
    var stop: UnsafeMutablePointer<CChar>?
    let value = strtod(source, &stop)
    let next = offset + (stop.map { UnsafePointer($0) - source } ?? 0)
    guard next > offset, next <= end, next == end || endsCell(byteAt(next)) else { return nil }
    offset = next
    cells += 1
    return value
  }

  /// As ``numberIfNext()`` for a number in double quotes, as programs write that put all cells in them.
  mutating func quotedNumberIfNext() -> Double? {
    let quote = UInt8(ascii: "\"")
    guard isAt(quote) else { return nil }
    var ahead = self
    ahead.skipCell()
    let cell = file.bytes[offset..<ahead.offset]
    guard let last = cell.lastIndex(where: { !isBlank($0) }), last > offset + 1, cell[last] == quote
    else { return nil }
    var inner = TextScanner(file, range: offset + 1..<last, decimalMark: decimalMark)
    guard let value = inner.numberIfNext(), inner.isAtEnd else { return nil }
    self = ahead
    return value
  }

  /// The decimal number without sign that comes next, at most `Int.max`.
  mutating func natural() throws(FileError) -> Int {
    var value = 0
    var next = offset
    while next < end, case let digit = Int(byteAt(next)) - 0x30, (0...9).contains(digit) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.addingReportingOverflow(digit)
      guard !overflow, !overflow2 else { throw unexpected("a number up to \(Int.max)") }
      value = sum
      next += 1
    }
    guard next > offset, next == end || endsCell(byteAt(next)) else {
      throw unexpected("a whole number")
    }
    offset = next
    cells += 1
    return value
  }

  /// The word that comes next, in lower case and cut where no keyword is that long; empty at the
  /// end of the line.
  mutating func word() -> String {
    skipBlanks()
    let start = offset
    while !isAtLineEnd, !isBlank(byte) { offset += 1 }
    cells += 1
    return String(decoding: file.bytes[start..<offset].prefix(32), as: UTF8.self).lowercased()
  }

  /// The error of finding something other than a number here.
  ///
  /// - Parameter hint: what may help where that is not a number with another decimal mark.
  func unexpectedCell(hint: String = "") -> FileError {
    var other: DecimalMark?
    if decimalMark == .point {
      if hasDecimalComma(cell) { other = .comma }
    } else if cell.contains(UInt8(ascii: ".")),
      cell.allSatisfy({ "0123456789.,+-eE".utf8.contains($0) })
    {
      other = .point
    }
    guard let other else { return unexpected("a number", hint: hint) }
    return file.malformed(
      position, expected: "a number with a decimal \(decimalMark.rawValue)",
      found: "\(excerptOfCell) (--decimal \(other.rawValue) reads numbers with a \(other.rawValue))"
    )
  }

  /// The error of finding something other than `expected` here.
  func unexpected(_ expected: String, hint: String = "") -> FileError {
    let nothing =
      isAtEnd && cells == 0
      ? "the end of the file" : isAtLineEnd ? "the end of the line" : "an empty cell"
    return file.malformed(
      position, expected: expected, found: (cell.isEmpty ? nothing : excerptOfCell) + hint)
  }

  /// The beginning of the cell that comes next, in quotes; where it is in quotes itself, of what is between them.
  private var excerptOfCell: String {
    guard isAt(UInt8(ascii: "\"")) else { return excerpt(cell) }
    var ahead = self
    return excerpt(Array(ahead.cellText().utf8))
  }

  /// What comes next up to the end of its cell.
  private var cell: Slice<UnsafeRawBufferPointer> {
    file.bytes[offset..<end].prefix { !endsCell($0) }
  }

  // MARK: Bytes

  private var byte: UInt8 { byteAt(offset) }

  private func byteAt(_ index: Int) -> UInt8 { text[index] }

  private func isBlank(_ byte: UInt8) -> Bool {
    (byte == 0x20 || byte == 0x09 || byte == 0x0D) && byte != separator
  }

  private func endsCell(_ byte: UInt8) -> Bool {
    isBlank(byte) || byte == separator || byte == 0x0A
  }
}

/// The locale in which C reads `1.5` as one and a half, whatever the process has set.
enum PointLocale {
  private nonisolated(unsafe) static let locale = newlocale(1 << LC_NUMERIC, "C", nil)

  /// Runs `body` with this locale on the calling thread.
  static func run<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let previous = uselocale(locale)
    defer { uselocale(previous) }
    return try body()
  }
}
