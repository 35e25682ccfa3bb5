import SparseCore

/// The MatrixMarket exchange format: text, one entry a line.
enum MatrixMarketFile {
  /// Reads a matrix into dense form. Entries of a coordinate file that meet are summed; those of a
  /// pattern are ones.
  static func read(_ file: FileContents) throws(FileError) -> Matrix<Double> {
    file.willReadSequentially()
    var scanner = TextScanner(file, range: 0..<file.bytes.count)
    let header = try MatrixMarketHeader(&scanner)
    return try header.size.matrix(for: file) { (target) throws(FileError) in
      target.initialize(repeating: 0)
      var reader = EntryReader(scanner: scanner, header: header, target: target)
      switch header.layout {
      case .array: try reader.readArray()
      case .coordinate: try reader.readCoordinates()
      }
      try reader.finish()
    }
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

/// Reads the entries of a file into a dense matrix of zeros.
private struct EntryReader {
  var scanner: TextScanner
  let header: MatrixMarketHeader
  let target: UnsafeMutableBufferPointer<Double>

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
    let rows = header.size.rows
    let lowest = header.symmetry == .skewSymmetric ? j + 1 : j
    guard header.symmetry == .general || i >= lowest else {
      throw scanner.file.malformed(
        TextPosition(line: scanner.line), expected: "entries of the lower triangle only",
        found: "row \(i + 1), column \(j + 1)")
    }
    target[i + j * rows] += value
    if header.symmetry != .general, i != j {
      target[j + i * rows] += header.symmetry == .symmetric ? value : -value
    }
    try scanner.endLine()
  }
}
