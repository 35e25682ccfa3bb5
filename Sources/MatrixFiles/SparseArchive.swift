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
  }

  /// The matrix in dense form; entries that meet are summed.
  ///
  /// Memory: the matrix, at most what is available. Beyond 2²⁵ numbers one entry at least is there for every 100 000.
  ///
  /// - Throws: ``FileError``.
  func matrix() throws(FileError) -> Matrix<Double> {
    let shape = try numbers("shape")
    guard shape.count == 2 else {
      throw archive.file.malformed(
        expected: "a shape of 2 numbers", found: "\(shape.count)")
    }
    let size = try MatrixSize(
      rows: try index(shape, 0, upTo: .max, "shape"),
      columns: try index(shape, 1, upTo: .max, "shape"), in: archive.file)
    let values = try numbers("data")
    try size.checkDensity(entries: values.count, of: archive.file)
    return try size.matrix(for: archive.file) { (target) throws(FileError) in
      target.initialize(repeating: 0)
      switch format {
      case .coo:
        let (rows, columns) = (try numbers("row"), try numbers("col"))
        try check(rows.count, "row", values.count)
        try check(columns.count, "col", values.count)
        for p in 0..<values.count {
          let i = try index(rows, p, upTo: size.rows - 1, "row")
          let j = try index(columns, p, upTo: size.columns - 1, "col")
          target[i + j * size.rows] += values[p]
        }
      case .csr:
        try addLines(size.rows, across: size.columns, values) { i, j, value in
          target[i + j * size.rows] += value
        }
      case .csc:
        try addLines(size.columns, across: size.rows, values) { j, i, value in
          target[i + j * size.rows] += value
        }
      }
    }
  }

  /// Gives the entries of all rows, or of all columns, one after another.
  private func addLines(
    _ count: Int, across width: Int, _ values: NumPyNumbers,
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
    guard let member = Self.member(name, of: archive) else {
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
