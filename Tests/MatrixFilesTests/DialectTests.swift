import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Text tables as other programs and other countries write them.
@Suite struct DialectTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  private func rows(
    _ text: String, _ dialect: TableDialect = TableDialect(), header: Bool = false
  ) throws -> (rows: [[Double]], guesses: [FileGuess], names: [String]?) {
    let path = try folder.file("a.txt", text)
    let reading = try MatrixFile.reading(path, header: header, dialect: dialect)
    let matrix = reading.contents
    return (
      (0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } },
      reading.guesses, reading.columnNames
    )
  }

  static let recognised: [(text: String, rows: [[Double]], guesses: [FileGuess])] = [
    ("1|2\n3|4\n", [[1, 2], [3, 4]], []), (" 1 | 2.5\n3|-4e1\n", [[1, 2.5], [3, -40]], []),
    // Decimal commas.
    ("1;2,5\n", [[1, 2.5]], [.decimalComma]), ("1\t-2,5e3\n", [[1, -2500]], [.decimalComma]),
    ("1|2,5\n", [[1, 2.5]], [.decimalComma]), ("1;,5", [[1, 0.5]], [.decimalComma]),
    ("1,5 2,5\n", [[1.5, 2.5]], [.decimalComma]),
    ("1 2\n3 4,5\n", [[1, 2], [3, 4.5]], [.decimalComma]),
    ("1;2\n3;0,125\n", [[1, 2], [3, 0.125]], [.decimalComma]),
    ("1,234;2,5\n", [[1.234, 2.5]], [.decimalComma]),
    ("1,2345;2\n", [[1.2345, 2]], [.decimalComma]),
    ("1234,567;1\n", [[1234.567, 1]], [.decimalComma]),
    ("1,00000000000000000000001;inf\n", [[1, .infinity]], [.decimalComma]),
    // Quotes.
    ("\"1\",\"2.5\"\n3,\"-4\"\n", [[1, 2.5], [3, -4]], []),
    ("\"1\" 2\n3 \"4\"\n", [[1, 2], [3, 4]], []),
    ("\"1,5\",\"2\"\n3,\"4,25\"\n", [[1.5, 2], [3, 4.25]], [.decimalComma]),
    ("\"1\"\n\"2\"\n", [[1], [2]], []),
    // Comments.
    ("# by hand\n1,2\n  # more\n3,4\n#end", [[1, 2], [3, 4]], [.comments(3)]),
    ("\u{FEFF}#x\n\n \r\n1\n2\n", [[1], [2]], [.comments(1)]),
    ("# one two\n1 2\n", [[1, 2]], [.namesInComment]),
    ("# made by\n#a;b\n1;2,5\n", [[1, 2.5]], [.namesInComment, .comments(1), .decimalComma]),
    ("# about\n1\n", [[1]], [.comments(1)]), ("#a,b\n\n1,2\n", [[1, 2]], [.comments(1)]),
    ("#a,b\nc,d\n1,2\n", [[1, 2]], [.namesSkipped, .comments(1)]),
  ]

  @Test(arguments: recognised)
  func areRecognised(text: String, expected: [[Double]], guesses: [FileGuess]) throws {
    let found = try rows(text)
    #expect(found.rows == expected)
    #expect(found.guesses == guesses)
  }

  @Test(
    arguments: [
      ("a;b\n1;2,5\n", ["a", "b"]), ("\"a;1\"|b\n1|2\n", ["a;1", "b"]),
      ("# u v\n1 2\n", ["u", "v"]), ("\"a\",\"b\"\n\"1\",\"2\"\n", ["a", "b"]),
      ("#x\na\tb\n\"1,5\"\t2\n", ["a", "b"]),
    ] as [(String, [String])])
  func names(text: String, names: [String]) throws {
    let found = try rows(text)
    #expect(found.names == names)
    #expect(found.rows.count == 1)
  }

  static let named: [(text: String, CellSeparator?, DecimalMark?, rows: [[Double]])] = [
    ("1,5\n2,5\n", nil, .comma, [[1.5], [2.5]]), ("1,5\n2,5\n", .comma, nil, [[1, 5], [2, 5]]),
    ("1,234;5\n", nil, .comma, [[1.234, 5]]), ("1,234\n", .blank, .comma, [[1.234]]),
    ("1,234\n", .comma, .point, [[1, 234]]), ("\"1,234\",5\n", nil, .comma, [[1.234, 5]]),
    ("1,5;2\n", .semicolon, .comma, [[1.5, 2]]), ("1.5 2\n", .blank, .point, [[1.5, 2]]),
    ("1|2\n", .bar, nil, [[1, 2]]), ("1\t2\n", .tab, nil, [[1, 2]]), ("1 2\n", .tab, nil, []),
  ]

  @Test(arguments: named.indices) func areAsSaid(index: Int) throws {
    let (text, separator, mark, expected) = Self.named[index]
    let dialect = TableDialect(separator: separator, decimalMark: mark)
    guard !expected.isEmpty else {
      #expect(throws: FileError.self) { try rows(text, dialect) }
      return
    }
    let found = try rows(text, dialect)
    #expect(found.rows == expected)
    #expect(found.guesses.isEmpty)
  }

  private static let commaHint = "--decimal comma reads numbers with a comma"
  private static let pointHint = "--decimal point reads numbers with a point"
  private static let thousands =
    "--decimal comma reads a fraction; commas between thousands are not read"

  static let refused: [(text: String, line: Int, column: Int, expected: String, found: String)] = [
    (
      "1;1,234\n2;3\n", 1, 2, "a number whose comma can be one thing only",
      "\"1,234\" (\(thousands))"
    ),
    (
      "#\n1;2\n3;\"-12,345\"\n", 3, 2, "a number whose comma can be one thing only",
      "\"-12,345\" (\(thousands))"
    ),
    ("1.5;2\n3;2,5\n", 2, 2, "a number with a decimal point", "\"2,5\" (\(commaHint))"),
    ("1.5;2\n3;1,234\n", 2, 2, "a number with a decimal point", "\"1,234\" (\(commaHint))"),
    ("2,5;1\n3;1.5\n", 2, 2, "a number with a decimal comma", "\"1.5\" (\(pointHint))"),
    ("2,5;1\n3;1.000,5\n", 2, 2, "a number with a decimal comma", "\"1.000,5\" (\(pointHint))"),
    ("2,5;1\n3;1.5x\n", 2, 2, "a number", "\"1.5x\""),
    ("2,5;1\n3;1,5,5\n", 2, 2, "a number", "\"1,5,5\""),
    ("\"1,5\",2\n3.5,4\n", 2, 1, "a number with a decimal comma", "\"3.5\" (\(pointHint))"),
    ("1,2\n#\n#\n3\n", 4, 2, "2 cells as in the first row", "1"),
    ("1,2\n3,#4\n", 2, 2, "a number", "\"#4\""),
    ("# a\n1x,2\n3,4\n", 2, 1, "a number", "\"1x\" (--header skips a line of names)"),
    ("1,2\n\n# a\n", 2, 1, "a number", "the end of the line"),
  ]

  @Test(arguments: refused)
  func refuses(text: String, line: Int, column: Int, expected: String, found: String) throws {
    let refusal = Refusal(
      TextPosition(line: line, column: column), expected: expected, found: found)
    #expect(throws: refusal.error(folder("a.txt"))) { try rows(text) }
  }

  /// Excel's "CSV (Macintosh)" is no row of numbers with blanks between them.
  @Test(arguments: [("1,5\r3,4\r2,2\r", 1), ("1 2\r3 4\r", 1), ("# a\nx\ry\r1\n2\n", 2)])
  func refusesCarriageReturnsAlone(text: String, line: Int) throws {
    let refusal = Refusal(
      TextPosition(line: line), expected: "lines that end with a line feed",
      found: "a carriage return alone, which old programs end lines with")
    #expect(throws: refusal.error(folder("a.txt"))) { try rows(text) }
  }

  @Test func refusesCommentsAlone() throws {
    let refusal = Refusal(expected: "rows of numbers", found: "none")
    for (text, header) in [("# 1,2\n#3\n", false), ("#\na,b\n#\n", true)] {
      #expect(throws: refusal.error(folder("a.txt"))) { try rows(text, header: header) }
    }
  }

  private func table(
    _ text: String, _ dialect: TableDialect = TableDialect(), target: Int, dropped: Set<Int> = []
  ) throws -> DataTable {
    var roles = DataTable.Roles(target: target)
    roles.dropped = dropped
    return try DataTable(
      TableFile(folder.file("t.txt", text), header: false, dialect: dialect), roles)
  }

  /// Text with separators in it, beside numbers.
  @Test(
    arguments: [
      "y,x,city\n1,2.5,a|b;c\n3,4.5,d\n", "y|x|city\n1|2,5|Paris, F\n3|4,5|Rome\n",
      "y;x;city\n1;2,5;\"a;b\"\n3;4,5;,\n", "# by hand\ny\tx\tcity\n1\t2.5\t1,234\n3\t4.5\tb\n",
      "y;x;city\n\"1\";\"2,5\";1.5kg\n\"3\";\"4,5\";\"\"\n",
    ])
  func tablesWithText(text: String) throws {
    let data = try table(text, target: 0, dropped: [2])
    #expect(data.target == [1, 3])
    #expect((0..<2).map { data.matrix[$0, 0] } == [2.5, 4.5])
    #expect(data.columns.names == ["x"])
  }

  @Test func ambiguousSeparatorsAreRefused() throws {
    let text = "# of two\n1,5;x\n2,5;y\n"
    let refusal = Refusal(
      TextPosition(line: 3, column: 1), expected: "cells separated by one of semicolons, commas",
      found: "\"2,5;y\", which may be either (--separator semicolon|comma says which)")
    #expect(throws: refusal.error(folder("t.txt"))) { try table(text, target: 0) }
    let dialect = TableDialect(separator: .comma)
    #expect(throws: FileError.self) { try table(text, dialect, target: 0, dropped: [1]) }
  }
}
