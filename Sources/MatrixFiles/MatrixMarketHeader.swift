/// The first line of a MatrixMarket file and its line of sizes.
struct MatrixMarketHeader {
  enum Object: String, CaseIterable { case matrix }
  enum Layout: String, CaseIterable { case array, coordinate }
  enum Field: String, CaseIterable { case real, double, integer, pattern }
  enum Symmetry: String, CaseIterable {
    case general, symmetric
    case skewSymmetric = "skew-symmetric"
  }

  let layout: Layout
  let field: Field
  let symmetry: Symmetry
  let size: MatrixSize
  /// The number of lines that follow, one entry each.
  let entries: Int

  /// A coordinate file has at least one entry in so many numbers of the dense matrix, or the matrix
  /// has no more than 2²⁵ numbers: a line of sizes alone cannot claim all memory of the machine.
  private static let sparsest = (numbersPerEntry: 100_000, free: 1 << 25)

  /// Leaves `scanner` after the line of sizes.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``, also when the rest of the
  ///   file is too short for the entries, or ``FileError/unsupported(path:expected:found:)``.
  init(_ scanner: inout TextScanner) throws(FileError) {
    // The format was recognised by the banner; what may follow it directly is refused as a word.
    let banner = scanner.word()
    guard banner == "%%matrixmarket" else {
      throw scanner.refused("%%MatrixMarket", excerpt(banner.utf8))
    }
    _ = try scanner.keyword(Object.self)
    layout = try scanner.keyword(Layout.self)
    field = try scanner.keyword(Field.self)
    symmetry = try scanner.keyword(Symmetry.self)
    try scanner.endLine()
    guard layout == .coordinate || field != .pattern else {
      throw scanner.file.malformed(
        TextPosition(line: 1), expected: "numbers in array format", found: "a pattern")
    }

    guard scanner.skipToEntry() else { throw scanner.unexpected("the numbers of rows and columns") }
    let line = TextPosition(line: scanner.line)
    let rows = try scanner.natural()
    scanner.skipBlanks()
    let columns = try scanner.natural()
    size = try MatrixSize(rows: rows, columns: columns, in: scanner.file, at: line)
    guard symmetry == .general || rows == columns else {
      throw scanner.file.malformed(
        line, expected: "a square \(symmetry.rawValue) matrix", found: "\(rows) × \(columns)")
    }
    switch (layout, symmetry) {
    case (.coordinate, _):
      scanner.skipBlanks()
      entries = try scanner.natural()
    case (.array, .general): entries = size.count
    // n · (n ± 1) does not overflow where 8 · n · n does not.
    case (.array, .symmetric): entries = rows * (rows + 1) / 2
    case (.array, .skewSymmetric): entries = rows * (rows - 1) / 2
    }
    try scanner.endLine()

    // "1\n" or "1 1\n", where the last newline may be missing.
    let shortest = layout == .array ? 2 : 4
    guard entries <= (scanner.remaining + 1) / shortest else {
      throw scanner.file.malformed(
        line, expected: "at least \(shortest) bytes for each of \(entries) entries",
        found: "\(scanner.remaining) bytes")
    }
    guard
      layout == .array || size.count <= Self.sparsest.free
        || size.count / Self.sparsest.numbersPerEntry <= entries
    else {
      throw scanner.file.malformed(
        line, expected: "an entry for every \(Self.sparsest.numbersPerEntry) numbers or fewer",
        found: "\(entries) for \(rows) × \(columns)")
    }
  }
}

extension TextScanner {
  /// Moves to the next line that is neither blank nor a comment; false at the end of the file.
  mutating func skipToEntry() -> Bool {
    while true {
      skipBlanks()
      if isAtEnd { return false }
      guard isAtLineEnd || isAt(UInt8(ascii: "%")) else { return true }
      skipLine()
    }
  }

  /// Moves past the end of a line that has nothing more to say.
  mutating func endLine() throws(FileError) {
    skipBlanks()
    guard isAtLineEnd else { throw unexpected("the end of the line") }
    skipLine()
  }

  /// The next word of the first line.
  fileprivate mutating func keyword<Word: RawRepresentable<String> & CaseIterable>(
    _ words: Word.Type
  ) throws(FileError) -> Word {
    let word = word()
    guard let known = Word(rawValue: word) else {
      throw refused(words.allCases.map(\.rawValue).joined(separator: ", "), excerpt(word.utf8))
    }
    return known
  }

  fileprivate func refused(_ expected: String, _ found: String) -> FileError {
    .unsupported(
      path: file.path, expected: "\(expected) in the first line", found: found)
  }
}
