import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Complex vectors that are written, and read again.
@Suite struct ComplexWriteTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  static let one: [[Double]] = [[1, -2, 0.1, 1e-5, .infinity, -0.0]]
  static let several: [[Double]] = [[1.5, 2, 3, 4], [5, -6, 7, 1 / 3], [0, 0, 1e300, -1]]

  /// The columns of a matrix of real and imaginary parts.
  private func columns(_ matrix: DenseMatrix) -> [[Double]] {
    (0..<matrix.columns).map { j in (0..<matrix.rows).map { matrix[$0, j] } }
  }

  @Test(arguments: [one, several, [[3, 4]], [[1, 2], [3, 4]]], ["a.npy", "a.MTX"])
  func vectorsSurvive(vectors: [[Double]], name: String) throws {
    try MatrixFile.write(complexColumns: vectors, to: folder(name))
    let reading = try #require(try MatrixFile.complexReading(MatrixFile.open(folder(name))))
    #expect(columns(reading.contents) == vectors && reading.guesses.isEmpty)
    #expect(reading.contents.isMapped == (name == "a.npy"))
    #expect(folder.files == [name])
    if vectors.count == 1 { #expect(try reading.asComplexVector().contents == vectors[0]) }
    #expect(throws: FileError.self) { try MatrixFile.read(folder(name)) }
  }

  /// Tables have columns of real and of imaginary parts, whose names are told from numbers.
  @Test(arguments: [one, several], ["a.csv", "a.tsv"])
  func tablesSurvive(vectors: [[Double]], name: String) throws {
    try MatrixFile.write(complexColumns: vectors, to: folder(name))
    let reading = try MatrixFile.reading(folder(name))
    let names =
      vectors.count == 1
      ? ["real", "imaginary"] : (0..<3).flatMap { ["real\($0)", "imaginary\($0)"] }
    #expect(reading.columnNames == names && reading.guesses == [.namesSkipped])
    let expected = vectors.flatMap { vector in
      [0, 1].map { part in stride(from: part, to: vector.count, by: 2).map { vector[$0] } }
    }
    #expect(columns(reading.contents) == expected)
    #expect(try MatrixFile.readComplex(folder(name)) == nil)
  }

  @Test(arguments: [
    ("a.csv", "real0,imaginary0,real1,imaginary1\n1.0,0.1,3.0,4.0\n-2.0,1e-05,5.0,6.0\n"),
    (
      "a.mtx",
      "%%MatrixMarket matrix array complex general\n2 2\n1.0 0.1\n-2.0 1e-05\n3.0 4.0\n5.0 6.0\n"
    ),
  ])
  func writesText(name: String, text: String) throws {
    try MatrixFile.write(complexColumns: [[1, 0.1, -2, 1e-5], [3, 4, 5, 6]], to: folder(name))
    #expect(String(decoding: try folder.contents(name), as: UTF8.self) == text)
  }

  @Test func writesNumPyHeaders() throws {
    try MatrixFile.write(complexColumns: [[1, 2, 3, 4]], to: folder("v.npy"))
    let vector = NumPyBytes(code: "<c16", shape: "(2,)", data: encoded(doubles: [1, 2, 3, 4]))
    #expect(try folder.contents("v.npy") == vector.bytes)
    try MatrixFile.write(complexColumns: [[1, 2], [3, 4]], to: folder("a.npy"))
    let matrix = NumPyBytes(
      code: "<c16", order: "True", shape: "(1, 2)", data: encoded(doubles: [1, 2, 3, 4]))
    #expect(try folder.contents("a.npy") == matrix.bytes)
  }

  @Test func archivesHoldThem() throws {
    var archive = StoredArchive()
    archive.append("one", complexColumns: Self.one)
    archive.append("several", complexColumns: Self.several)
    archive.append("real", columns: [[1, 2]])
    try archive.write(to: folder("a.npz"))
    let one = try #require(try MatrixFile.readComplex(folder("a.npz:one")))
    let several = try #require(try MatrixFile.readComplex(folder("a.npz:several")))
    #expect(columns(one) == Self.one && columns(several) == Self.several)
    #expect(try MatrixFile.readVector(folder("a.npz:real")) == [1, 2])
  }

  static let refused: [(columns: [[Double]], reason: String)] = [
    ([], "the matrix is empty: 0 × 0"), ([[]], "the matrix is empty: 0 × 1"),
    ([[1, 2, 3]], "3 real and imaginary parts are no complex numbers"),
    ([[1, 2], [1, 2, 3, 4], []], "its columns have 2 and 4 numbers"),
  ]

  @Test(arguments: refused) func refusesWhatAreNone(columns: [[Double]], reason: String) {
    let error = FileError.cannotWrite(path: folder("v.npy"), reason: reason)
    #expect(throws: error) {
      try MatrixFile.write(complexColumns: columns, to: folder("v.npy"))
    }
    #expect(folder.files.isEmpty)
  }

  @Test func refusesOtherEndingsAndFilesThatExist() throws {
    #expect(throws: FileError.self) {
      try MatrixFile.write(complexColumns: Self.one, to: folder("x.npz"))
    }
    try MatrixFile.write(complexColumns: Self.one, to: folder("x.npy"))
    #expect(throws: FileError.self) {
      try MatrixFile.write(complexColumns: Self.one, to: folder("x.npy"), replacing: false)
    }
    #expect(folder.files == ["x.npy"])
  }

  /// Real vectors of different lengths, as many numbers together as those of one length.
  @Test func columnsAreOfOneLength() {
    let error = FileError.cannotWrite(
      path: folder("v.npy"), reason: "its columns have 2 and 1 numbers")
    #expect(throws: error) {
      try MatrixFile.write(columns: [[1, 2], [1], [1, 2, 3]], to: folder("v.npy"))
    }
  }
}
