import MatrixFiles
import SparseCore
import TestSupport
import Testing

@Suite struct MatrixMarketTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  static let matrices: [(text: String, rows: [[Double]])] = [
    (
      "array real general\n% note\n\n2 3\n1\n2\n\n3\n4\n% note\n5\n6e0\n", [[1, 3, 5], [2, 4, 6]]
    ),
    ("array integer symmetric\n2 2\n1\n2\n3", [[1, 2], [2, 3]]),
    ("array real skew-symmetric\n3 3\n1\n2\n3\n", [[0, -1, -2], [1, 0, -3], [2, 3, 0]]),
    ("array real skew-symmetric\n1 1\n", [[0]]),
    ("array unsigned-integer general\n2 1\n3\n250\n", [[3], [250]]),
    ("coordinate real general\n2 3 3\n1 1 0.5\n2 3 -1\n1 1 0.25\n", [[0.75, 0, 0], [0, 0, -1]]),
    ("coordinate integer symmetric\n2 2 2\n1 1 4\n2 1 5\n", [[4, 5], [5, 0]]),
    ("coordinate double skew-symmetric\n2 2 1\n2 1 5", [[0, -5], [5, 0]]),
    ("coordinate pattern general\n2 2 2\n1 2\n2\t1\r\n", [[0, 1], [1, 0]]),
    ("coordinate pattern symmetric\n2 2 1\n2 1", [[0, 1], [1, 0]]),
    ("COORDINATE Real General\n  1   2 0  \n", [[0, 0]]),
    (
      "coordinate real general\n1 3 3\n1 1 inf\n1 2 -Inf\n1 3 0x1p-2\n",
      [[.infinity, -.infinity, 0.25]]
    ),
  ]

  @Test(arguments: matrices)
  func reads(text: String, rows: [[Double]]) throws {
    let path = try folder.file("a.mtx", "%%MatrixMarket matrix " + text)
    let matrix = try MatrixFile.read(path)
    #expect((0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } } == rows)
    #expect(matrix.precision == .double)
  }

  /// Coordinates of few nonzeros stay sparse; others, and arrays, are dense.
  @Test(arguments: ["general", "symmetric", "skew-symmetric"]) func staysSparse(symmetry: String)
    throws
  {
    let text = "coordinate real \(symmetry)\n60 60 4\n2 1 0.5\n60 3 -1\n2 1 0.25\n7 6 8\n"
    let path = try folder.file("a.mtx", "%%MatrixMarket matrix " + text)
    let sparse = try #require(try MatrixFile.readSparse(path))
    let dense = try MatrixFile.read(path)
    #expect(sparse.nonzeros == (symmetry == "general" ? 3 : 6))
    for j in 0..<60 { #expect(try sparse.column(j) == dense.column(j)) }
    let small = "coordinate real general\n2 2 1\n2 1 0.5\n"
    #expect(
      try MatrixFile.readSparse(folder.file("b.mtx", "%%MatrixMarket matrix " + small)) == nil)
    let array = "array real general\n1 1\n2\n"
    #expect(
      try MatrixFile.readSparse(folder.file("c.mtx", "%%MatrixMarket matrix " + array)) == nil)
  }

  /// Where the dense matrix would not fit into memory, the sparse one does; where it claims more than that, it is refused.
  @Test func sparseSizesAreBounded() throws {
    let header = "%%MatrixMarket matrix coordinate real general\n"
    let large = try folder.file("l.mtx", header + "2000000 3000000 2\n2000000 7 1\n1 3000000 2\n")
    let sparse = try #require(try MatrixFile.readSparse(large))
    #expect(sparse.rows == 2_000_000 && sparse.columns == 3_000_000 && sparse.nonzeros == 2)
    let claimed = try folder.file("c.mtx", header + "2000000000 2000000000 1\n1 1 1\n")
    let error = #expect(throws: FileError.self) { try MatrixFile.readSparse(claimed) }
    #expect(error?.kind == .data)
  }

  static let malformed: [(text: String, line: Int, column: Int?, expected: String, found: String)] =
    [
      ("array real general\n2 2\n1\n2\n3.5\n", 6, 1, "4 entries", "the end of the file"),
      ("array real general\n1 1\n1\n2\n", 4, 1, "nothing after 1 entries", "\"2\""),
      ("array real general\n1 2\n1 2\n\n\n", 3, 2, "the end of the line", "\"2\""),
      ("array real general\n1 1\n1x\n", 3, 1, "a number", "\"1x\""),
      ("array real general\n-1 1\n1\n", 2, 1, "a whole number", "\"-1\""),
      ("array real general\n1\n1\n", 2, 2, "a whole number", "the end of the line"),
      ("array real general\n", 2, 1, "the numbers of rows and columns", "the end of the file"),
      (
        "array real general\n99999999999999999999 1\n", 2, 1,
        "a number up to 9223372036854775807", "\"99999999999999999999\""
      ),
      ("array pattern general\n1 1\n1\n", 1, nil, "numbers in array format", "a pattern"),
      ("array real general\n0 3\n", 2, nil, "at least one row and one column", "0 × 3"),
      (
        "array real general\n4294967296 4294967296\n", 2, nil, "a matrix that memory can address",
        "4294967296 × 4294967296"
      ),
      ("array real symmetric\n2 3\n1\n", 2, nil, "a square symmetric matrix", "2 × 3"),
      (
        "array real general\n1000 1000\n1\n", 2, nil,
        "at least 2 bytes for each of 1000000 entries", "2 bytes"
      ),
      (
        "coordinate real general\n9 9 9000000000000000000\n1 1 1\n", 2, nil,
        "at least 4 bytes for each of 9000000000000000000 entries", "6 bytes"
      ),
      ("coordinate real general\n2 2 1\n3 1 1\n", 3, 1, "an index from 1 to 2", "3"),
      ("coordinate real general\n2 2 1\n1 0 1\n", 3, 2, "an index from 1 to 2", "0"),
      ("coordinate real general\n2 2 1\n1 1\n", 3, 3, "a number", "the end of the line"),
      ("coordinate real general\n2 2 1\n1 1 1 1\n", 3, 4, "the end of the line", "\"1\""),
      (
        "coordinate real symmetric\n2 2 1\n1 2 1\n", 3, nil, "entries of the lower triangle only",
        "row 1, column 2"
      ),
      (
        "coordinate real skew-symmetric\n2 2 1\n2 2 1\n", 3, nil,
        "entries of the lower triangle only", "row 2, column 2"
      ),
    ]

  @Test(arguments: malformed)
  func refuses(
    text: String, line: Int, column: Int?, expected: String, found: String
  ) throws {
    let path = try folder.file("a.mtx", "%%MatrixMarket matrix " + text)
    let refusal = Refusal(
      TextPosition(line: line, column: column), expected: expected, found: found)
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
  }

  static let unsupported: [(text: String, expected: String, found: String)] = [
    (
      "%%MatrixMarket matrix array complex general\n1 1\n1 0",
      "real, double, integer, pattern, unsigned-integer",
      "\"complex\""
    ),
    (
      "%%MatrixMarket matrix array real hermitian\n1 1\n1", "general, symmetric, skew-symmetric",
      "\"hermitian\""
    ),
    ("%%MatrixMarket vector array real general\n1 1\n1", "matrix", "\"vector\""),
    ("%%MatrixMarket matrix\n1 1\n1", "array, coordinate", "\"\""),
    (
      "%%MatrixMarketplace matrix array real general\n1 1\n1", "%%MatrixMarket",
      "\"%%matrixmarketplace\""
    ),
  ]

  @Test(arguments: unsupported)
  func refusesOtherKinds(text: String, expected: String, found: String) throws {
    let path = try folder.file("a.mtx", text)
    let refusal = Refusal(
      expected: "\(expected) in the first line", found: found, isUnsupported: true)
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
  }
}
