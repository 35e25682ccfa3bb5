import Foundation
import SparseCore
import Testing

@testable import MatrixFiles

/// What was guessed to read the files is said in the result.
@Suite(.serialized) final class NoticeTests: ToolSuite {
  let tool: Tool

  init() throws {
    tool = try Tool()
    try write("A.csv", "a,b,c\n1,0,0\n0,2,0\n0,0,3\n1,1,1\n")
    try write("y.csv", "3\n4\n0\n2\n")
    try write("row.csv", "3,4,0,2\n")
    try write("two.csv", "0,3\n1,4\n2,0\n3,2\n")
    try MatrixFile.write(
      .double(Matrix(rows: 4, columns: 2, columnMajor: [0, 1, 2, 3, 3, 4, 0, 2])),
      to: tool.folder.appendingPathComponent("two.npy").path)
    try write("w.csv", "1 1 1 1")
    try write("x.csv", "1,0,0\n")
  }

  deinit { tool.cleanUp() }

  private static let names =
    "A.csv: the first line was taken as the names of the columns; --header says so"
  private static let index =
    "the first column counts the rows from 0, as an index does; it was kept "
    + "(pandas leaves it out with to_csv(index=False))"
  private static let several = "was read as 2 observations, one a column"

  static let cases: [(words: String, notices: [String])] = [
    ("-m A.csv -y y.csv", [names]),
    ("-m A.csv -y row.csv", [names, "row.csv: one row of 4 numbers was read as a vector"]),
    (
      "-m A.csv -y y.csv --weights w.csv",
      [
        names, "w.csv: cells were separated at blanks",
        "w.csv: one row of 4 numbers was read as a vector",
      ]
    ),
    (
      "-m A.csv -y y.csv --start x.csv --truth x.csv",
      ["x.csv: one row of 3 numbers was read as a vector", names]
        + ["x.csv: one row of 3 numbers was read as a vector"]
    ),
    ("-m A.csv -y two.csv", [names, "two.csv: \(index)", "two.csv \(several)"]),
    ("-m A.csv -y two.npy", [names, "two.npy \(several)", "two.npy: \(index)"]),
    ("-m two.npy -y y.csv", []),
    ("-m two.csv -y y.csv", ["two.csv: \(index)"]),
  ]

  @Test(arguments: cases) func areInTheResult(words: String, notices: [String]) throws {
    let text = try run("solve -k 1 " + words)
    #expect(text.exitCode == 0 && text.errors.isEmpty, "\(text)")
    let said = text.output.split(separator: "\n").filter { $0.hasPrefix("notice ") }
    #expect(said == notices.map { "notice              \($0)" })
    let json = try run("solve -k 1 --json " + words)
    // Several observations are several results.
    let results = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let all = results as? [[String: Any]] ?? [results as? [String: Any] ?? [:]]
    #expect(all.count == (words.contains("-y two") ? 2 : 1))
    for result in all { #expect(result["notices"] as? [String] == notices) }
  }

  @Test func areInAPath() throws {
    let outcome = try run("path -m A.csv -y row.csv -k 1:2")
    #expect(outcome.value("notice") == Self.names)
    let json = try run("path -m A.csv -y row.csv -k 1:2 --json").json()
    #expect(
      json["notices"] as? [String]
        == [
          Self.names, "row.csv: one row of 4 numbers was read as a vector",
          "the choice is the largest k solved, 2: where more are solved it may be larger",
        ])
  }

  @Test func areInAnExperiment() throws {
    let words = "experiment regression --quick --trials 2 --solvers omp --plot none --data A.csv"
    #expect(try run(words + " -o one").output.contains("notice    \(Self.names)\n"))
    #expect(try !run(words + " --header -o two").output.contains("notice"))
  }

  /// With one row in A, the numbers of a row are as many observations.
  @Test func aRowForOneRow() throws {
    try write("one.csv", "1,2\n")
    let outcome = try run("solve -m one.csv -y one.csv -k 1")
    #expect(outcome.value("notice") == "one.csv was read as 2 observations, one a column")
  }
}
