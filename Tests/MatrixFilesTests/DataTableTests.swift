import SparseCore
import TestSupport
import Testing

@testable import MatrixFiles

/// One text table as A, y and weights.
@Suite struct DataTableTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  private func table(
    _ text: String, header: Bool = false, target: Int = 0, weights: Int? = nil,
    dropped: Set<Int> = []
  ) throws -> DataTable {
    var roles = DataTable.Roles(target: target)
    roles.weights = weights
    roles.dropped = dropped
    roles.advice.values = " (values)"
    roles.advice.numbers = [1: " (numbers)"]
    roles.advice.index = " (index)"
    return try DataTable(TableFile(folder.file("t.csv", text), header: header), roles)
  }

  private func entries(_ matrix: DenseMatrix) -> [[Double]] {
    (0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } }
  }

  @Test(arguments: [
    "id,a,y,w,b\nx1,1,2,3,4\nx2,5,6,7,8\n",
    "\u{FEFF}id;a;y;w;b\r\n\"x;1\";1;2;3;4\r\nx2;5;6;7;8\r\n",
    "\"id\",\"a\",\"y\",\"w\",\"b\"\n\"Doe, J \"\"Q\"\"\",1,2,3,4\n,5,6,7,8",
    "id a y w b\nx 1 2 3 4\nNA 5 6 7 8\n",
    "id\ta\ty\tw\tb\n\t1\t2\t3\t4\nx y\t5\t6\t7\t8\n\n",
  ])
  func columnsAreToldApart(text: String) throws {
    let table = try table(text, target: 2, weights: 3, dropped: [0])
    #expect(entries(table.matrix) == [[1, 4], [5, 8]])
    #expect(table.target == [2, 6] && table.weights == [3, 7])
    #expect(table.columns.names == ["a", "b"] && table.file.names == ["id", "a", "y", "w", "b"])
    #expect((0..<5).map(table.places) == [[], [0], [], [], [1]])
    #expect((0..<2).map(table.columns.index) == [1, 4])
    let path = folder("t.csv")
    #expect(table.notices.first == "\(path): \(FileGuess.namesSkipped)")
  }

  /// Of a table with numbers alone the same is read as of a matrix.
  @Test(arguments: ["1,2,3\n4,5,6\n", "a,b,c\n1,2,3\n4,5,6\n", "1 2 3\n4 5 6", "1;2;3\n4;5;6"])
  func isTheMatrixOfOtherReaders(text: String) throws {
    let all = try MatrixFile.read(try folder.file("m.csv", text))
    let table = try table(text, target: 1)
    #expect(entries(table.matrix) == entries(all).map { [$0[0], $0[2]] })
    #expect(table.target == entries(all).map { $0[1] })
    #expect(table.columns.names == (text.first == "a" ? ["a", "c"] : nil))
    #expect(table.columns.label(1) == (text.first == "a" ? "c" : "2"))
  }

  @Test(
    arguments: [
      (
        "a,b,y\n1,2,3\n4,Rome,6\n", TextPosition(line: 3, column: 2, name: "b"), "a number",
        "\"Rome\" (numbers)"
      ),
      (
        "a,b,y\n1,2,3\n4,,6\n", TextPosition(line: 3, column: 2, name: "b"), "a number",
        "an empty cell (values)"
      ),
      (
        "a,b,y\n1,2,3\n4,5,nan\n", TextPosition(line: 3, column: 3, name: "y"), "a number",
        "nan (values)"
      ),
      (
        "1,2,3\n4,-inf,6\n", TextPosition(line: 2, column: 2), "a finite number", "-inf"
      ),
      (
        "a,b,y\n1,2,3\n4,\"5,5\n", TextPosition(line: 3, column: 2, name: "b"), "a number",
        "\"\"5,5\" (numbers)"
      ),
      (
        "a,b,y\n1,x,z\n4,5,6\n", TextPosition(line: 2, column: 2, name: "b"), "a number",
        "\"x\" (numbers)"
      ),
      (
        "a,b,y\n1,\"Paris, \"\"F\"\"\",3\n4,5,6\n", TextPosition(line: 2, column: 2, name: "b"),
        "a number", "\"Paris, \"F\"\" (numbers)"
      ),
      (
        "a,b,y\n1,2,3\n4,5,Rome\n", TextPosition(line: 3, column: 3, name: "y"), "a number",
        "\"Rome\""
      ),
      ("a,b,y\n1,2,3\n4,5\n", TextPosition(line: 3, column: 3), "3 cells as in the first row", "2"),
      (
        "a,b,y\n1,2,3\n4,5,6,7\n", TextPosition(line: 3, column: 4), "3 cells as in the first row",
        "more"
      ),
      (
        "a,1,y\n1,2,3\n", TextPosition(line: 1, column: 1), "a number",
        "\"a\" (--header skips a line of names)"
      ),
    ] as [(String, TextPosition, String, String)])
  func badCellsAreRefused(
    text: String, position: TextPosition, expected: String, found: String
  ) throws {
    let path = folder("t.csv")
    #expect(
      throws: FileError.malformed(path: path, position: position, expected: expected, found: found)
    ) { try table(text, target: 2) }
  }

  /// Rows of other lengths are found behind cells that are passed over.
  @Test(arguments: [
    "a b c\n1 2 x\n3 4\n", "a,b,c\n1,2,x\n3,4\n", "a,b,c\n1,2,x\n3,4,y,5\n",
    "a,b,c\n1,2,\"x\n3,4,5,6\n",
  ])
  func raggedRows(text: String) throws {
    #expect(throws: FileError.self) { try table(text, header: true, dropped: [2]) }
  }

  @Test func anotherFormat() throws {
    let path = try folder.file(
      "a.npy", NumPyBytes(shape: "(2, 2)", data: encoded(doubles: [1, 2, 3, 4])).bytes)
    #expect(
      throws: FileError.unsupported(
        path: path, expected: "a text table (.csv, .tsv)", found: "a .npy array")
    ) { try TableFile(path, header: false) }
  }

  @Test func oneColumnIsTooFew() throws {
    let path = folder("t.csv")
    let error = FileError.malformed(
      path: path, position: nil, expected: "columns to choose from beside the target", found: "none"
    )
    #expect(throws: error) { try table("y\n1\n2\n") }
    #expect(throws: error) { try table("y,id\n1,a\n2,b\n", header: true, dropped: [1]) }
  }

  /// An index that is left out is not spoken of.
  @Test func anIndexIsSaid() throws {
    let text = ",a,y\n0,1,2\n1,5,6\n2,2,3\n"
    let path = folder("t.csv")
    #expect(
      try table(text, target: 2).notices.last
        == "\(path): the first column counts the rows from 0, as an index does; it was kept (index)"
    )
    #expect(
      try table(text, target: 2, dropped: [0]).notices == ["\(path): \(FileGuess.namesSkipped)"])
  }

  /// The columns to choose from, the target and the weights are read into one piece of memory, and A is a part of it.
  @Test func nothingIsCopied() throws {
    let file = try TableFile(folder.file("t.csv", "1,2,3\n4,5,6\n"), header: false)
    let all = try file.read(TableSelection([TableColumn(2), TableColumn(0)])).matrix
    #expect([all[0, 0], all[1, 0], all[0, 1], all[1, 1]] == [3, 6, 1, 4])
    guard case .double(let matrix) = try table("1,2,3\n4,5,6\n").matrix else {
      Issue.record("expected numbers of 8 bytes")
      return
    }
    #expect(matrix.storage.bytes.count == 6 * 8 && matrix.columns == 2)
  }
}
