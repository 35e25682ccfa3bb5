import Foundation
import Testing

/// No figure ends a result: what a double cannot say is left out of the JSON, or null there, and all else is written.
@Suite(.serialized) final class FigureTests: ToolSuite {
  let tool: Tool

  /// A and y of 24 rows, with y in the unit 2^`exponent`, as tables.
  init() throws {
    tool = try Tool()
    var state: UInt64 = 3
    func number() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 23) - 1
    }
    let rows = (0..<24).map { _ in (0..<5).map { _ in number() } }
    let y = rows.map { 2 * $0[1] - $0[3] + 0.3 * number() }
    for (name, exponent) in [("plain", 0), ("large", 530), ("small", -660)] {
      let unit = Double(sign: .plus, exponent: exponent, significand: 1)
      let lines = zip(rows, y).map { row, y in
        (row + [y * unit]).map { "\($0)" }.joined(separator: ",")
      }
      try write("\(name).csv", "a,b,c,d,e,y\n" + lines.joined(separator: "\n") + "\n")
    }
  }

  deinit { tool.cleanUp() }

  private func json(_ words: String) throws -> [String: Any] {
    let outcome = try tool.run(words.split(separator: " ").map(String.init) + ["--json"])
    #expect(outcome.exitCode == 0, "\(words): \(outcome.errors)")
    let json = try outcome.json()
    #expect(try JSONSchema(String(words.prefix { $0 != " " })).faults(of: json) == [])
    return json
  }

  @Test(arguments: ["large", "small"]) func solves(unit: String) throws {
    func solve(_ unit: String) throws -> [String: Any] {
      try json(
        "solve --table \(unit).csv --target y -k 2 --intercept --test \(unit).csv -o \(unit).json "
          + "--report \(unit).html --force")
    }
    let (found, expected) = (try solve(unit), try solve("plain"))
    #expect(found["support"] as? [Int] == [1, 3] && expected["support"] as? [Int] == [1, 3])
    let cp = { (json: [String: Any]) in (json["criteria"] as? [String: Double])?["cp"] }
    #expect(cp(found) == cp(expected) && cp(found) != nil)
    #expect(FileManager.default.fileExists(atPath: tool.folder.path + "/\(unit).html"))
  }

  /// The same sparsity is chosen; values are null, or zero, where no double is as large, or as small.
  @Test(arguments: [("large", "auto"), ("small", "auto"), ("large", "off"), ("small", "off")])
  func paths(unit: String, reduction: String) throws {
    func path(_ unit: String, _ output: String) throws -> [String: Any] {
      try json(
        "path --table \(unit).csv --target y -k 0:4 --intercept -c cv,ebic --reduce \(reduction) "
          + "--bootstrap 4 --effort quick --report page.html -o x.csv --force" + output)
    }
    let (found, expected) = (
      try path(unit, " --plot plot.svg"), try path("plain", "")
    )
    #expect(found["chosen"] as? Int == expected["chosen"] as? Int)
    let values = try #require((found["choices"] as? [[String: Any]])?.first?["values"] as? [Any])
    #expect(values.count == 5)
    for value in values {
      #expect(unit == "large" ? value is NSNull : value as? Double == 0, "\(value)")
    }
  }

  /// Residuals whose squares no double holds, and predictions whose difference to what was observed is none.
  @Test func predictions() throws {
    let outcome = try tool.run([
      "solve", "--table", "plain.csv", "--target", "y", "-k", "1", "--intercept",
      "--model-output", "m.json", "-q", "-a", "omp",
    ])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let path = tool.folder.appendingPathComponent("m.json")
    var model = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
    var terms = try #require(model["terms"] as? [[String: Any]])
    terms[0]["coefficient"] = 1e308
    model["terms"] = terms
    try JSONSerialization.data(withJSONObject: model).write(to: path)
    let far = try json("predict --model m.json --table plain.csv")
    #expect(far["rmse"] is Double && far["rSquared"] == nil)
    try write("far.csv", "b,y\n1,-1e308\n0.9,-1.5e308\n")
    let beyond = try json("predict --model m.json --table far.csv")
    #expect((beyond["predictions"] as? [Double])?.count == 2)
    #expect(beyond["rmse"] == nil && beyond["rSquared"] == nil)
  }
}
