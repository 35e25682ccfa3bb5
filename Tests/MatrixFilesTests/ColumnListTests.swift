import Testing

@testable import MatrixFiles

/// Which columns a list names.
@Suite struct ColumnListTests {
  private static let columns = TableColumns(
    count: 12,
    names: ["id", "age", "a, b", "lab 1", "lab 2", "x", "x", "2019", "0-4", "a:b", "", "q\"q"])
  private static let nameless = TableColumns(count: 10)

  @Test(
    arguments: [
      ("age", [1]), ("id,age", [0, 1]), (" age , id ", [1, 0]), ("age,age,1", [1]), ("4", [4]),
      ("2-4,0", [2, 3, 4, 0]), ("11", [11]), ("\"a, b\"", [2]), ("\"age\"", [1]), ("lab 1", [3]),
      ("lab*", [3, 4]), ("lab 2*", [4]), ("x*", [5, 6]), ("*", Array(0..<12)),
      ("id:lab 1", [0, 1, 2, 3]),
      ("age:age", [1]), ("\"a, b\":lab 2", [2, 3, 4]), ("3:lab 2", [3, 4]), ("lab 2:5", [4, 5]),
      ("a:b", [9]), ("\"2019\"", [7]), ("\"0-4\"", [8]), ("", [10]), ("id,", [0, 10]),
      ("\"q\"\"q\"", [11]), ("q\"q", [11]), ("id:\"a, b\",x*", [0, 1, 2, 5, 6]),
      ("q\"q,age", [11, 1]), ("\"q\"\"q\" : \"q\"\"q\" , age", [11, 1]),
    ] as [(String, [Int])])
  func names(list: String, indices: [Int]) throws {
    #expect(try ColumnList(list, in: Self.columns).indices() == indices)
  }

  @Test(
    arguments: [
      ("agee", .unknown("agee")), ("id,agee,x", .unknown("agee")), ("Age", .unknown("Age")),
      ("labs*", .unknown("labs*")), ("\"lab*\"", .unknown("lab*")),
      ("x", .repeated("x", at: [5, 6])),
      ("x:lab 1", .repeated("x", at: [5, 6])), ("\"x\"", .repeated("x", at: [5, 6])),
      ("12", .outside(12, count: 12)), ("3-12", .outside(12, count: 12)),
      ("99999999999999999999", .unknown("99999999999999999999")), ("2019", .indexAndName("2019")),
      ("0-4", .indexAndName("0-4")), ("lab 1:age", .reversed("lab 1:age")),
      ("4-3", .unknown("4-3")),
      ("-4", .unknown("-4")), ("1-2-3", .unknown("1-2-3")), ("id:nobody", .unknown("nobody")),
      ("nobody:id", .unknown("nobody")), ("id:12", .outside(12, count: 12)),
    ] as [(String, ColumnListError)])
  func isRefused(list: String, error: ColumnListError) {
    #expect(throws: error) { try ColumnList(list, in: Self.columns).indices() }
  }

  @Test func indicesNeedNoNames() throws {
    #expect(try ColumnList("0,4,7-9", in: Self.nameless).indices() == [0, 4, 7, 8, 9])
    #expect(try ColumnList("2:4", in: Self.nameless).indices() == [2, 3, 4])
    for list in ["age", "lab*", "", "a:b", "*"] {
      #expect(throws: ColumnListError.self) { try ColumnList(list, in: Self.nameless).indices() }
    }
  }

  @Test func oneColumn() throws {
    #expect(try ColumnList("age", in: Self.columns).index() == 1)
    #expect(throws: ColumnListError.several("lab*")) {
      try ColumnList("lab*", in: Self.columns).index()
    }
  }

  /// A name that is there on an index is no doubt.
  @Test func aNameOfItsOwnIndex() throws {
    let columns = TableColumns(count: 3, names: ["0", "1", "2"])
    #expect(try ColumnList("1", in: columns).indices() == [1])
    #expect(try ColumnList("0-2", in: columns).indices() == [0, 1, 2])
  }

  @Test(arguments: [
    (1, "age"), (2, "\"a, b\""), (5, "x (5)"), (6, "x (6)"), (9, "a:b"), (10, "column 10"),
    (11, "\"q\"\"q\""),
  ])
  func labels(column: Int, label: String) { #expect(Self.columns.label(column) == label) }

  @Test func labelsWithoutNames() {
    #expect(Self.nameless.label(3) == "3" && Self.nameless.names(of: [1]) == nil)
    #expect(Self.columns.names(of: [2, 0]) == ["a, b", "id"])
    #expect(TableColumns(count: 3, names: ["a", "b"]).names == nil)
    #expect(TableColumns(count: 1, names: ["a\u{1B}b "]).label(0) == "\"a?b \"")
  }
}
