import Glibc
import MatrixFiles
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@Suite struct WriteTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  @Test(arguments: awkwardShapes, ["a.npy", "a.NPY"])
  func binaryMatricesSurvive(shape: (rows: Int, columns: Int), name: String) throws {
    let (double, single) = try matrices(shape)
    for matrix in [DenseMatrix.double(double), .single(single)] {
      try MatrixFile.write(matrix, to: folder(name))
      let read = try MatrixFile.read(folder(name))
      #expect(read.isMapped)
      #expect(read.precision == matrix.precision)
      #expect(areEqual(read, matrix) { $0 })
    }
    #expect(folder.files == [name])
  }

  @Test(arguments: awkwardShapes.filter { $0.rows < 100 }, ["a.csv", "a.TSV", "a.mtx"])
  func textMatricesSurvive(shape: (rows: Int, columns: Int), name: String) throws {
    let (double, single) = try matrices(shape)
    try MatrixFile.write(.double(double), to: folder(name))
    #expect(areEqual(try MatrixFile.read(folder(name)), .double(double)) { $0 })
    // Digits that are the shortest for a Float need not name the same Double.
    try MatrixFile.write(.single(single), to: folder(name))
    #expect(areEqual(try MatrixFile.read(folder(name)), .single(single)) { Double(Float($0)) })
    #expect(folder.files == [name])
  }

  @Test(arguments: ["v.npy", "v.csv", "v.tsv", "v.mtx"])
  func vectorsSurvive(name: String) throws {
    let vector = [
      0, -0.0, 0.1, 1 / 3, 1e16, -1e-300, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
      .infinity, -.infinity, 123456789012345680,
    ]
    try MatrixFile.write(vector, to: folder(name))
    #expect(try MatrixFile.readVector(folder(name)) == vector)
  }

  @Test func writesNumPyHeaders() throws {
    try MatrixFile.write([1, 2], to: folder("v.npy"))
    let vector = NumPyBytes(shape: "(2,)", data: encoded(doubles: [1, 2])).bytes
    #expect(try folder.contents("v.npy") == vector)
    let matrix = try Matrix(rows: 2, columns: 3, columnMajor: [1, 2, 3, 4, 5, 6] as [Double])
    try MatrixFile.write(.double(matrix), to: folder("a.npy"))
    let expected = NumPyBytes(order: "True", data: encoded(doubles: [1, 2, 3, 4, 5, 6])).bytes
    #expect(try folder.contents("a.npy") == expected)
  }

  @Test(arguments: [
    ("a.csv", "1.0,0.1\n-2.0,1e-05\n"), ("a.tsv", "1.0\t0.1\n-2.0\t1e-05\n"),
    ("a.mtx", "%%MatrixMarket matrix array real general\n2 2\n1.0\n-2.0\n0.1\n1e-05\n"),
  ])
  func writesText(name: String, text: String) throws {
    let matrix = try Matrix(rows: 2, columns: 2, columnMajor: [1, -2, 0.1, 1e-5] as [Double])
    try MatrixFile.write(.double(matrix), to: folder(name))
    #expect(String(decoding: try folder.contents(name), as: UTF8.self) == text)
  }

  @Test(arguments: ["x.npz", "x.txt", "x", "x.csv.gz", "npy", "folder.npy/x"])
  func refusesOtherEndings(name: String) throws {
    let error = FileError.cannotWrite(
      path: folder(name), reason: "expected a name that ends in .npy, .csv, .tsv, .mtx or .mat")
    #expect(throws: error) { try MatrixFile.write([1], to: folder(name)) }
    #expect(throws: error) {
      try MatrixFile.write(.double(Matrix(rows: 1, columns: 1, columnMajor: [1])), to: folder(name))
    }
    #expect(folder.files.isEmpty)
  }

  /// What cannot be replaced may have any name, and gets a .npy.
  @Test func writesToDevicesAndPipes() throws {
    try MatrixFile.write([1, 2], to: "/dev/null")
    #expect(mkfifo(folder("pipe"), 0o600) == 0)
    let reader = open(folder("pipe"), O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try MatrixFile.write([1, 2], to: folder("pipe"))
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(reader, &bytes, bytes.count)
    #expect(
      Array(bytes.prefix(count))
        == NumPyBytes(shape: "(2,)", data: encoded(doubles: [1, 2])).bytes)
  }

  @Test func refusesAnEmptyVector() {
    let error = FileError.cannotWrite(path: folder("v.npy"), reason: "the matrix is empty: 0 × 1")
    #expect(throws: error) { try MatrixFile.write([], to: folder("v.npy")) }
  }

  /// Two matrices whose columns do not touch.
  private func matrices(
    _ shape: (rows: Int, columns: Int)
  ) throws -> (Matrix<Double>, Matrix<Float>) {
    var generator = SeededGenerator(seed: 11)
    return (
      try generator.matrix(shape.rows, shape.columns, padding: 3),
      try generator.matrix(shape.rows, shape.columns, padding: 3, of: Float.self)
    )
  }

  private func areEqual(
    _ read: DenseMatrix, _ written: DenseMatrix, rounding: (Double) -> Double
  ) -> Bool {
    read.rows == written.rows && read.columns == written.columns
      && (0..<read.columns).allSatisfy { j in
        (0..<read.rows).allSatisfy { rounding(read[$0, j]) == written[$0, j] }
      }
  }
}
