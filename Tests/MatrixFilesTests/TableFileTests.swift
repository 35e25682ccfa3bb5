import SparseCore
import TestSupport
import Testing

@testable import MatrixFiles

/// Cells without a value, and columns of levels.
@Suite struct TableFileTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  private func table(_ text: String, _ roles: DataTable.Roles) throws -> DataTable {
    try DataTable(TableFile(folder.file("t.csv", text), header: false), roles)
  }

  private func roles(
    missing: MissingCells = .refused, categorical: Set<Int> = [], leavesBaseOut: Bool = false,
    weights: Int? = nil
  ) -> DataTable.Roles {
    var roles = DataTable.Roles(target: 0)
    roles.missing = missing
    roles.categorical = categorical
    roles.leavesBaseOut = leavesBaseOut
    roles.weights = weights
    roles.advice.values = " (values)"
    return roles
  }

  private func entries(_ matrix: DenseMatrix) -> [[Double]] {
    (0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } }
  }

  private static let gaps = "y,a,b\n1,2,3\n4,NA,6\n7,8,\"\"\n10,4,\nNaN,1,1\n16,6,9\n"

  @Test func incompleteRowsAreDropped() throws {
    let table = try table(Self.gaps, roles(missing: .dropped))
    #expect(entries(table.matrix) == [[2, 3], [6, 9]])
    #expect(table.target == [1, 16])
    #expect(
      table.notices.last
        == "\(folder("t.csv")): 4 of 6 rows lack a value and were left out: lines 3, 4, 5, 6")
    #expect(table.matrix.precision == .double)
  }

  /// A row without a target is left out all the same, and takes its part of the mean along.
  @Test func gapsAreFilled() throws {
    let table = try table(Self.gaps, roles(missing: .filled))
    #expect(entries(table.matrix) == [[2, 3], [5, 6], [8, 6], [4, 6], [6, 9]])
    #expect(table.target == [1, 4, 7, 10, 16])
    let path = folder("t.csv")
    #expect(
      table.notices.suffix(3) == [
        "\(path): 1 of 6 rows lacks a value and was left out: line 6",
        "\(path): 1 cell of a without a value was filled with 5.0",
        "\(path): 2 cells of b without a value were filled with 6.0",
      ])
  }

  @Test(arguments: ["", "NA", "nan", "NaN", "\"\"", "\"NA\"", " NA "])
  func gapsAreRefused(cell: String) throws {
    let error = #expect(throws: FileError.self) {
      try table("y,a,b\n1,2,3\n4,\(cell),6\n", roles())
    }
    let text = "\(try #require(error))"
    #expect(
      text.hasPrefix("\(folder("t.csv")), line 3, column 2 (a): expected a number, found "),
      "\(text)")
    #expect(text.hasSuffix(" (values)"), "\(text)")
  }

  /// A row that is too short has no cells without a value.
  @Test(arguments: ["y a b\n1 2 3\n4 5\n", "y,a,b\n1,2,3\n4,5\n"])
  func shortRowsAreNoGaps(text: String) throws {
    #expect(throws: FileError.self) { try table(text, roles(missing: .dropped)) }
    #expect(throws: FileError.self) { try table(text, roles(missing: .filled, categorical: [2])) }
  }

  /// Some programs put every cell in quotes.
  @Test func quotedNumbers() throws {
    let table = try table(
      "\"y\",\"a\",\"b\"\n\"1\",\"-2e1\", \"3\" \n\"4\",\"\",6\n", roles(missing: .dropped))
    #expect(table.file.names == ["y", "a", "b"] && table.target == [1])
    #expect(entries(table.matrix) == [[-20, 3]])
    for cell in ["\"1\"2", "\"1 2\"", "\"x\"", "\"", "\"1"] {
      #expect(throws: FileError.self) {
        try self.table("y,a\n1,\(cell)\n", roles(missing: .dropped))
      }
    }
  }

  /// Names stand above a row without a number, where a cell says that it has none.
  @Test func namesAboveGaps() throws {
    let file = try TableFile(folder.file("t.csv", "city,a\nRome,NA\nBonn,2\n"), header: false)
    #expect(file.columns.names == ["city", "a"] && file.rows == 2)
    let text = try TableFile(folder.file("u.csv", "city,a\nRome,x\nBonn,2\n"), header: false)
    #expect(text.columns.names == nil)
  }

  /// What only looks alike is text.
  @Test(arguments: ["N", "NAN1", "n/a", "none", "-"]) func textIsNoGap(cell: String) throws {
    #expect(throws: FileError.self) {
      try table("y,a,b\n1,2,3\n4,\(cell),6\n", roles(missing: .dropped))
    }
  }

  @Test(arguments: [MissingCells.dropped, .filled]) func nothingIsLeft(missing: MissingCells) throws
  {
    #expect(throws: FileError.self) { try table("y,a,b\n1,NA,3\n4,,6\n", roles(missing: missing)) }
  }

  @Test(arguments: [false, true]) func levelsAreIndicators(leavesBaseOut: Bool) throws {
    let text = "y,city,a\n1,Rome,2\n2,\"Bonn, D\",3\n3,Oslo,4\n4,Rome,5\n"
    let table = try table(text, roles(categorical: [1], leavesBaseOut: leavesBaseOut))
    let all: [[Double]] = [[0, 0, 1, 2], [1, 0, 0, 3], [0, 1, 0, 4], [0, 0, 1, 5]]
    #expect(entries(table.matrix) == all.map { Array($0.dropFirst(leavesBaseOut ? 1 : 0)) })
    #expect(
      table.columns.names
        == Array(["city=Bonn, D", "city=Oslo", "city=Rome", "a"].suffix(leavesBaseOut ? 3 : 4)))
    #expect(table.places(of: 1) == (leavesBaseOut ? [0, 1] : [0, 1, 2]))
    #expect(table.levels == [1: ["Bonn, D", "Oslo", "Rome"]])
  }

  /// Numbers may be levels, and a table without names has them as well.
  @Test func levelsOfTablesWithoutNames() throws {
    let table = try table("1,7,2\n2,9,3\n3,7,4\n", roles(categorical: [1]))
    #expect(entries(table.matrix) == [[1, 0, 2], [0, 1, 3], [1, 0, 4]])
    #expect((0..<3).map(table.columns.label) == ["1=7", "1=9", "2"])
  }

  @Test func gapsAmongLevels() throws {
    let text = "y,city,a\n1,Rome,2\n2,NA,3\n3,Bonn,4\n4,,\n5,Rome,6\n"
    let dropped = try table(text, roles(missing: .dropped, categorical: [1]))
    #expect(entries(dropped.matrix) == [[0, 1, 2], [1, 0, 4], [0, 1, 6]])
    let filled = try table(text, roles(missing: .filled, categorical: [1]))
    let share = 1.0 / 3
    #expect(
      entries(filled.matrix).map { $0[2] } == [2, 3, 4, 3.75, 6]
        && abs(entries(filled.matrix)[1][0] - share) < 1e-15
        && abs(entries(filled.matrix)[3][1] - 2 * share) < 1e-15)
    #expect(throws: FileError.self) { try table(text, roles(categorical: [1])) }
  }

  @Test func unknownLevelsAreRefused() throws {
    var selection = TableSelection([TableColumn(1, level: "Paris, F")])
    selection.levels = [1: ["Bonn", "Paris, F", "Rome"]]
    let file = try TableFile(
      folder.file("t.csv", "y,city\n1,\"Paris, F\"\n2,Oslo\n"), header: false)
    #expect(
      throws: FileError.malformed(
        path: folder("t.csv"), position: TextPosition(line: 3, column: 2, name: "city"),
        expected: "one of the levels Bonn, \"Paris, F\", Rome", found: "\"Oslo\"")
    ) { try file.read(selection) }
  }

  /// Rows left out leave a matrix whose columns lie further apart than they are long.
  @Test func rowsThatWereKept() throws {
    let file = try TableFile(folder.file("t.csv", "1,2\n,4\n5,6\n7,\n9,10\n"), header: false)
    var selection = TableSelection([TableColumn(1), TableColumn(0)])
    selection.missing = .dropped
    let contents = try file.read(selection)
    #expect(contents.kept.rows == [0, 2, 4] && contents.kept.droppedLines == [2, 4])
    #expect(Array(contents.matrix.column(0)) == [2, 6, 10])
    #expect(Array(contents.matrix.column(1)) == [1, 5, 9])
  }
}
