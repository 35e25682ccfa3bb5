import Foundation
import Testing

/// `--column-groups`: columns that are selected as a whole, of files and of the levels of a table.
@Suite(.serialized) final class GroupCommandTests: ToolSuite {
  let tool: Tool

  /// The price depends on the city and on the size; the age is noise.
  init() throws {
    tool = try Tool()
    let cities = ["Rome", "Oslo", "Bonn", "Bern"]
    let values: [Double] = [0, 40, -30, 15]
    let lines = (0..<40).map { (i: Int) -> String in
      let (city, size, age) = (i * 7 % 4, Double(i * i % 11), Double(i * 5 % 13))
      let price: Double = values[city] + 3 * size + Double(i * 3 % 7) / 5
      return "\(cities[city]),\(size),\(age),\(price)\n"
    }
    try write("houses.csv", "city,size,age,price\n" + lines.joined())
    let columns = (0..<6).map { (j: Int) -> [Double] in
      (0..<20).map { (i: Int) -> Double in Double((i * i + 3 * j * i + j * j) % 17) }
    }
    let y = (0..<20).map { (i: Int) -> Double in
      columns[1][i] - 2 * columns[4][i] + columns[2][i]
    }
    try write("A.csv", (0..<20).map { i in line(columns.map { $0[i] }) }.joined())
    try write("y.csv", y.map { "\($0)\n" }.joined())
    try write("groups.csv", "10\n7\n10\n2.5\n7\n2.5\n")
  }

  deinit { tool.cleanUp() }

  private func line(_ numbers: [Double]) -> String {
    numbers.map { "\($0)" }.joined(separator: ",") + "\n"
  }

  private static let table = "--table houses.csv --target price --categorical city --intercept "

  @Test func levelsAreSelectedTogether() throws {
    let found = try json("solve -k 2 --column-groups levels " + Self.table)
    #expect(found["groups"] as? [String] == ["city", "size"])
    #expect(found["names"] as? [String] == ["city=Bonn", "city=Oslo", "city=Rome", "size"])
    #expect(found["optimalityGap"] as? Double == 0)
    let one = try json("solve -k 1 --column-groups levels " + Self.table)
    #expect(one["groups"] as? [String] == ["city"])
    let text = try run("solve -k 2 --column-groups levels " + Self.table).output
    #expect(text.hasPrefix("groups              city, size\nsupport             city=Bonn"))
    #expect(text.contains("no support of at most 2 groups has a smaller loss"))
  }

  @Test func groupsOfAFileAreNumbers() throws {
    let words = "-m A.csv -y y.csv --column-groups groups.csv "
    let found = try json("solve -k 2 " + words)
    #expect(found["groups"] as? [String] == ["10", "7"])
    #expect(found["support"] as? [Int] == [0, 1, 2, 4])
    #expect(found["stopReason"] as? String == "residual")
    for algorithm in ["sea --start zero", "omp", "splicing", "exhaustive"] {
      let other = try json("solve -k 2 --algorithm \(algorithm) " + words)
      #expect(other["support"] as? [Int] == [0, 1, 2, 4], "\(algorithm)")
    }
    let path = try json("path -k 0:3 --intercept " + words)
    let points = try #require(path["points"] as? [[String: Any]])
    #expect(points.map { ($0["groups"] as? [String])?.count } == [0, 1, 2, 3])
    #expect(points.map { ($0["support"] as? [Int])?.count } == [0, 2, 4, 6])
    #expect(path["chosen"] as? Int == 2)
  }

  @Test(arguments: [
    (
      "-m A.csv -y y.csv --column-groups y.csv", 65,
      "y.csv: expected 6 groups, one for each column to choose from, found 20"
    ),
    ("-m A.csv -y y.csv --column-groups levels", 64, "--column-groups levels: needs --table"),
    (
      "-m A.csv -y y.csv --column-groups groups.csv --nonnegative", 64,
      "column-groups: expected none together with nonnegative coefficients, found groups"
    ),
    (
      "-m A.csv -y y.csv --column-groups groups.csv --gradient blocked", 64,
      "--gradient: expected auto, direct or gram with --column-groups, found 'blocked'"
    ),
    (
      "-m A.csv -y y.csv --column-groups groups.csv --algorithm els", 64,
      "els cannot solve with groups of columns"
    ),
    (
      "-m A.csv -y y.csv --column-groups groups.csv --include 1", 64,
      "--include: expected whole groups, with 4, found a part of one"
    ),
    (
      table + "--column-groups levels --include city=Oslo", 64,
      "--include: expected whole groups, with city=Bonn, found a part of one"
    ),
  ])
  func whatCannotBeIsRefused(words: String, code: Int32, message: String) throws {
    let refused = try run("solve -k 2 " + words)
    #expect(refused.exitCode == code)
    #expect(refused.errors.contains(message), "\(refused.errors)")
  }
}
