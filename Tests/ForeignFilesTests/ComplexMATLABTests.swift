import Foundation
import MatrixFiles
import SparseCore
import TestSupport
import Testing

@testable import ForeignFiles

/// Complex matrices in MATLAB's files.
@Suite struct ComplexMATLABTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  private static func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)").path
  }

  private func columns(_ matrix: DenseMatrix) -> [[Double]] {
    (0..<matrix.columns).map { j in (0..<matrix.rows).map { matrix[$0, j] } }
  }

  /// Columns of real and imaginary parts in turn.
  private static let z: [[Double]] = [[1.5, 0.5, 3, 2], [-2, 0, 4.25, -3.5], [0, -1, 1e300, 7]]
  private static let sparse: [[Double]] = [
    [0, 0, 0, 0, -2.5, -5], [5, 10, 0, 0, 0, 0], [0, 0, 0, 0, 1, 2],
  ]

  static let read: [(name: String, columns: [[Double]])] = [
    ("complex4.mat:Z", z), ("complex.mat:Z", z), ("complexone.mat", z), ("complex73.mat:Z", z),
    ("complex.mat:w", z.map { Array($0[..<2]) }), ("complex.mat:f", Array(z[..<2])),
    ("complex73.mat:f", Array(z[..<2])), ("complex.mat:S", sparse), ("complex73.mat:S", sparse),
    ("complex73.mat:i", [[1, 0, 3, 2], [-2, -128, 127, 5]]),
    ("v5.mat:z", [[0, 1.5, 0, 3], [0, -2, 0, 4.25], [0, 0, 0, 1e300]]),
  ]

  @Test(arguments: read) func areRead(name: String, expected: [[Double]]) throws {
    let path = Self.fixture(name)
    let reading = try #require(try ForeignFile.complexReading(path))
    #expect(columns(reading.contents) == expected && reading.path == path)
    #expect(reading.contents.isMapped)
    #expect(reading.guesses == (name.hasSuffix("S") ? [.sparse("MATLAB")] : []))
    #expect(reading.contents.precision == (name.hasSuffix("f") ? .single : .double))
    let error = FileError.unsupported(
      path: path, expected: "real numbers",
      found: "complex numbers (\"<c\(name.hasSuffix("f") ? 8 : 16)\")")
    #expect(throws: error) { try ForeignFile.read(path) }
  }

  @Test func realOnesAreNone() throws {
    for name in ["complex.mat:A", "complex4.mat:A", "one.mat", "sparse.mat", "deflated.npz"] {
      #expect(try ForeignFile.readComplex(Self.fixture(name)) == nil)
    }
  }

  @Test func othersMayBeCompressed() throws {
    let text = "%%MatrixMarket matrix array complex general\n1 2\n1 2\n3 4\n"
    let path = folder("z.mtx.gz")
    try Data(GzipBytes(text.utf8).bytes).write(to: URL(fileURLWithPath: path))
    let reading = try #require(try ForeignFile.complexReading(path))
    #expect(try reading.asComplexVector().contents == [1, 2, 3, 4])
  }

  /// Where the only matrix is wanted, complex ones are matrices too.
  @Test func complexOnesAreCounted() throws {
    let path = Self.fixture("complex.mat")
    let error = FileError.malformed(
      path: path, position: nil,
      expected: "one matrix of numbers, or FILE.mat:NAME with the name of one",
      found:
        "A 2 × 3, Z 2 × 3 (complex), w 1 × 3 (complex), f 2 × 2 (complex), S 3 × 3 (complex sparse)"
    )
    #expect(throws: error) { try ForeignFile.read(path) }
    #expect(throws: error) { try ForeignFile.readComplex(path) }
  }

  /// What a variable takes is known before its numbers are read: both parts of all of them.
  @Test(arguments: [("complex.mat:Z", 96), ("complex.mat:f", 32), ("complex73.mat:S", 144)])
  func limitsCountBothParts(name: String, bytes: Int) throws {
    let source = try MatrixFile.open(Self.fixture(name))
    let format = try #require(LibraryFormat(of: source))
    for limit in [bytes - 1, bytes] {
      let target = folder("\(limit)")
      let descriptor = open(target, O_WRONLY | O_CREAT, 0o600)
      defer { close(descriptor) }
      let decoder = ForeignDecoder(format, member: source.member, limit: limit)
      let decode = {
        try decoder.decode(source.file, at: source.file.path, into: descriptor)
      }
      if limit == bytes {
        _ = try decode()
        #expect(try MatrixFile.readComplex(target) != nil)
      } else {
        #expect(
          throws: FileError.malformed(
            path: source.file.path, position: nil,
            expected: "at most \(limit) bytes once unpacked", found: "more")
        ) { try decode() }
      }
    }
  }

  @Test(arguments: ["complex4.mat:Z", "complexone.mat", "complex.mat:Z", "complex73.mat:Z"])
  func whatIsNotWholeIsRefused(name: String) throws {
    let (file, member) = MatrixFile.parts(of: Self.fixture(name))
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    for count in stride(from: 25, to: whole.count - 7, by: 11) {
      try whole.prefix(count).write(to: URL(fileURLWithPath: folder("cut.mat")))
      let path = folder("cut.mat") + (member.map { ":\($0)" } ?? "")
      // The end of an element is where a shorter file may end.
      guard let read = try? ForeignFile.readComplex(path) else { continue }
      #expect(name != "complexone.mat" && columns(read) == Self.z, "\(count)")
    }
  }

  /// A flag of complex numbers over a variable without imaginary parts.
  @Test func imaginaryPartsAreThere() throws {
    let (vector, flags) = ([1.0, 2, 3, 4], 128 + 8 + 9)
    try MatrixFile.write(vector, to: folder("x.mat"))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder("x.mat")))
    #expect(try ForeignFile.read(folder("x.mat")).vector == vector && bytes[flags] == 0)
    bytes[flags] = 8
    try bytes.write(to: URL(fileURLWithPath: folder("x.mat")))
    let error = FileError.malformed(
      path: folder("x.mat"), position: nil, expected: "a whole variable at byte 128",
      found: "one that is damaged or cut off")
    #expect(throws: error) { try ForeignFile.readComplex(folder("x.mat")) }
  }

  /// Imaginary parts of a sparse matrix are as many as the real ones, and are there.
  @Test func sparsePartsAreAsMany() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: Self.fixture("complex.mat")))
    // The last element of the file: a type, a length of three doubles and these.
    let tag = whole.count - 32
    #expect(whole[tag] == 9 && whole[tag + 4] == 24)
    var shorter = whole
    shorter[tag + 4] = 16
    var smaller = whole
    smaller[tag] = 7
    for bytes in [shorter, smaller] {
      try bytes.write(to: URL(fileURLWithPath: folder("s.mat")))
      #expect(throws: FileError.self) { try ForeignFile.readComplex(folder("s.mat") + ":S") }
    }
  }

  // MARK: Written here

  static let written: [[[Double]]] = [
    [[1, -2, 0.1, 1e-5, 3, 4]], [[3, 4]], [[1.5, 2, 3, 4], [5, -6, 7, 8], [0, 0, 1e300, -1]],
  ]

  @Test(arguments: written) func writtenVectorsComeBack(vectors: [[Double]]) throws {
    try MatrixFile.write(complexColumns: vectors, to: folder("c_1.mat"))
    let matrix = try #require(try ForeignFile.readComplex(folder("c_1.mat") + ":c_1"))
    #expect(columns(matrix) == vectors && matrix.isMapped)
    #expect(throws: FileError.self) { try ForeignFile.read(folder("c_1.mat")) }
  }
}
