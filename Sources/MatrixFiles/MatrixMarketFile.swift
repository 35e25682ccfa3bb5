import SparseCore

/// The MatrixMarket exchange format: text, one entry a line.
enum MatrixMarketFile {
  /// Reads a matrix into dense form. Entries of a coordinate file that meet are summed; those of a
  /// pattern are ones.
  static func read(_ file: FileContents) throws(FileError) -> Matrix<Double> {
    try read(file, parts: 1)
  }

  /// Reads a matrix of complex numbers into dense form, as the rows of its real and imaginary parts.
  ///
  /// - Returns: nil for real numbers.
  static func readComplex(_ file: FileContents) throws(FileError) -> Matrix<Double>? {
    var scanner = TextScanner(file, range: 0..<file.bytes.count)
    let words = (0..<4).map { _ in scanner.word() }
    return words.last == MatrixMarketHeader.Field.complex.rawValue ? try read(file, parts: 2) : nil
  }

  private static func read(_ file: FileContents, parts: Int) throws(FileError) -> Matrix<Double> {
    file.willReadSequentially()
    var scanner = TextScanner(file, range: 0..<file.bytes.count)
    let header = try MatrixMarketHeader(&scanner, parts: parts)
    if header.layout == .coordinate {
      try header.size.checkDensity(entries: header.entries, of: file, at: header.line)
    }
    return try header.size.matrix(for: file) { (target) throws(FileError) in
      target.initialize(repeating: 0)
      let rows = header.size.numberRows
      var reader = EntryReader(scanner: scanner, header: header) { (i, j, number) in
        let place = parts * i + j * rows
        target[place] += number.real
        if parts == 2 { target[place + 1] += number.imaginary }
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
    let header = try MatrixMarketHeader(&scanner, parts: 1)
    let count = header.entries * (header.symmetry == .general ? 1 : 2)
    guard header.layout == .coordinate, header.size.isSparse(entries: count) else { return nil }
    var entries = try SparseEntries(header.size, count: count, of: file)
    try withoutActuallyEscaping({ entries.add($2.real, row: $0, column: $1) }) {
      (add) throws(FileError) in
      var reader = EntryReader(scanner: scanner, header: header, place: add)
      try reader.readCoordinates()
      try reader.finish()
    }
    return try entries.matrix()
  }

  /// Writes all entries in array form, column by column.
  ///
  /// - Parameter parts: how many rows of the matrix are one of the file: two where it is complex.
  static func write<Scalar: MatrixScalar & LosslessStringConvertible>(
    _ matrix: Matrix<Scalar>, parts: Int = 1, to sink: inout FileSink
  ) throws(FileError) {
    try sink.write("%%MatrixMarket matrix array \(parts == 1 ? "real" : "complex") general\n")
    try sink.write("\(matrix.rows / parts) \(matrix.columns)\n")
    for j in 0..<matrix.columns {
      for (i, value) in matrix.column(j).enumerated() {
        try sink.write(value.description)
        try sink.write((i + 1) % parts == 0 ? "\n" : " ")
      }
    }
  }
}

/// The number of an entry.
private struct EntryNumber {
  let real: Double
  /// 0 in a matrix of real numbers.
  var imaginary = 0.0

  /// The number at the mirror image of its place.
  func mirrored(_ symmetry: MatrixMarketHeader.Symmetry) -> EntryNumber {
    switch symmetry {
    case .general, .symmetric: self
    case .skewSymmetric: EntryNumber(real: -real, imaginary: -imaginary)
    case .hermitian: EntryNumber(real: real, imaginary: -imaginary)
    }
  }
}

/// Reads the entries of a file, and gives each to the matrix that they make.
private struct EntryReader {
  var scanner: TextScanner
  let header: MatrixMarketHeader
  /// Adds a number at a row and a column.
  let place: (Int, Int, EntryNumber) -> Void

  /// One value a line, column by column, from the diagonal on where the rest follows by symmetry.
  mutating func readArray() throws(FileError) {
    for j in 0..<header.size.columns {
      let first =
        switch header.symmetry {
        case .general: 0
        case .symmetric, .hermitian: j
        case .skewSymmetric: j + 1
        }
      for i in first..<header.size.rows {
        try startEntry()
        try add(try number(), i, j)
      }
    }
  }

  /// A row, a column and a value a line, indices from 1.
  mutating func readCoordinates() throws(FileError) {
    for _ in 0..<header.entries {
      try startEntry()
      let i = try index(upTo: header.size.rows)
      let j = try index(upTo: header.size.columns)
      try add(header.field == .pattern ? EntryNumber(real: 1) : try number(), i, j)
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

  /// One number, or a real and an imaginary part.
  private mutating func number() throws(FileError) -> EntryNumber {
    let real = try scanner.number()
    guard header.field == .complex else { return EntryNumber(real: real) }
    scanner.skipBlanks()
    return EntryNumber(real: real, imaginary: try scanner.number())
  }

  /// Adds an entry and its mirror image, and ends its line.
  private mutating func add(_ number: EntryNumber, _ i: Int, _ j: Int) throws(FileError) {
    let lowest = header.symmetry == .skewSymmetric ? j + 1 : j
    guard header.symmetry == .general || i >= lowest else {
      throw scanner.file.malformed(
        TextPosition(line: scanner.line), expected: "entries of the lower triangle only",
        found: "row \(i + 1), column \(j + 1)")
    }
    guard header.symmetry != .hermitian || i != j || number.imaginary == 0 else {
      throw scanner.file.malformed(
        TextPosition(line: scanner.line, column: scanner.cells),
        expected: "an imaginary part of 0 on the diagonal", found: "\(number.imaginary)")
    }
    place(i, j, number)
    if header.symmetry != .general, i != j { place(j, i, number.mirrored(header.symmetry)) }
    try scanner.endLine()
  }
}

/// The first line of a MatrixMarket file and its line of sizes.
private struct MatrixMarketHeader {
  enum Object: String, CaseIterable { case matrix }
  enum Layout: String, CaseIterable { case array, coordinate }
  enum Field: String {
    case real, double, integer, pattern
    // SciPy's, of arrays without signs.
    case unsignedInteger = "unsigned-integer"
    case complex

    /// Those of entries of so many numbers each.
    static func all(parts: Int) -> [Field] {
      parts == 1 ? [.real, .double, .integer, .pattern, .unsignedInteger] : [.complex]
    }
  }
  enum Symmetry: String {
    case general, symmetric
    case skewSymmetric = "skew-symmetric"
    case hermitian

    /// Those of entries of so many numbers each.
    static func all(parts: Int) -> [Symmetry] {
      [.general, .symmetric, .skewSymmetric] + (parts == 1 ? [] : [.hermitian])
    }
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
  /// - Parameter parts: how many numbers an entry must have: two are a complex one.
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``, also when the rest of the
  ///   file is too short for the entries, or ``FileError/unsupported(path:expected:found:)``.
  init(_ scanner: inout TextScanner, parts: Int) throws(FileError) {
    // The format was recognised by the banner; what may follow it directly is refused as a word.
    let banner = scanner.word()
    guard banner == "%%matrixmarket" else {
      throw scanner.refused("%%MatrixMarket", excerpt(banner.utf8))
    }
    _ = try scanner.keyword(Object.allCases)
    layout = try scanner.keyword(Layout.allCases)
    field = try scanner.keyword(Field.all(parts: parts))
    symmetry = try scanner.keyword(Symmetry.all(parts: parts))
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
    size = try MatrixSize(
      rows: rows, columns: columns, parts: parts, in: scanner.file, at: line)
    guard symmetry == .general || rows == columns else {
      throw scanner.file.malformed(
        line, expected: "a square \(symmetry.rawValue) matrix", found: "\(rows) × \(columns)")
    }
    switch (layout, symmetry) {
    case (.coordinate, _):
      scanner.skipBlanks()
      entries = try scanner.natural()
    case (.array, .general): entries = rows * columns
    // n · (n ± 1) does not overflow where 8 · n · n does not.
    case (.array, .symmetric), (.array, .hermitian): entries = rows * (rows + 1) / 2
    case (.array, .skewSymmetric): entries = rows * (rows - 1) / 2
    }
    try scanner.endLine()

    // "1\n" or "1 1\n", and of complex numbers "1 1\n" or "1 1 1 1\n", where the last newline may be missing.
    let shortest = (layout == .array ? 2 : 4) * parts
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
  fileprivate mutating func keyword<Word: RawRepresentable<String>>(
    _ words: [Word]
  ) throws(FileError) -> Word {
    let word = word()
    guard let known = words.first(where: { $0.rawValue == word }) else {
      throw refused(words.map(\.rawValue).joined(separator: ", "), excerpt(word.utf8))
    }
    return known
  }

  fileprivate func refused(_ expected: String, _ found: String) -> FileError {
    .unsupported(
      path: file.path, expected: "\(expected) in the first line", found: found)
  }
}
