import SparseCore

/// A sparse matrix as `scipy.sparse.save_npz` writes it: a .npz with its format, its shape, the entries and where they
/// are. Source: SciPy, scipy/sparse/_matrix_io.py.
struct SparseArchive {
  /// How the places of entries are written.
  enum Format: String {
    /// By rows: columns of entries, and where each row begins.
    case csr
    /// By columns.
    case csc
    /// A row and a column for each.
    case coo
  }

  let format: Format
  private let archive: ZipArchive
  private let size: MatrixSize
  private let values: NumPyNumbers

  /// - Returns: nil where an archive holds no such matrix.
  /// - Throws: ``FileError/unsupported(path:expected:found:)`` for other formats.
  init?(_ archive: ZipArchive) throws(FileError) {
    guard let format = Self.member("format", of: archive),
      Self.member("shape", of: archive) != nil, Self.member("data", of: archive) != nil
    else { return nil }
    let name = try NumPyHeader.text(of: try NumPyArchive.array(format, of: archive))
    guard let format = Format(rawValue: name) else {
      throw .unsupported(
        path: archive.file.path, expected: "a sparse matrix in format csr, csc or coo",
        found: "\(excerpt(name.utf8)) (save A.tocsr())")
    }
    self.archive = archive
    self.format = format
    let shape = try Self.numbers("shape", of: archive)
    guard shape.count == 2 else {
      throw archive.file.malformed(
        expected: "a shape of 2 numbers", found: "\(shape.count)")
    }
    size = try MatrixSize(
      rows: try Self.index(shape, 0, upTo: .max, "shape", of: archive),
      columns: try Self.index(shape, 1, upTo: .max, "shape", of: archive), in: archive.file)
    values = try Self.numbers("data", of: archive)
  }

  /// The matrix in dense form; entries that meet are summed.
  ///
  /// Memory: the matrix, at most what is available. Beyond 2²⁵ numbers one entry at least is there for every 100 000.
  ///
  /// - Throws: ``FileError``.
  func matrix() throws(FileError) -> Matrix<Double> {
    try size.checkDensity(entries: values.count, of: archive.file)
    return try size.matrix(for: archive.file) { (target) throws(FileError) in
      target.initialize(repeating: 0)
      try forEachEntry { target[$0 + $1 * size.rows] += $2 }
    }
  }

  /// The matrix as it is, where few of its numbers are not zero; nil for others.
  ///
  /// - Throws: ``FileError``.
  func sparseMatrix() throws(FileError) -> SparseMatrix? {
    guard size.isSparse(entries: values.count) else { return nil }
    var entries = try SparseEntries(size, count: values.count, of: archive.file)
    try forEachEntry { entries.add($2, row: $0, column: $1) }
    return try entries.matrix()
  }

  /// Gives the row, the column and the number of every entry.
  private func forEachEntry(
    _ add: (_ row: Int, _ column: Int, Double) -> Void
  ) throws(FileError) {
    switch format {
    case .coo:
      let (rows, columns) = (try numbers("row"), try numbers("col"))
      try check(rows.count, "row", values.count)
      try check(columns.count, "col", values.count)
      for p in 0..<values.count {
        add(
          try index(rows, p, upTo: size.rows - 1, "row"),
          try index(columns, p, upTo: size.columns - 1, "col"), values[p])
      }
    case .csr: try addLines(size.rows, across: size.columns) { add($0, $1, $2) }
    case .csc: try addLines(size.columns, across: size.rows) { add($1, $0, $2) }
    }
  }

  /// Gives the entries of all rows, or of all columns, one after another.
  private func addLines(
    _ count: Int, across width: Int,
    add: (_ line: Int, _ place: Int, Double) -> Void
  ) throws(FileError) {
    let (starts, places) = (try numbers("indptr"), try numbers("indices"))
    try check(places.count, "indices", values.count)
    try check(starts.count, "indptr", count + 1)
    var start = try index(starts, 0, upTo: values.count, "indptr")
    for line in 0..<count {
      let end = try index(starts, line + 1, upTo: values.count, "indptr")
      guard start <= end else {
        throw archive.file.malformed(
          expected: "indptr in ascending order", found: "\(start) before \(end)")
      }
      for p in start..<end {
        add(line, try index(places, p, upTo: width - 1, "indices"), values[p])
      }
      start = end
    }
  }

  private func numbers(_ name: String) throws(FileError) -> NumPyNumbers {
    try Self.numbers(name, of: archive)
  }

  private static func numbers(
    _ name: String, of archive: ZipArchive
  ) throws(FileError) -> NumPyNumbers {
    guard let member = member(name, of: archive) else {
      throw archive.file.malformed(expected: "an array \(name) of a sparse matrix", found: "none")
    }
    return try NumPyNumbers(try NumPyArchive.array(member, of: archive))
  }

  private func check(_ count: Int, _ name: String, _ expected: Int) throws(FileError) {
    guard count == expected else {
      throw archive.file.malformed(expected: "\(expected) numbers in \(name)", found: "\(count)")
    }
  }

  /// Entry `p` of an array of indices from 0.
  private func index(
    _ numbers: NumPyNumbers, _ p: Int, upTo limit: Int, _ name: String
  ) throws(FileError) -> Int {
    try Self.index(numbers, p, upTo: limit, name, of: archive)
  }

  private static func index(
    _ numbers: NumPyNumbers, _ p: Int, upTo limit: Int, _ name: String, of archive: ZipArchive
  ) throws(FileError) -> Int {
    let number = numbers[p]
    guard let index = Int(exactly: number), 0...limit ~= index else {
      throw archive.file.malformed(
        expected: "numbers from 0 to \(limit) in \(name)", found: "\(number)")
    }
    return index
  }

  /// The array of this name, where there is exactly one.
  private static func member(_ name: String, of archive: ZipArchive) -> ZipArchive.Member? {
    let matches = archive.arrays(called: name)
    return matches.dropFirst().isEmpty ? matches.first : nil
  }
}
