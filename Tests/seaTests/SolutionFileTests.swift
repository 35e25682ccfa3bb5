import Foundation
import SparseRecovery
import Testing

@testable import MatrixFiles

/// What a solution is written to, by the ending of the name.
@Suite(.serialized) final class SolutionFileTests: ToolSuite {
  let tool: Tool

  private static let rows: [(price: Double, size: Double, rooms: Double, city: String)] = [
    (210, 81, 3, "Rome"), (340, 120, 5, "Paris, F"), (190, 70, 2, "Rome"), (280, 100, 4, "Bonn"),
    (300, 110, 4, "Bonn"), (250, 95, 3, "Paris, F"), (230, 85, 3, "Rome"), (310, 130, 5, "Bonn"),
  ]
  private static let solve =
    "solve --table t.csv --target price --categorical city -k 2 --intercept --json "

  init() throws {
    tool = try Tool()
    let text =
      "price,size,rooms,city\n"
      + Self.rows.map { "\($0.price),\($0.size),\($0.rooms),\"\($0.city)\"\n" }.joined()
    try Data(text.utf8).write(to: tool.folder.appendingPathComponent("t.csv"))
  }

  deinit { tool.cleanUp() }

  private func path(_ name: String) -> String { tool.folder.path + "/" + name }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// What a result says, every number to its last digit: JSONSerialization is not that exact.
  private struct Found: Decodable {
    let support: [Int]
    let coefficients: [Double]
    let intercept: Double

    init(_ outcome: Tool.Outcome) throws {
      self = try JSONDecoder().decode(Found.self, from: Data(outcome.output.utf8))
    }

    /// The coefficients of all columns.
    func dense(_ count: Int) -> [Double] {
      var x = [Double](repeating: 0, count: count)
      for (j, value) in zip(support, coefficients) { x[j] = value }
      return x
    }
  }

  /// A cell in quotes holds the separator.
  @Test(arguments: [("x.csv", ",", "\"city=Paris, F\""), ("x.TSV", "\t", "city=Paris, F")])
  func tablesHaveNamesAndTheIntercept(name: String, separator: String, paris: String) throws {
    let found = try Found(try run(Self.solve + "-o \(name)"))
    let lines =
      [("column", "coefficient"), ("(intercept)", "\(found.intercept)")]
      + zip(["size", "rooms", paris, "city=Rome"], found.dense(4)).map { ($0, "\($1)") }
    #expect(try text(name) == lines.map { "\($0)\(separator)\($1)\n" }.joined())
    // Read back without the intercept.
    let again = try run(Self.solve + "--start \(name) --truth \(name) --iterations 1")
    #expect(try Found(again).coefficients == found.coefficients)
    #expect((try again.json()["truth"] as? [String: Any])?["found"] as? Int == 2)
  }

  /// Without an intercept, and where several solutions are.
  @Test func severalObservationsHaveAColumnEach() throws {
    try Data("a,b\n1,0\n0,2\n0,0\n".utf8).write(to: tool.folder.appendingPathComponent("A.csv"))
    try Data("1,0\n0,4\n0,0\n".utf8).write(to: tool.folder.appendingPathComponent("Y.csv"))
    let words = "solve -m A.csv -y Y.csv -k 1 -a omp --force -q "
    #expect(try run(words + "-o x.csv").exitCode == 0)
    #expect(
      try text("x.csv") == "column,coefficient 0,coefficient 1\na,1.0,0.0\nb,0.0,2.0\n")
    #expect(try run(words + "-o x.json").exitCode == 0)
    let results = try JSONSerialization.jsonObject(with: Data(try text("x.json").utf8)) as? [Any]
    #expect(results?.count == 2)
    #expect(try run(words + "--fitted f.csv --residuals r.npy -o x.npz").exitCode == 0)
    #expect(try text("f.csv") == "1.0,0.0\n0.0,4.0\n0.0,0.0\n")
    let residuals = try MatrixFile.read(path("r.npy"))
    #expect(residuals.rows == 3 && residuals.columns == 2 && residuals[1, 1] == 0)
    let x = try MatrixFile.read(path("x.npz:coefficients"))
    #expect(x.rows == 2 && x.columns == 2 && x[0, 0] == 1 && x[1, 1] == 2)
    // Two supports are not one.
    #expect(throws: FileError.self) { try MatrixFile.read(path("x.npz:support")) }
  }

  /// A name that begins as a comment does is read back as a name.
  @Test func namesAreNoComments() throws {
    try Data("\"# a\",b\n1,0\n0,2\n0,0\n".utf8).write(
      to: tool.folder.appendingPathComponent("A.csv"))
    try Data("3\n0\n0\n".utf8).write(to: tool.folder.appendingPathComponent("y.csv"))
    let words = "solve -m A.csv -y y.csv -k 1 -a sea --force -q "
    #expect(try run(words + "-o x.csv").exitCode == 0)
    #expect(try text("x.csv") == "column,coefficient\n\"# a\",3.0\nb,0.0\n")
    let again = try run(words + "--start x.csv --truth x.csv")
    #expect(again.exitCode == 0, "\(again.errors)")
  }

  @Test func archivesHoldAll() throws {
    let found = try Found(try run(Self.solve + "-o x.npz"))
    #expect(try MatrixFile.readVector(path("x.npz:coefficients")) == found.dense(4))
    #expect(try MatrixFile.readVector(path("x.npz:support")) == found.support.map(Double.init))
    #expect(try MatrixFile.readVector(path("x.npz:intercept")) == [found.intercept])
    // Others judge the archive and its checksums.
    let check = "import zipfile, sys; sys.exit(zipfile.ZipFile('x.npz').testzip() is not None)"
    let python = try tool.start(
      [], launcher: ["/usr/bin/env", "python3", "-c", check]
    ).outcome()
    #expect(python.exitCode == 0, "\(python.errors)")
  }

  @Test func resultsAreThoseOfTheOutput() throws {
    let json = try run(Self.solve + "-o x.json").json()
    let file = try JSONSerialization.jsonObject(with: Data(try text("x.json").utf8))
    #expect(file as? NSDictionary == json as NSDictionary)
    let path = try run(
      "path --table t.csv --target price --drop city -k 1:2 --intercept --json -o p.json"
    ).json()
    let written = try JSONSerialization.jsonObject(with: Data(try text("p.json").utf8))
    #expect(written as? NSDictionary == path as NSDictionary)
  }

  /// By their definitions; every term of a sum of four rounds once.
  @Test func fittedValuesAndResiduals() throws {
    try Data("1\n2\n1\n1\n1\n1\n0\n1\n".utf8).write(to: tool.folder.appendingPathComponent("w.csv"))
    for command in [Self.solve, Self.solve.replacing("solve", with: "path") + "-c none "] {
      let json = try run(
        command + "--exclude city --weights w.csv --fitted f.npy --residuals r.csv --force"
      ).json()
      let result = (json["points"] as? [[String: Any]])?.last ?? json
      // Digits that JSONSerialization loses are 2⁻⁵² of the coefficients.
      let x = try #require(result["coefficients"] as? [Double])
      let b = try #require(result["intercept"] as? Double)
      #expect(result["names"] as? [String] == ["size", "rooms"])
      let fitted = try MatrixFile.readVector(path("f.npy"))
      let residuals = try MatrixFile.readVector(path("r.csv"))
      for (i, row) in Self.rows.enumerated() {
        let expected = b + row.size * x[0] + row.rooms * x[1]
        #expect(abs(fitted[i] - expected) <= 4 * 0x1p-52 * 1000)
        #expect(residuals[i] == row.price - fitted[i])
      }
      let norm = try #require(result["residualNorm"] as? Double)
      let weights = [1.0, 2, 1, 1, 1, 1, 0, 1]
      let sum = zip(weights, residuals).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
      #expect(abs(sum.squareRoot() - norm) < 1e-10 * norm)
    }
  }

  /// AIC, BIC and Cp by hand; EBIC and GIC have tests of their own.
  @Test func criteria() throws {
    let json = try run(Self.solve + "--exclude city").json()
    let found = try #require(json["criteria"] as? [String: Double])
    let norm = try #require(json["residualNorm"] as? Double)
    let (m, p) = (8.0, 3.0)
    let likelihood = m * log(norm * norm / m)
    #expect(abs(try #require(found["aic"]) - likelihood - 2 * p) < 1e-9)
    #expect(abs(try #require(found["bic"]) - likelihood - p * log(m)) < 1e-9)
    // Of all columns that may be chosen p is Cp.
    #expect(abs(try #require(found["cp"]) - p) < 1e-9)
    #expect(json["criteriaAbsent"] == nil)
    let ridge = try run(Self.solve + "--ridge 1").json()
    #expect(
      ridge["criteriaAbsent"] as? [String: String] == ["cp": "Cp is not defined with a ridge"])
  }

  @Test(arguments: [
    ("-o x.txt", "x.txt: expected a name that ends in .npy, .csv, .tsv, .mtx, .mat, .npz or .json"),
    ("--fitted f.json", "f.json: expected a name that ends in .npy, .csv, .tsv, .mtx or .mat"),
    ("--residuals t.csv", "t.csv: it exists; --force replaces it"),
  ])
  func isRefused(words: String, message: String) throws {
    for command in [Self.solve, Self.solve.replacing("solve", with: "path")] {
      let outcome = try run(command + words)
      #expect(outcome.exitCode == 73 && outcome.output.isEmpty)
      #expect(outcome.errors == "sea: cannot write \(message)\n")
    }
  }
}
