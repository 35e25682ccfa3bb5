import MatrixFiles
import SparseCore
import SparseRecoveryTesting
import TestSupport
import Testing

/// Complex numbers in .npy files and archives.
@Suite struct ComplexReadTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  /// The rows of real and imaginary parts, as a complex matrix has them.
  private func rows(_ matrix: DenseMatrix) -> [[Double]] {
    (0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } }
  }

  static let types: [(code: String, isSwapped: Bool)] = [
    ("<c8", false), (">c8", true), ("=c8", false), ("<c16", false), (">c16", true),
    ("|c16", false), ("c16", false),
  ]

  /// 2 × 3 numbers 1 + 2i, 3 + 4i, … by rows.
  @Test(arguments: types, [1, 2, 3] as [UInt8])
  func readsBothPrecisionsAndOrders(type: (code: String, isSwapped: Bool), version: UInt8) throws {
    let isSingle = type.code.hasSuffix("c8")
    func data(_ numbers: [Double]) -> [UInt8] {
      isSingle
        ? encoded(numbers.map { Float($0).bitPattern }, isBigEndian: type.isSwapped)
        : encoded(doubles: numbers, isBigEndian: type.isSwapped)
    }
    var file = NumPyBytes(version: version, code: type.code, data: data((1...12).map(Double.init)))
    let byRows = try #require(try MatrixFile.readComplex(try folder.file("c.npy", file.bytes)))
    file.order = "True"
    file.data = data([1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12])
    let byColumns = try #require(try MatrixFile.readComplex(try folder.file("f.npy", file.bytes)))
    for matrix in [byRows, byColumns] {
      #expect(rows(matrix) == [[1, 3, 5], [2, 4, 6], [7, 9, 11], [8, 10, 12]])
      #expect(matrix.precision == (isSingle ? .single : .double))
    }
    #expect(byColumns.isMapped == !type.isSwapped && !byRows.isMapped)
  }

  @Test(arguments: awkwardShapes)
  func bothOrdersAreTheSameMatrix(shape: (rows: Int, columns: Int)) throws {
    let (m, n) = shape
    let parts = (0..<2 * m * n).map { Double($0) * 0.5 - 7 }
    var file = NumPyBytes(code: "<c16", shape: "(\(m), \(n))", data: encoded(doubles: parts))
    let byRows = try #require(try MatrixFile.readComplex(try folder.file("c.npy", file.bytes)))
    file.order = "True"
    file.data = encoded(
      doubles: (0..<2 * m * n).map { (p: Int) -> Double in
        let entry = p / 2
        return parts[2 * (entry % m * n + entry / m) + p % 2]
      })
    let byColumns = try #require(try MatrixFile.readComplex(try folder.file("f.npy", file.bytes)))
    #expect(byColumns.isMapped && byRows.isMapped == (m == 1 || n == 1))
    #expect(byRows.rows == 2 * m && byRows.columns == n)
    let isEqual = (0..<2 * m).allSatisfy { i in
      (0..<n).allSatisfy { (j: Int) -> Bool in
        byRows[i, j] == parts[2 * (i / 2 * n + j) + i % 2] && byColumns[i, j] == byRows[i, j]
      }
    }
    #expect(isEqual)
  }

  @Test(arguments: ["(3,)", "(3, 1)", "(1, 3)"], ["True", "False"])
  func readsVectors(shape: String, order: String) throws {
    let file = NumPyBytes(
      code: "<c16", order: order, shape: shape, data: encoded(doubles: [1, -1, 2, -2, 3, -3]))
    let path = try folder.file("v.npy", file.bytes)
    let reading = try #require(try MatrixFile.complexReading(MatrixFile.open(path)))
    let isRow = shape == "(1, 3)"
    #expect(reading.contents.isMapped && reading.contents.rows == (isRow ? 2 : 6))
    let vector = try reading.asComplexVector()
    #expect(vector.contents == [1, -1, 2, -2, 3, -3])
    #expect(vector.guesses == (isRow ? [.row(columns: 3)] : []))
  }

  @Test func otherShapesAreNoVectors() throws {
    let file = NumPyBytes(code: "<c16", data: encoded(doubles: (0..<12).map(Double.init)))
    let path = try folder.file("a.npy", file.bytes)
    let reading = try #require(try MatrixFile.complexReading(MatrixFile.open(path)))
    let refusal = Refusal(
      expected: "a vector: one row or one column", found: "2 × 3 complex numbers")
    #expect(throws: refusal.error(path)) { try reading.asComplexVector() }
    let odd = try folder.file("odd.csv", "1\n2\n3\n")
    #expect(throws: FileError.self) { try MatrixFile.reading(odd).asComplexVector() }
  }

  @Test(arguments: [61, 8, 16]) func copiesWhatIsMisaligned(alignment: Int) throws {
    let file = NumPyBytes(
      code: "<c16", order: "True", shape: "(2, 1)", alignment: alignment,
      data: encoded(doubles: [1, 2, 3, 4]))
    let matrix = try #require(
      try MatrixFile.readComplex(try folder.file("a.npy", file.bytes)))
    #expect(matrix.isMapped == (alignment != 61) && rows(matrix) == [[1], [2], [3], [4]])
  }

  /// What holds no complex number is read elsewhere, as text tables are.
  @Test func realNumbersAreNone() throws {
    let array = NumPyBytes(data: encoded(doubles: [1, 2, 3, 4, 5, 6])).bytes
    let files = [
      try folder.file("a.npy", array),
      try folder.file(
        "a.npz", ZipBytes(members: [ZipBytes.Member(name: "a.npy", data: array)]).bytes),
      try folder.file("a.csv", "1,2\n3,4\n"),
      try folder.file("a.mtx", "%%MatrixMarket matrix array real general\n1 1\n2\n"),
    ]
    for path in files { #expect(try MatrixFile.readComplex(path) == nil) }
  }

  @Test func sizesAreCompared() throws {
    let data = encoded(doubles: [1, 2, 3, 4, 5, 6])
    let faults: [(code: String, shape: String, expected: String, found: String)] = [
      ("<c16", "(2, 3)", "96 bytes of data for shape 2 × 3", "48"),
      ("<c8", "(2, 2)", "32 bytes of data for shape 2 × 2", "48"),
      ("<c16", "(0,)", "at least one row and one column", "0 × 1"),
      ("<c16", "(1, 2, 3)", "an array of 1 or 2 dimensions", "3 dimensions"),
      // Real numbers of this shape could be addressed.
      (
        "<c8", "(1073741824, 536870912)", "a matrix that memory can address",
        "1073741824 × 536870912"
      ),
      ("<c8", "(\(Int.max), 1)", "a matrix that memory can address", "\(Int.max) × 1"),
    ]
    for (code, shape, expected, found) in faults {
      let bytes = NumPyBytes(code: code, shape: shape, data: data).bytes
      let path = try folder.file("a.npy", bytes)
      #expect(throws: Refusal(expected: expected, found: found).error(path)) {
        try MatrixFile.readComplex(path)
      }
    }
    let whole = NumPyBytes(code: "<c16", shape: "(3,)", data: data).bytes
    for count in 8..<whole.count {
      let path = try folder.file("cut.npy", whole.prefix(count))
      #expect(throws: FileError.self) { try MatrixFile.readComplex(path) }
    }
  }

  @Test func whatIsTransposedFitsIntoMemory() throws {
    let file = NumPyBytes(code: "<c16", data: encoded(doubles: (0..<12).map(Double.init)))
    for limit in [95, 96] {
      try file.bytes.withUnsafeBytes { bytes in
        let contents = try FileContents(path: "a", bytes: bytes, memoryLimit: limit)
        let refusal = Refusal(
          expected: "a matrix that fits into 95 bytes of memory",
          found: "2 × 3 complex numbers of 16 bytes")
        if limit == 95 {
          #expect(throws: refusal.error("a")) { try MatrixFile.complexReading((contents, nil)) }
        } else {
          #expect(try MatrixFile.complexReading((contents, nil))?.contents.rows == 4)
        }
      }
    }
  }

  // MARK: Archives

  private func archive(_ arrays: [(name: String, bytes: [UInt8])]) throws -> String {
    let members = arrays.map { ZipBytes.Member(name: $0.name + ".npy", data: $0.bytes) }
    return try folder.file("a.npz", ZipBytes(members: members).bytes)
  }

  @Test func readsArraysOfArchives() throws {
    let real = NumPyBytes(shape: "(1,)", data: encoded(doubles: [1])).bytes
    let complex = NumPyBytes(code: "<c16", shape: "(1,)", data: encoded(doubles: [3, 4])).bytes
    let path = try archive([("x", real), ("z", complex)])
    let reading = try #require(try MatrixFile.complexReading(MatrixFile.open(path + ":z")))
    #expect(rows(reading.contents) == [[3], [4]] && reading.path == path + ":z")
    #expect(try MatrixFile.readComplex(path + ":x") == nil)
    #expect(throws: FileError.self) { try MatrixFile.read(path + ":z") }
    #expect(throws: FileError.self) { try MatrixFile.readComplex(path) }
    #expect(throws: FileError.self) { try MatrixFile.readComplex(path + ":none") }
    let only = try archive([("z", complex)])
    #expect(try MatrixFile.readComplex(only)?.rows == 2)
    #expect(
      throws: FileError.unsupported(
        path: folder("z.npy"), expected: "a .npz archive before the member's name",
        found: "another format")
    ) {
      let file = try MatrixFile.open(folder.file("z.npy", complex)).file
      return try MatrixFile.complexReading((file, "z"))
    }
  }

  /// SciPy's sparse matrices are real, or refused by name.
  @Test func sparseArchivesAreRefused() throws {
    func integers(_ numbers: [Int64]) -> [UInt8] {
      NumPyBytes(code: "<i8", shape: "(\(numbers.count),)", data: encoded(numbers)).bytes
    }
    for (code, data) in [("<c16", [1.0, 2]), ("<f8", [1.0])] {
      let path = try archive([
        ("indices", integers([1])), ("indptr", integers([0, 1])),
        ("format", NumPyBytes(code: "|S3", shape: "()", data: Array("csr".utf8)).bytes),
        ("shape", integers([1, 2])),
        ("data", NumPyBytes(code: code, shape: "(1,)", data: encoded(doubles: data)).bytes),
      ])
      if code == "<f8" {
        #expect(try MatrixFile.readComplex(path) == nil)
        continue
      }
      let error = FileError.unsupported(
        path: path + ":data.npy", expected: "real numbers", found: "complex numbers (\"<c16\")")
      #expect(throws: error) { try MatrixFile.readComplex(path) }
      #expect(throws: error) { try MatrixFile.read(path) }
      #expect(throws: error) { try MatrixFile.readSparse(path) }
    }
  }
}
