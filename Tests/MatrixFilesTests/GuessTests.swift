import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// What a file does not say itself is guessed, and the guess is said.
@Suite struct GuessTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  private static let column = NumPyBytes(shape: "(3,)", data: encoded(doubles: [0, 1, 2])).bytes

  static let guesses: [(name: String, text: String, guesses: [FileGuess])] = [
    ("a.csv", "1,2\n3,4\n", []), ("a.csv", "1\n2\n", []), ("a.tsv", "1\t2\n", []),
    ("a.txt", "1 2\n3 4\n", []), ("a", "1;2\n3;4\n", []), ("a.csv", "1,5\n2,5\n", []),
    ("a.csv", "1;2\n3;4\n", [.separator(";")]), ("a.CSV", "1 2\n3 4\n", [.separator(" ")]),
    ("a.csv", "1\t2\n", [.separator("\t")]), ("a.tsv", "1,2\n", [.separator(",")]),
    ("a.npy", "1,2\n", [.otherFormat("a text table")]),
    (
      "a.csv", "%%MatrixMarket matrix array real general\n1 1\n1\n",
      [.otherFormat("a Matrix Market file")]
    ),
    ("a.csv", "a,b\n1,2\n", [.namesSkipped]), ("y.csv", "response\r\n1\r\n2\r\n", [.namesSkipped]),
    ("a.csv", "\u{FEFF}\"a, 1\",\"b\"\"\"\n1,2\n3,4\n", [.namesSkipped]),
    ("a.csv", "\"1\",\"2\"\n3,4\n", [.namesSkipped]), ("a.txt", "a  b\n 1 2\n", [.namesSkipped]),
    ("a.csv", "area,1stFlr,-\n1,2,3\n", [.namesSkipped]),
    ("a.csv", ",a,b\n5,1,2\n7,1,2\n", [.namesSkipped, .namelessColumn]),
    ("a.csv", "\"\",\"a\"\n7,1\n", [.namesSkipped, .namelessColumn]),
    ("a.csv", ",a,b\n0,1,2\n1,1,2\n2,3,4\n", [.namesSkipped, .indexColumn(from: 0)]),
    ("y.csv", "\"height, cm\"\n1\n", [.namesSkipped]),
    ("a.csv", "1,5\n2,5\n3,5\n", [.indexColumn(from: 1)]),
    ("a.csv", "0,5\n1,5\n3,5\n", []), ("a.csv", "2,5\n3,5\n4,5\n", []), ("a.csv", "0,5\n1,5\n", []),
    ("a.csv", "0\n1\n2\n", []), ("a.csv", "a,,b\n1,2,3\n", [.namesSkipped]),
    (
      "a.csv", "a;b\n1;2\n2;3\n3;4\n",
      [.namesSkipped, .separator(";"), .indexColumn(from: 1)]
    ),
  ]

  @Test(arguments: guesses)
  func areNamed(name: String, text: String, guesses: [FileGuess]) throws {
    let path = try folder.file(name, text)
    let reading = try MatrixFile.reading(path)
    #expect(reading.guesses == guesses)
    #expect(reading.notices == guesses.map { "\(path): \($0)" })
    #expect(try MatrixFile.read(path).rows == reading.contents.rows)
  }

  /// A line of names is skipped in silence where it was said to be there.
  @Test(
    arguments: [
      ("a,b\n1,2\n", []), ("1,x\n1,2\n", []), ("1,2\n3,4\n", [.numbersSkipped]),
      ("0;1\n3;4\n", [.numbersSkipped, .separator(";")]), ("1 2\n3,4\n", [.namesUnmatched(1)]),
      ("\n3,4\n", []),
      ("a\n3,4\n", [.namesUnmatched(1)]),
      (",a\n7,4\n", [.namelessColumn]),
    ] as [(String, [FileGuess])])
  func headers(text: String, guesses: [FileGuess]) throws {
    let reading = try MatrixFile.reading(try folder.file("a.csv", text), header: true)
    #expect(reading.contents.rows == 1)
    #expect(reading.guesses == guesses)
  }

  @Test(
    arguments: [
      ("a,b\n1,2\n", ["a", "b"]), ("\"a, 1\" , \"b\"\"c\"\n1,2\n", ["a, 1", "b\"c"]),
      (",x\n1,2\n", ["", "x"]), ("a b \r\n1 2\n", ["a", "b"]), ("größe\n1\n", ["größe"]),
      ("1,2\n", nil), ("x;\"\"\n1;2", ["x", ""]),
    ] as [(String, [String]?)])
  func columnNames(text: String, names: [String]?) throws {
    #expect(try MatrixFile.reading(try folder.file("a", text)).columnNames == names)
  }

  @Test func namesOfOtherNumberAreNone() throws {
    let path = try folder.file("a.csv", "a,b,c\n1,2\n")
    #expect(try MatrixFile.reading(path, header: true).columnNames == nil)
  }

  /// What says all of itself is not guessed about.
  @Test func arraysAreSilent() throws {
    for file in [
      NumPyBytes(shape: "(3,)"), NumPyBytes(shape: "(3, 1)"),
      NumPyBytes(order: "True", shape: "(3, 1)"),
    ] {
      var file = file
      file.data = encoded(doubles: [0, 1, 2])
      let reading = try MatrixFile.reading(try folder.file("a.npy", file.bytes))
      #expect(try reading.guesses.isEmpty && reading.asVector().guesses.isEmpty)
    }
    let path = try folder.file(
      "a.npz", ZipBytes(members: [.init(name: "y.npy", data: Self.column)]).bytes)
    #expect(try MatrixFile.reading(path + ":y").notices == [])
    #expect(try MatrixFile.reading(path + ":y").path == path + ":y")
  }

  @Test func rowsAsVectors() throws {
    let row = try MatrixFile.reading(try folder.file("y.csv", "a,b,c\n1,2,3\n")).asVector()
    #expect(row.contents == [1, 2, 3])
    #expect(row.guesses == [.namesSkipped, .row(columns: 3)])
    #expect(try MatrixFile.reading(try folder.file("z.csv", "5\n")).asVector().guesses == [])
  }

  /// One line each, whatever the name of the file.
  @Test(arguments: [
    FileGuess.otherFormat("a text table"), .namesSkipped, .numbersSkipped, .separator("\t"),
    .separator(";"), .separator(","), .separator(" "), .indexColumn(from: 1), .namelessColumn,
    .row(columns: .max), .namesUnmatched(.max), .comments(1), .comments(.max), .namesInComment,
    .decimalComma, .sparse("csr"),
  ])
  func areShort(guess: FileGuess) throws {
    try promiseOneLine("\(guess)")
    #expect("\(guess)".count < 120)
  }

  @Test func pathsAreShownSafely() throws {
    let path = try folder.file("a\nb.csv", "a\n1\n")
    #expect(
      try MatrixFile.reading(path).notices
        == [
          "\(folder("a?b.csv")): the first line was taken as the names of the columns; --header says so"
        ])
  }
}
