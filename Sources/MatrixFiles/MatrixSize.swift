import SparseCore

/// The shape that a file claims to have, checked before anything is allocated for it.
struct MatrixSize {
  let rows: Int
  let columns: Int
  /// How many numbers an entry is: two of a complex matrix, the real and the imaginary part, else one.
  let parts: Int
  /// The numbers, parts · rows · columns, which does not overflow, nor does eight times as much.
  let count: Int

  /// The rows of numbers: those of a complex matrix come in pairs, the real parts before the imaginary ones.
  var numberRows: Int { parts * rows }

  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` for an empty shape, or one
  ///   beyond what can be addressed.
  init(
    rows: Int, columns: Int, parts: Int = 1, in file: FileContents,
    at position: TextPosition? = nil
  ) throws(FileError) {
    guard rows > 0, columns > 0 else {
      throw file.malformed(
        position, expected: "at least one row and one column", found: "\(rows) × \(columns)")
    }
    let (entries, overflow) = rows.multipliedReportingOverflow(by: columns)
    let (count, overflow2) = entries.multipliedReportingOverflow(by: parts)
    guard !overflow, !overflow2, count <= Int.max / MemoryLayout<Double>.stride else {
      throw file.malformed(
        position, expected: "a matrix that memory can address", found: "\(rows) × \(columns)")
    }
    self.rows = rows
    self.columns = columns
    self.parts = parts
    self.count = count
  }

  /// A sparse file has at least one entry in so many numbers of the dense matrix, or the matrix has no more than 2²⁵
  /// numbers: a few bytes that name a size cannot claim all memory of the machine.
  private static let sparsest = (numbersPerEntry: 100_000, free: 1 << 25)

  /// Refuses a sparse matrix with hardly an entry.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``.
  func checkDensity(
    entries: Int, of file: FileContents, at position: TextPosition? = nil
  ) throws(FileError) {
    guard count <= Self.sparsest.free || count / Self.sparsest.numbersPerEntry <= entries else {
      throw file.malformed(
        position, expected: "an entry for every \(Self.sparsest.numbersPerEntry) numbers or fewer",
        found: "\(entries) for \(rows) × \(columns)")
    }
  }

  /// Whether so many entries are few enough for a sparse matrix: a nonzero costs a pass with many residuals some 80
  /// times what a number of a dense matrix does (one core of an EPYC).
  func isSparse(entries: Int) -> Bool { entries <= count / 100 }

  /// Allocates a matrix of this size and lets `fill` write its numbers in column-major order.
  ///
  /// - Throws: what `fill` and ``checkMemory(elementSize:of:)`` throw.
  func matrix(
    for file: FileContents, fill: (UnsafeMutableBufferPointer<Double>) throws(FileError) -> Void
  ) throws(FileError) -> Matrix<Double> {
    try checkMemory(elementSize: MemoryLayout<Double>.stride, of: file)
    let storage = try file.blamed { () throws(RecoveryError) in
      try OwnedBytes(count: count * MemoryLayout<Double>.stride)
    }
    try fill(storage.region.bindMemory(to: Double.self))
    return try file.blamed { () throws(RecoveryError) in
      try Matrix(rows: numberRows, columns: columns, storage: storage)
    }
  }

  /// Refuses a matrix of its own memory that is larger than `file` allows.
  ///
  /// - Parameter elementSize: what a number takes, in bytes.
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``.
  func checkMemory(elementSize: Int, of file: FileContents) throws(FileError) {
    guard count <= file.memoryLimit / elementSize else {
      throw file.malformed(
        expected: "a matrix that fits into \(file.memoryLimit) bytes of memory",
        found:
          "\(rows) × \(columns) \(parts == 1 ? "" : "complex ")numbers of \(parts * elementSize) bytes"
      )
    }
  }
}

extension FileContents {
  /// Makes a matrix, or memory for one, from this file, so that an error names the file.
  func blamed<Product>(
    _ make: () throws(RecoveryError) -> Product
  ) throws(FileError) -> Product {
    do throws(RecoveryError) {
      return try make()
    } catch {
      throw malformed(expected: "a matrix", found: error.description)
    }
  }
}
