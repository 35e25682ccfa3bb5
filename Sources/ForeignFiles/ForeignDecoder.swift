import Glibc
package import MatrixFiles
import SparseCore

/// Turns a file of a foreign format into one that ``MatrixFile`` reads. Trusts the file.
package struct ForeignDecoder {
  let format: LibraryFormat
  /// The array of an archive, or the variable of a .mat, that is wanted.
  let member: String?
  /// The most bytes to write.
  let limit: Int

  package init(_ format: LibraryFormat, member: String?, limit: Int) {
    self.format = format
    self.member = member
    self.limit = limit
  }

  /// Writes what `file` holds as a .npy, a .npz of stored members, or the text that was compressed.
  ///
  /// - Parameters:
  ///   - systemPath: where the system has the file, for libmatio.
  ///   - target: a descriptor, which stays open.
  /// - Returns: what is to be said of it.
  /// - Throws: ``FileError``.
  package func decode(
    _ file: FileContents, at systemPath: String, into target: CInt
  ) throws(FileError) -> [FileGuess] {
    let path = file.path
    let copy = dup(target)
    guard copy >= 0 else {
      throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
    var output = LimitedOutput(FileSink(descriptor: copy, path: path), path: path, limit: limit)
    defer { withExtendedLifetime(file.owner) {} }
    var guesses: [FileGuess] = []
    switch format {
    case .gzip: try Gzip.decode(file, into: &output)
    case .deflated: try DeflatedArchive.decode(file, member: member, into: &output)
    case .matlab:
      guesses = try MATLABFile.decode(file, at: systemPath, variable: member, into: &output)
    }
    try output.flush()
    return guesses
  }
}

/// A file being written that may not grow beyond a limit.
struct LimitedOutput: ~Copyable {
  private var sink: FileSink
  private let path: String
  private let limit: Int
  /// The bytes written so far.
  private(set) var count = 0

  init(_ sink: consuming FileSink, path: String, limit: Int) {
    self.sink = sink
    self.path = path
    self.limit = limit
  }

  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` where that is too much.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try require(bytes.count)
    try sink.write(bytes)
    count += bytes.count
  }

  /// Writes a matrix as a .npy.
  mutating func write(_ matrix: DenseMatrix) throws(FileError) {
    let size = matrix.precision == .double ? 8 : 4
    try require(matrix.rows * matrix.columns * size)
    try MatrixFile.writeNumPy(matrix, to: &sink)
  }

  /// Writes complex numbers as a .npy.
  ///
  /// - Parameter number: gives real and imaginary parts in turn, of the entries in column-major order.
  mutating func write<Scalar: MatrixScalar>(
    complexRows rows: Int, columns: Int, number: (Int) -> Scalar
  ) throws(FileError) {
    try require(2 * rows * columns * MemoryLayout<Scalar>.stride)
    try MatrixFile.writeNumPy(complexRows: rows, columns: columns, to: &sink, number: number)
  }

  /// Refuses what would grow beyond the limit.
  func require(_ more: Int) throws(FileError) {
    guard more <= limit - count else {
      throw .malformed(
        path: path, position: nil, expected: "at most \(limit) bytes once unpacked", found: "more")
    }
  }

  mutating func flush() throws(FileError) { try sink.flush() }
}
