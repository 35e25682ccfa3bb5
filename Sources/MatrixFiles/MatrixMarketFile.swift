import SparseCore

/// The MatrixMarket exchange format: text, one entry a line.
enum MatrixMarketFile {
  /// Reads a matrix into dense form. Entries of a coordinate file that meet are summed; those of a
  /// pattern are ones.
  static func read(_ file: FileContents) throws(FileError) -> Matrix<Double> {
    file.willReadSequentially()
    var scanner = TextScanner(file, range: 0..<file.bytes.count)
    let header = try MatrixMarketHeader(&scanner)
    if header.layout == .coordinate {
      try header.size.checkDensity(entries: header.entries, of: file, at: header.line)
    }
    return try header.size.matrix(for: file) { (target) throws(FileError) in
      target.initialize(repeating: 0)
      var reader = EntryReader(scanner: scanner, header: header) {
        target[$0 + $1 * header.size.rows] += $2
      }
      switch header.layout {
      case .array: try reader.readArray()
      case .coordinate: try reader.readCoordinates()
      }
      try reader.finish()
    }
  }

  /// Reads a matrix as it is, where it is given by coordinates and few of its numbers are not zero; nil for others.
  static func readSparse(_ file: FileContents) throws(FileError) -> SparseMatrix? {
    file.willReadSequentially()
    var scanner = TextScanner(file, range: 0..<file.bytes.count)
    let header = try MatrixMarketHeader(&scanner)
    let count = header.entries * (header.symmetry == .general ? 1 : 2)
    guard header.layout == .coordinate, header.size.isSparse(entries: count) else { return nil }
    var entries = try SparseEntries(header.size, count: count, of: file)
    try withoutActuallyEscaping({ entries.add($2, row: $0, column: $1) }) {
      (add) throws(FileError) in
      var reader = EntryReader(scanner: scanner, header: header, place: add)
      try reader.readCoordinates()
      try reader.finish()
    }
    return try entries.matrix()
  }

  /// Writes all entries in array form, column by column.
  static func write<Scalar: MatrixScalar & LosslessStringConvertible>(
    _ matrix: Matrix<Scalar>, to sink: inout FileSink
  ) throws(FileError) {
    try sink.write("%%MatrixMarket matrix array real general\n")
    try sink.write("\(matrix.rows) \(matrix.columns)\n")
    for j in 0..<matrix.columns {
      for value in matrix.column(j) {
        try sink.write(value.description)
        try sink.write("\n")
      }
    }
  }
}

/// Reads the entries of a file, and gives each to the matrix that they make.
private struct EntryReader {
  var scanner: TextScanner
  let header: MatrixMarketHeader
  /// Adds a number at a row and a column.
  let place: (Int, Int, Double) -> Void

  /// One value a line, column by column, from the diagonal on where the rest follows by symmetry.
  mutating func readArray() throws(FileError) {
    for j in 0..<header.size.columns {
      let first =
        switch header.symmetry {
        case .general: 0
        case .symmetric: j
        case .skewSymmetric: j + 1
        }
      for i in first..<header.size.rows {
        try startEntry()
        try add(try scanner.number(), i, j)
      }
    }
  }

  /// A row, a column and a value a line, indices from 1.
  mutating func readCoordinates() throws(FileError) {
    for _ in 0..<header.entries {
      try startEntry()
      let i = try index(upTo: header.size.rows)
      let j = try index(upTo: header.size.columns)
      let value = header.field == .pattern ? 1 : try scanner.number()
      try add(value, i, j)
    }
  }

  /// Checks that nothing follows the last entry.
  mutating func finish() throws(FileError) {
    guard !scanner.skipToEntry() else {
      throw scanner.unexpected("nothing after \(header.entries) entries")
    }
  }

  private mutating func startEntry() throws(FileError) {
    guard scanner.skipToEntry() else {
      throw scanner.unexpected("\(header.entries) entries")
    }
  }

  private mutating func index(upTo limit: Int) throws(FileError) -> Int {
    let place = scanner.position
    let index = try scanner.natural()
    guard (1...limit).contains(index) else {
      throw scanner.file.malformed(
        place, expected: "an index from 1 to \(limit)", found: "\(index)")
    }
    scanner.skipBlanks()
    return index - 1
  }

  /// Adds an entry and its mirror image, and ends its line.
  private mutating func add(_ value: Double, _ i: Int, _ j: Int) throws(FileError) {
    let lowest = header.symmetry == .skewSymmetric ? j + 1 : j
    guard header.symmetry == .general || i >= lowest else {
      throw scanner.file.malformed(
        TextPosition(line: scanner.line), expected: "entries of the lower triangle only",
        found: "row \(i + 1), column \(j + 1)")
    }
    place(i, j, value)
    if header.symmetry != .general, i != j {
      place(j, i, header.symmetry == .symmetric ? value : -value)
    }
    try scanner.endLine()
  }
}

/// The first line of a MatrixMarket file and its line of sizes.
private struct MatrixMarketHeader {
  enum Object: String, CaseIterable { case matrix }
  enum Layout: String, CaseIterable { case array, coordinate }
  enum Field: String, CaseIterable {
    case real, double, integer, pattern
    // SciPy's, of arrays without signs.
    case unsignedInteger = "unsigned-integer"
  }
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
  /// Where the sizes stand.
  let line: TextPosition

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
    line = TextPosition(line: scanner.line)
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
  }
}

extension TextScanner {
  /// Moves to the next line that is neither blank nor a comment; false at the end of the file.
  fileprivate mutating func skipToEntry() -> Bool {
    while true {
      skipBlanks()
      if isAtEnd { return false }
      guard isAtLineEnd || isAt(UInt8(ascii: "%")) else { return true }
      skipLine()
    }
  }

  /// Moves past the end of a line that has nothing more to say.
  fileprivate mutating func endLine() throws(FileError) {
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
