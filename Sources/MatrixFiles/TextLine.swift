/// One line of a text table whose cells may be anything.
struct TextLine {
  let file: FileContents
  /// The bytes of the line, without what ends it.
  let range: Range<Int>
  /// The byte between two cells, or nil where blanks separate them.
  let separator: UInt8?

  /// Where the cells lie.
  var cells: LineCells { LineCells(file.bytes, range, separator: separator) }

  /// The number of cells.
  var cellCount: Int { cells.reduce(0) { count, _ in count + 1 } }

  /// Whether one cell at least is a number, or says that it has no value.
  var holdsNumberOrGap: Bool {
    cells.contains { isAnyNumber($0) || isWithoutValue(file.bytes[$0]) }
  }

  /// Whether one cell at least is a number in quotes.
  var holdsQuotedNumber: Bool { cells.contains { isAnyNumber(inner($0)) && inner($0) != $0 } }

  /// The number of cells where all of them are numbers, in quotes or not, with a decimal point or a comma; else nil.
  var numberCount: Int? {
    var count = 0
    for cell in cells {
      guard isAnyNumber(cell) else { return nil }
      count += 1
    }
    return count
  }

  /// The number of cells that are numbers, or say that they have no value in a word.
  var valueCount: Int {
    cells.reduce(0) { count, cell in
      count + (isAnyNumber(cell) || !cell.isEmpty && isWithoutValue(file.bytes[cell]) ? 1 : 0)
    }
  }

  /// The number of cells where the line can only be one of names, or else nil: no cell is a number,
  /// not even one with a decimal comma, and at least one does not begin as a number does.
  var nameCount: Int? {
    var (count, names) = (0, 0)
    for cell in cells {
      let bytes = file.bytes[cell]
      guard !isNumber(cell), !hasDecimalComma(bytes), !bytes.contains(where: isControl) else {
        return nil
      }
      count += 1
      // A sign or a point alone says nothing.
      let unsigned = bytes.drop { "+-.".utf8.contains($0) }
      if let first = unsigned.first, !isDigit(first) { names += 1 }
    }
    return names > 0 ? count : nil
  }

  /// Whether blanks separate several numbers, with a decimal comma in one of them at least.
  var holdsDecimalCommas: Bool {
    var (count, commas) = (0, 0)
    for cell in LineCells(file.bytes, range, separator: nil) {
      if hasDecimalComma(file.bytes[cell]) {
        commas += 1
      } else if !isNumber(cell) {
        return false
      }
      count += 1
    }
    return count > 1 && commas > 0
  }

  /// Whether all of a cell is a number, in quotes or not, with a decimal point or a comma.
  private func isAnyNumber(_ cell: Range<Int>) -> Bool {
    let inner = inner(cell)
    return isNumber(inner) || hasDecimalComma(file.bytes[inner])
  }

  /// A cell without quotes around it.
  private func inner(_ cell: Range<Int>) -> Range<Int> {
    let bytes = file.bytes[cell]
    let isQuoted = bytes.first == quote && bytes.last == quote && cell.count > 2
    return isQuoted ? cell.lowerBound + 1..<cell.upperBound - 1 : cell
  }

  /// Whether all of a cell is a number with a decimal point.
  private func isNumber(_ cell: Range<Int>) -> Bool {
    var scanner = TextScanner(file, range: cell)
    return scanner.numberIfNext() != nil && scanner.isAtEnd
  }
}

/// Where the cells of a line lie, each without the blanks around it. A cell that begins with a double
/// quote reaches to the next one at least, separators included.
struct LineCells: Sequence, IteratorProtocol {
  private let bytes: UnsafeRawBufferPointer
  private let separator: UInt8?
  private let end: Int
  private var offset: Int
  private var isOver = false

  init(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, separator: UInt8?) {
    self.bytes = bytes
    self.separator = separator
    offset = line.lowerBound
    end = line.upperBound
  }

  mutating func next() -> Range<Int>? {
    while offset < end, isBlank(bytes[offset]) { offset += 1 }
    let start = offset
    guard !isOver, separator != nil || start < end else { return nil }
    skipQuotes()
    while offset < end, !isSeparator(bytes[offset]) { offset += 1 }
    var stop = offset
    while stop > start, isBlank(bytes[stop - 1]) { stop -= 1 }
    // A separator at the end has an empty cell behind it.
    isOver = offset == end
    if !isOver { offset += 1 }
    return start..<stop
  }

  /// Moves behind the quote that closes the one that comes next; two in a row stand for one.
  private mutating func skipQuotes() {
    guard offset < end, bytes[offset] == quote else { return }
    offset += 1
    while offset < end {
      let isQuote = bytes[offset] == quote
      offset += 1
      guard isQuote else { continue }
      guard offset < end, bytes[offset] == quote else { return }
      offset += 1
    }
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    separator.map { byte == $0 } ?? isBlank(byte)
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    (byte == 0x20 || byte == 0x09 || byte == 0x0D) && byte != separator
  }
}

/// The cells of a line of names, without quotes.
func cellTexts(of line: [UInt8], separator: UInt8?) -> [String] {
  line.withUnsafeBytes { bytes in
    LineCells(bytes, bytes.indices, separator: separator).map { cell in
      let name = bytes[cell]
      guard name.count > 1, name.first == quote, name.last == quote else {
        return String(decoding: name, as: UTF8.self)
      }
      // Two quotes in a row stand for one.
      var text: [UInt8] = []
      var isSecond = false
      for byte in name.dropFirst().dropLast() {
        isSecond = byte == quote && !isSecond
        if !isSecond { text.append(byte) }
      }
      return String(decoding: text, as: UTF8.self)
    }
  }
}

/// Whether a cell says that it has no value: it is empty, `NA` or `nan`, in quotes or not.
func isWithoutValue(_ cell: some BidirectionalCollection<UInt8>) -> Bool {
  let isQuoted = cell.count > 1 && cell.first == quote && cell.last == quote
  let text = isQuoted ? cell.dropFirst().dropLast() : cell[...]
  return text.isEmpty || text.elementsEqual("NA".utf8)
    || text.elementsEqual("nan".utf8) || text.elementsEqual("NaN".utf8)
}

/// Whether all of `cell` is a number with a decimal comma, such as `1,5` or `-1.000,5e3`.
func hasDecimalComma(_ cell: some Collection<UInt8>) -> Bool {
  let unsigned = cell.first.map { "+-".utf8.contains($0) } ?? false ? cell.dropFirst() : cell[...]
  let fraction = unsigned.drop { isDigit($0) || $0 == UInt8(ascii: ".") }
  guard fraction.first == UInt8(ascii: ",") else { return false }
  let rest = fraction.dropFirst().drop(while: isDigit)
  guard rest.count < fraction.count - 1 else { return false }
  guard let mark = rest.first else { return true }
  let exponent = rest.dropFirst().drop { "+-".utf8.contains($0) }
  return "eE".utf8.contains(mark) && !exponent.isEmpty && exponent.allSatisfy(isDigit)
}

private let quote = UInt8(ascii: "\"")

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// Whether no name holds such a byte.
func isControl(_ byte: UInt8) -> Bool {
  byte < 0x20 && byte != 0x09 && byte != 0x0D || byte == 0x7F
}
