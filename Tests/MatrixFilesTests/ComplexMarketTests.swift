import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Complex numbers in Matrix Market files.
@Suite struct ComplexMarketTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  /// Real and imaginary parts of a row stand one below the other.
  static let matrices: [(text: String, rows: [[Double]])] = [
    (
      "array complex general\n% note\n2 2\n1 2\n\n3 -4\n5 0\n7e0\t8\n",
      [[1, 5], [2, 0], [3, 7], [-4, 8]]
    ),
    ("array complex symmetric\n2 2\n1 2\n3 4\n5 6", [[1, 3], [2, 4], [3, 5], [4, 6]]),
    ("array complex hermitian\n2 2\n1 0\n3 4\n5 -0.0\n", [[1, 3], [0, -4], [3, 5], [4, 0]]),
    ("array complex skew-symmetric\n2 2\n3 4\n", [[0, -3], [0, -4], [3, 0], [4, 0]]),
    (
      "coordinate complex general\n2 2 3\n1 2 1 2\n2 1 3 4\n1 2 0.5 1\n",
      [[0, 1.5], [0, 3], [3, 0], [4, 0]]
    ),
    (
      "coordinate complex hermitian\n2 2 2\n1 1 6 0\n2 1 3 4\n",
      [[6, 3], [0, -4], [3, 0], [4, 0]]
    ),
    ("coordinate complex symmetric\n2 2 1\n2 1 3 4", [[0, 3], [0, 4], [3, 0], [4, 0]]),
    ("coordinate complex skew-symmetric\n2 2 1\n2 1 3 4", [[0, -3], [0, -4], [3, 0], [4, 0]]),
    ("COORDINATE Complex General\n1 2 0\n", [[0, 0], [0, 0]]),
    ("array complex general\n1 1\ninf -inf", [[.infinity], [-.infinity]]),
  ]

  @Test(arguments: matrices) func reads(text: String, rows: [[Double]]) throws {
    let path = try folder.file("a.mtx", "%%MatrixMarket matrix " + text)
    let matrix = try #require(try MatrixFile.readComplex(path))
    #expect((0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } } == rows)
    #expect(matrix.precision == .double)
    let refusal = Refusal(
      expected: "real, double, integer, pattern, unsigned-integer in the first line",
      found: "\"complex\"", isUnsupported: true)
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
    #expect(throws: refusal.error(path)) { try MatrixFile.readSparse(path) }
  }

  static let malformed: [(text: String, line: Int, column: Int?, expected: String, found: String)] =
    [
      ("array complex general\n1 1\n111\n", 3, 2, "a number", "the end of the line"),
      ("array complex general\n1 1\n1 2 3\n", 3, 3, "the end of the line", "\"3\""),
      ("array complex general\n1 1\n1 2i\n", 3, 2, "a number", "\"2i\""),
      ("array complex general\n1 1\n1 2\n3 4\n", 4, 1, "nothing after 1 entries", "\"3\""),
      ("array complex general\n1 2\n1 2000\n", 4, 1, "2 entries", "the end of the file"),
      (
        "array complex general\n2 2\n1 2\n", 2, nil, "at least 4 bytes for each of 4 entries",
        "4 bytes"
      ),
      (
        "coordinate complex general\n2 2 2\n1 1 1 2\n1 1\n", 2, nil,
        "at least 8 bytes for each of 2 entries", "12 bytes"
      ),
      (
        "array complex hermitian\n1 1\n1 -2\n", 3, 2, "an imaginary part of 0 on the diagonal",
        "-2.0"
      ),
      (
        "coordinate complex hermitian\n2 2 1\n2 2 1 nan\n", 3, 4,
        "an imaginary part of 0 on the diagonal", "nan"
      ),
      (
        "coordinate complex hermitian\n2 2 1\n1 2 1 1\n", 3, nil,
        "entries of the lower triangle only", "row 1, column 2"
      ),
      (
        "coordinate complex skew-symmetric\n2 2 1\n2 2 1 1\n", 3, nil,
        "entries of the lower triangle only", "row 2, column 2"
      ),
      ("array complex hermitian\n2 3\n1 1\n", 2, nil, "a square hermitian matrix", "2 × 3"),
      (
        "coordinate complex general\n1073741824 536870912 0\n", 2, nil,
        "a matrix that memory can address", "1073741824 × 536870912"
      ),
      (
        "coordinate complex general\n4096 4097 0\n", 2, nil,
        "an entry for every 100000 numbers or fewer", "0 for 4096 × 4097"
      ),
    ]

  @Test(arguments: malformed)
  func refuses(
    text: String, line: Int, column: Int?, expected: String, found: String
  ) throws {
    let path = try folder.file("a.mtx", "%%MatrixMarket matrix " + text)
    let refusal = Refusal(
      TextPosition(line: line, column: column), expected: expected, found: found)
    #expect(throws: refusal.error(path)) { try MatrixFile.readComplex(path) }
  }

  @Test func refusesOtherSymmetries() throws {
    let path = try folder.file("a.mtx", "%%MatrixMarket matrix array complex cyclic\n1 1\n1 0")
    let refusal = Refusal(
      expected: "general, symmetric, skew-symmetric, hermitian in the first line",
      found: "\"cyclic\"", isUnsupported: true)
    #expect(throws: refusal.error(path)) { try MatrixFile.readComplex(path) }
  }

  @Test func theMatrixFitsIntoMemory() throws {
    let text = "%%MatrixMarket matrix coordinate complex general\n10 10 1\n1 1 1 2\n"
    try Array(text.utf8).withUnsafeBytes { bytes in
      let small = try FileContents(path: "a", bytes: bytes, memoryLimit: 1599)
      let refusal = Refusal(
        expected: "a matrix that fits into 1599 bytes of memory",
        found: "10 × 10 complex numbers of 16 bytes")
      #expect(throws: refusal.error("a")) { try MatrixFile.complexReading((small, nil)) }
      let large = try FileContents(path: "a", bytes: bytes, memoryLimit: 1600)
      #expect(try MatrixFile.complexReading((large, nil))?.contents[1, 0] == 2)
    }
  }
}
