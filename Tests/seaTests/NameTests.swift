import Foundation
import Testing

/// Columns are called by the names that a text table has for them.
@Suite(.serialized) final class NameTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    try write(
      "A.csv", "age,\"a, b\",x,x,bmi\n1,0,0,2,5\n0,2,0,1,4\n0,0,3,1,7\n1,1,1,0,3\n2,0,1,5,1\n")
    try write("y.csv", "3\n4\n0\n2\n5\n")
    try write("two.csv", "3,6\n4,1\n0,1\n2,1\n5,5\n")
    try write("plain.csv", "1,0\n0,2\n1,1\n3,1\n2,2\n")
  }

  deinit { tool.cleanUp() }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: tool.folder.appendingPathComponent(name))
  }

  private func run(_ words: String...) throws -> Tool.Outcome { try tool.run(words) }

  @Test func areInTheResult() throws {
    let solve = ["solve", "-m", "A.csv", "-y", "y.csv", "-k", "3", "--include", "age:\"a, b\""]
    let text = try tool.run(solve)
    #expect(text.value("support")?.hasPrefix("age, \"a, b\", ") == true, "\(text)")
    let json = try tool.run(solve + ["--json"]).json()
    let support = try #require(json["support"] as? [Int])
    let all = ["age", "a, b", "x", "x", "bmi"]
    #expect(json["names"] as? [String] == support.map { all[$0] })
    let several = try run("solve", "-m", "A.csv", "-y", "two.csv", "-k", "1", "--include", "bmi")
    #expect(several.output.split(separator: "\n").filter { $0.hasSuffix("\tbmi") }.count == 2)
    // Where two have one name, the index tells them apart.
    let alike = try run("solve", "-m", "A.csv", "-y", "y.csv", "-k", "1", "--include", "3")
    #expect(alike.value("support") == "x (3)")
  }

  @Test func areInAPath() throws {
    let path = ["path", "-m", "A.csv", "-y", "y.csv", "-k", "2", "--include", "bmi"]
    let text = try tool.run(path)
    #expect(text.output.contains("+bmi"), "\(text)")
    let json = try tool.run(path + ["--json"]).json()
    let points = try #require(json["points"] as? [[String: Any]])
    #expect((points.first?["names"] as? [String]) == ["bmi"])
    #expect(points.count == 2)
  }

  @Test func filesWithoutNamesHaveNone() throws {
    let words = ["solve", "-m", "plain.csv", "-y", "y.csv", "-k", "1"]
    #expect(try tool.run(words + ["--json"]).json()["names"] == nil)
    #expect(try tool.run(words).value("support").flatMap { Int($0) } != nil)
  }

  private static let alike =
    "--include: expected an index in the place of a name that is there twice, found 'x', columns 2, 3"

  @Test(arguments: [
    (
      "A.csv", "--include", "agee",
      "--include: expected the name or the index of a column, found 'agee'; "
        + "the nearest names are age, \"a, b\", x"
    ),
    ("A.csv", "--include", "x", alike),
    ("A.csv", "--exclude", "0-7", "--exclude: expected columns from 0 to 4, found column 7"),
    (
      "A.csv", "--exclude", "bmi:age",
      "--exclude: expected a range from one column to a later one, found bmi:age"
    ),
    (
      "plain.csv", "--include", "age",
      "--include: expected columns such as 0,4,7-9, since there is no line of names "
        + "(--header says that there is), found age"
    ),
  ])
  func thatAreNotThere(matrix: String, option: String, list: String, message: String) throws {
    for command in ["solve", "path"] {
      let outcome = try run(command, "-m", matrix, "-y", "y.csv", "-k", "2", option, list)
      #expect(outcome.exitCode == 64 && outcome.output.isEmpty)
      #expect(outcome.errors == "sea: \(message)\n")
    }
  }

  /// A line that does not name every column names none, and that is said.
  @Test func linesOfOtherLength() throws {
    try write("named.csv", "y\n3\n4\n0\n2\n5\n")
    try write("short.csv", "a,b,c\n1,0\n0,2\n1,1\n3,1\n2,2\n")
    let outcome = try run("solve", "-m", "short.csv", "-y", "named.csv", "-k", "1", "--header")
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.output.contains(
        "short.csv: the first line was skipped, as --header says, but does not hold a name for each "
          + "column: 3 found"))
  }
}
