import MatrixFiles
import SparseCore
import TestSupport
import Testing

@Suite struct DelimitedTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  static let tables: [(text: String, rows: [[Double]])] = [
    ("1,2,3\n4,5,6\n", [[1, 2, 3], [4, 5, 6]]),
    ("1,2,3\r\n4,5,6\r\n\r\n", [[1, 2, 3], [4, 5, 6]]),
    (" 1 ,  2\n-3, +4", [[1, 2], [-3, 4]]),
    ("1;2\n3;4\n\n\n", [[1, 2], [3, 4]]),
    ("1\t2\n3\t4", [[1, 2], [3, 4]]),
    ("1 2\n 3   4 \n", [[1, 2], [3, 4]]),
    ("\u{FEFF}1\n2\n3", [[1], [2], [3]]),
    ("7", [[7]]),
    ("1e3,.5,5.,-0x1p3,inf,-Infinity\n", [[1000, 0.5, 5, -8, .infinity, -.infinity]]),
    ("1e400,1e-400\n", [[.infinity, 0]]),
  ]

  @Test(arguments: tables)
  func reads(text: String, rows: [[Double]]) throws {
    let path = try folder.file("a.csv", text)
    let matrix = try MatrixFile.read(path)
    #expect((0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } } == rows)
  }

  @Test func passesOnNotANumber() throws {
    let vector = try MatrixFile.readVector(try folder.file("a.csv", "1,nan,NaN\n"))
    #expect(vector[0] == 1)
    #expect(vector[1].isNaN && vector[2].isNaN)
  }

  @Test func skipsAHeaderOnRequest() throws {
    let path = try folder.file("a.csv", "height of a;b\n1,2\n3,4\n")
    let matrix = try MatrixFile.read(path, header: true)
    #expect([matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1]] == [1, 2, 3, 4])
    let refusal = Refusal(
      TextPosition(line: 1, column: 1), expected: "a number",
      found: "\"height\" (--header skips a line of names)")
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
    #expect(try MatrixFile.readVector(try folder.file("b.csv", "b\n5\n"), header: true) == [5])
  }

  static let malformed: [(text: String, line: Int, column: Int, expected: String, found: String)] =
    [
      ("1,2\n3\n", 2, 2, "2 cells as in the first row", "1"),
      ("1,2\n3,4,5\n", 2, 3, "2 cells as in the first row", "more"),
      ("1 2\n3 4 5\n", 2, 3, "2 cells as in the first row", "more"),
      ("1 2\n3\n", 2, 2, "a number", "the end of the line"),
      ("1,2,3,4,5\n1\n2\n3\n4\n", 2, 2, "5 cells as in the first row", "1"),
      ("1,2\n,4\n", 2, 1, "a number", "an empty cell"),
      ("1,2\n3, \n", 2, 2, "a number", "the end of the line"),
      ("1,2\n3,", 2, 2, "a number", "the end of the line"),
      ("1\t2\n3\t\n", 2, 2, "a number", "the end of the line"),
      ("1,,3\n", 1, 2, "a number", "an empty cell"),
      ("1,2,\n", 1, 3, "a number", "the end of the line"),
      ("1,2\n\n3,4\n", 2, 1, "a number", "the end of the line"),
      ("\n1,2\n", 1, 1, "a number", "the end of the line"),
      ("1,2\n3,4x\n", 2, 2, "a number", "\"4x\""),
      ("1,2\n3,4 x\n", 2, 3, "2 cells as in the first row", "more"),
      ("1,\"2\n", 1, 2, "a number", "\"\"2\""), ("1,\"2x\"\n", 1, 2, "a number", "\"2x\""),
      ("1,\"\"\n", 1, 2, "a number", "\"\""),
      ("1,abcdefghijklmnopqrstuvwxyz\n", 1, 2, "a number", "\"abcdefghijklmnopqrstuvwx…\""),
      ("1,\u{0}2\n", 1, 2, "a number", "\"\\x002\""),
      ("1,b\n3,4\n", 1, 2, "a number", "\"b\" (--header skips a line of names)"),
      (",1,2\n0,3,4\n", 1, 1, "a number", "an empty cell (--header skips a line of names)"),
      ("1.5x,2nd\n3,4\n", 1, 1, "a number", "\"1.5x\" (--header skips a line of names)"),
      ("a,b\n1\n", 1, 1, "a number", "\"a\" (--header skips a line of names)"),
      ("a,b\n1,c\n", 1, 1, "a number", "\"a\" (--header skips a line of names)"),
      ("a;b,c\n1\n", 1, 1, "a number", "\"a\" (--header skips a line of names)"),
      ("a,b\n\n1,2\n", 1, 1, "a number", "\"a\" (--header skips a line of names)"),
      ("a,\u{0}b\n1,2\n", 1, 1, "a number", "\"a\""),
      ("\n1,2\n3,4\n", 1, 1, "a number", "the end of the line"),
      ("1,\u{B}\n2\n", 1, 2, "a number", "\"\\x0b\""),
      ("1,é\n", 1, 2, "a number", "\"\\xc3\\xa9\""),
    ]

  @Test(arguments: malformed)
  func refuses(
    text: String, line: Int, column: Int, expected: String, found: String
  ) throws {
    let path = try folder.file("a.csv", text)
    let refusal = Refusal(
      TextPosition(line: line, column: column), expected: expected, found: found)
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
  }

  /// Nothing else with a comma is one.
  @Test(arguments: ["1;2,5,5", "1;2,", "1;,", "1;2,e5", "1;2,5e", "1;+", "1;2,5x"])
  func namesNoOther(text: String) throws {
    let path = try folder.file("a.txt", text)
    let refusal = Refusal(
      TextPosition(line: 1, column: 2), expected: "a number", found: "\"\(text.dropFirst(2))\"")
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
  }

  @Test(arguments: [("\n \r\n", false), ("a,b\n", true), ("a,b", true), ("\u{FEFF}", false)])
  func refusesNothing(text: String, header: Bool) throws {
    let path = try folder.file("a.csv", text)
    let refusal = Refusal(expected: "rows of numbers", found: "none")
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path, header: header) }
  }

  /// Where a file fills its last page, nothing but the map ends the last number.
  @Test(arguments: [4095, 4096, 4097, 8192])
  func readsUpToTheEndOfAPage(size: Int) throws {
    let lines = (size - 2) / 2
    let text =
      String(repeating: "1\n", count: lines - 1)
      + String(repeating: "7", count: size - 2 * lines + 2)
    #expect(text.utf8.count == size)
    let vector = try MatrixFile.readVector(try folder.file("a.csv", text))
    #expect(vector.count == lines)
    #expect(vector.last == (size % 2 == 0 ? 7777 : 77777))
  }

  @Test func transposesBlocks() throws {
    let (rows, columns) = (67, 45)
    let text = (0..<rows).map { i in
      (0..<columns).map { "\(i * columns + $0)" }.joined(separator: ",")
    }.joined(separator: "\n")
    let matrix = try MatrixFile.read(try folder.file("a.csv", text))
    #expect(matrix.rows == rows && matrix.columns == columns)
    for i in 0..<rows {
      for j in 0..<columns { #expect(matrix[i, j] == Double(i * columns + j)) }
    }
  }
}
