import SparseCore

/// The entries of a sparse matrix as a file gives them, in any order.
struct SparseEntries {
  private let size: MatrixSize
  private let file: FileContents
  private var rows: [Int] = []
  private var columns: [Int] = []
  private var values: [Double] = []

  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` where the entries, and what their order takes, are more
  ///   than `file` allows: 48 bytes an entry, 24 for each row and column.
  init(_ size: MatrixSize, count: Int, of file: FileContents) throws(FileError) {
    (self.size, self.file) = (size, file)
    let lines = size.rows.addingReportingOverflow(size.columns)
    guard !lines.overflow, count <= file.memoryLimit / 96,
      lines.partialValue <= file.memoryLimit / 48
    else {
      throw file.malformed(
        expected: "a sparse matrix that fits into \(file.memoryLimit) bytes of memory",
        found: "\(count) entries of \(size.rows) × \(size.columns)")
    }
    rows.reserveCapacity(count)
    columns.reserveCapacity(count)
    values.reserveCapacity(count)
  }

  /// Takes an entry in.
  mutating func add(_ value: Double, row: Int, column: Int) {
    rows.append(row)
    columns.append(column)
    values.append(value)
  }

  /// The matrix of all that was taken in; entries that meet are summed.
  func matrix() throws(FileError) -> SparseMatrix {
    try file.blamed { () throws(RecoveryError) in
      try SparseMatrix(
        rows: size.rows, columns: size.columns, entryRows: rows, entryColumns: columns,
        values: values)
    }
  }
}
