import Arguments
import Foundation
import Testing

@testable import MatrixFiles
@testable import sea

/// What was written is a start and a truth again.
@Suite(.serialized) final class CoefficientFileTests: ToolSuite {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try run("generate gaussian --rows 40 --columns 90 -k 4 --snr 15 --seed 3 -o p")
  }

  deinit { tool.cleanUp() }

  private static let solve = "solve -m p/A.npy -y p/y.npy -k 4 --backend cpu"

  @Test(arguments: ["x.npy", "x.csv", "x.tsv", "x.mtx", "x.json", "x.JSON", "result"])
  func areReadBack(name: String) throws {
    let isJSON = name.lowercased().hasSuffix(".json") || name == "result"
    let first = try run(Self.solve + " --start omp --json" + (isJSON ? "" : " -o \(name)"))
    #expect(first.exitCode == 0, "\(first.errors)")
    if isJSON { try write(name, first.output) }
    let found = try first.json()
    // One iteration: the start is all that there is.
    let again = try run(
      Self.solve + " --start \(name) --truth \(name) --iterations 1 --json")
    #expect(again.exitCode == 0, "\(again.errors)")
    let json = try again.json()
    #expect(json["support"] as? [Int] == found["support"] as? [Int])
    #expect(json["coefficients"] as? [Double] == found["coefficients"] as? [Double])
    #expect(json["notices"] as? [String] == [])
    let truth = try #require(json["truth"] as? [String: Any])
    #expect(truth["found"] as? Int == 4 && truth["wanted"] as? Int == 4)
    let path = try run("path -m p/A.npy -y p/y.npy -k 4 -c none --truth \(name) --json")
    #expect(try path.json()["supportDistance"] as? Double != nil)
  }

  /// To the last bit.
  @Test(arguments: ["x.npy", "x.csv", "x.tsv", "x.mtx", "x.json"])
  func theNumbersAreTheSame(name: String) throws {
    let folder = tool.folder.path
    try write("x.json", try run(Self.solve + " --json -o known.npy").output)
    let x = try MatrixFile.readVector(folder + "/known.npy")
    if name != "x.json" { try MatrixFile.write(x, to: "\(folder)/\(name)") }
    guard
      case .run(let arguments) = try Sea.table.parse(
        Self.solve.split(separator: " ").map(String.init))
    else {
      Issue.record("expected a command")
      return
    }
    let files = InputFiles(arguments)
    let found = try files.coefficients("\(folder)/\(name)")
    #expect(found.numbers[0].map(\.bitPattern) == x.map(\.bitPattern) && !found.areComplex)
    #expect(x.count == 90 && x.count { $0 != 0 } == 4 && files.notices.isEmpty)
  }

  private static let expected =
    "expected a result of 'sea solve --json' for one observation, found "
  private static let pairs =
    "expected a coefficient for each column of the support, from 0 to columns − 1, found "

  @Test(arguments: [
    ("{", expected + "text that is no JSON"), ("1\n2\n", expected + "text that is no JSON"),
    ("[]", expected + "other JSON"), ("{}", expected + "none of its columns"),
    (#"{"columns":90,"support":[1]}"#, expected + "none of its coefficients"),
    (
      #"{"columns":"90","support":[],"coefficients":[]}"#,
      expected + "something else as its columns"
    ),
    (
      #"{"columns":90,"support":[0,null],"coefficients":[1]}"#,
      expected + "something else as its support"
    ),
    (
      #"{"columns":90,"support":[1,2],"coefficients":[3]}"#,
      pairs + "2 columns and 1 coefficients of 90 columns"
    ),
    (
      #"{"columns":90,"support":[1,1],"coefficients":[3,4]}"#,
      pairs + "2 columns and 2 coefficients of 90 columns"
    ),
    (
      #"{"columns":90,"support":[90],"coefficients":[3]}"#,
      pairs + "1 columns and 1 coefficients of 90 columns"
    ),
    (
      #"{"columns":0,"support":[],"coefficients":[]}"#,
      pairs + "0 columns and 0 coefficients of 0 columns"
    ),
    (
      #"{"columns":9000000000000000000,"support":[5],"coefficients":[3]}"#,
      "expected a vector that fits into memory, found 9000000000000000000 columns"
    ),
    (
      #"{"columns":80,"support":[5],"coefficients":[3]}"#,
      "expected a truth of length 90 (the columns of the matrix), found 80"
    ),
  ])
  func otherJSONIsRefused(text: String, message: String) throws {
    try write("x.json", text)
    let outcome = try run(Self.solve + " --truth x.json")
    #expect(outcome.exitCode == 65 && outcome.output.isEmpty)
    #expect(outcome.errors == "sea: x.json: \(message)\n")
  }

  @Test func aMissingResult() throws {
    let outcome = try run(Self.solve + " --start x.json")
    #expect(outcome.exitCode == 66)
    #expect(outcome.errors == "sea: cannot read x.json: No such file or directory\n")
  }
}
