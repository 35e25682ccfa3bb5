import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Tables long enough for several threads.
@Suite struct TablePartTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  private static let count = 150_000

  /// Row `i`, in one of the ways to write it.
  private func line(_ i: Int) -> String {
    switch i % 7 {
    case 0: "\(i),\(Double(i) / 8),-1\r\n"
    case 1: "\"\(i)\", \(Double(i) / 8) ,-1\n"
    case 2: "# \(i)\n\(i),\(Double(i) / 8)e0,-1\n"
    case 3: "\(i),0x\(String(i, radix: 16))p-3,-1\n"
    default: "\(i),\(Double(i) / 8)000000000000000000,-1\n"
    }
  }

  private func text(changing changes: [Int: String] = [:]) -> String {
    (0..<Self.count).map { changes[$0] ?? line($0) }.joined()
  }

  @Test func allRowsAreInTheirPlaces() throws {
    let text = text()
    #expect(text.utf8.count > 3 << 20)
    let reading = try MatrixFile.reading(try folder.file("a.csv", "a,b,c\n" + text))
    let matrix = reading.contents
    #expect(matrix.rows == Self.count && matrix.columns == 3)
    #expect(
      (0..<Self.count).allSatisfy { i in
        matrix[i, 0] == Double(i) && matrix[i, 1] == Double(i) / 8 && matrix[i, 2] == -1
      })
    #expect(reading.guesses.contains(.comments((Self.count + 4) / 7)))
  }

  /// The first fault of the file is told, whichever thread finds one first.
  @Test(arguments: [(5, 140_000), (70_000, 149_999), (149_998, 149_999)])
  func theFirstFaultIsTold(first: Int, last: Int) throws {
    let text = text(changing: [first: "1,x,2\n", last: "1,2\n"])
    let path = try folder.file("a.csv", text)
    // A comment stands before every row 2, 9, 16, …
    let number = first + 1 + (first + 4) / 7
    let refusal = Refusal(
      TextPosition(line: number, column: 2), expected: "a number", found: "\"x\"")
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
  }

  @Test func levelsLabelsAndOtherColumns() throws {
    let rows = (0..<Self.count).map {
      "\($0 % 10).125,c\($0 % 3),text; |x\($0),part\($0 % 4)\n"
    }
    var roles = DataTable.Roles(target: 0)
    roles.categorical = [1]
    roles.dropped = [2]
    roles.labels = ["folds": 3]
    let data = try DataTable(
      TableFile(
        folder.file("a.csv", "y,level,text,part\n" + rows.joined()), header: true), roles)
    #expect(data.matrix.columns == 3 && data.target.count == Self.count)
    #expect(
      (0..<Self.count).allSatisfy { i in
        data.target[i] == Double(i % 10) + 0.125
          && (0..<3).allSatisfy { data.matrix[i, $0] == (i % 3 == $0 ? 1 : 0) }
      })
    #expect(data.labels[3] == (0..<Self.count).map { $0 % 4 })
  }

  /// Panels hold all rows in their order, however many threads there are, with what was left out of each.
  @Test(arguments: [1, 3], [1, 1000, 1 << 20])
  func panelsHoldAllRows(threads: Int, bytes: Int) throws {
    let count = bytes == 1 ? 300 : 20_000
    let rows = (0..<count).map { $0 % 100 == 7 ? "\($0),NA\n" : "# \($0)\n\($0),\($0 % 5)\n" }
    let file = try TableFile(
      folder.file("a.csv", "y,x\n" + rows.joined()), header: true)
    var roles = DataTable.Roles(target: 0)
    roles.missing = .dropped
    let plan = try TablePlan(file, roles)
    var (target, panels, dropped, firsts) = ([Double](), 0, [Int](), [Int]())
    try file.forEachPanel(plan.selection, bytes: bytes, threads: threads) { contents, first in
      (try plan.rows(of: contents, path: "a.csv").target, contents.kept.droppedLines, first)
    } take: { part in
      target += part.0
      dropped += part.1
      firsts.append(part.2)
      panels += 1
    }
    #expect(target == (0..<count).filter { $0 % 100 != 7 }.map(Double.init))
    // Line 1 holds the names; a comment stands above every row that is whole.
    let expected = (0..<count).filter { $0 % 100 == 7 }.map { $0 + 2 + $0 - $0 / 100 }
    #expect(dropped == expected)
    #expect(firsts.first == 0 && firsts == firsts.sorted() && panels > (bytes < 1 << 20 ? 20 : 0))
  }

  /// A fault is told with its line, as where the whole is read.
  @Test func aFaultOfAPanelIsTold() throws {
    let path = try folder.file(
      "a.csv", "y,x\n" + (0..<5000).map { $0 == 4000 ? "1,b\n" : "1,2\n" }.joined())
    let file = try TableFile(path, header: true)
    let plan = try TablePlan(file, DataTable.Roles(target: 0))
    #expect(throws: try #require(throws: FileError.self) { try file.read(plan.selection) }) {
      try file.forEachPanel(plan.selection, bytes: 1000, threads: 2) { _, _ in
        0
      } take: { _ in
      }
    }
  }

  /// Labels of rows, and words in the target, come to their rows.
  @Test func labelsAndWords() throws {
    let rows = (0..<Self.count).map { i in
      "\(i % 10).125,\(i % 7 == 3 ? "yes" : "no"),patient \(i / 4 % 500)\n"
    }.joined()
    var roles = DataTable.Roles(target: 1)
    roles.mayTargetBeWords = true
    roles.labels = ["fold-groups": 2]
    let data = try DataTable(
      TableFile(folder.file("a.csv", "x,ill,patient\n" + rows), header: true), roles)
    #expect(data.targetLevels == ["no", "yes"])
    let labels = try #require(data.labels[2])
    let names = Set((0..<500).map { "patient \($0)" }).sorted()
    #expect(
      (0..<Self.count).allSatisfy { i in
        data.target[i] == (i % 7 == 3 ? 1 : 0) && data.matrix[i, 0] == Double(i % 10) + 0.125
          && names[labels[i]] == "patient \(i / 4 % 500)"
      })
  }

  /// Rows without a value are left out of their places, which one thread knows.
  @Test func rowsWithoutAValue() throws {
    let rows = (0..<Self.count).map { $0 % 1000 == 7 ? "\($0),NA\n" : "\($0),\($0 % 5)\n" }.joined()
    var roles = DataTable.Roles(target: 0)
    roles.missing = .dropped
    let data = try DataTable(
      TableFile(folder.file("a.csv", "y,x\n" + rows), header: true), roles)
    #expect(data.target == (0..<Self.count).filter { $0 % 1000 != 7 }.map(Double.init))
  }
}
