import Foundation
import Testing

/// `sea path` for several observations: a path for each, or one for all.
@Suite(.serialized) final class ManyPathsTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "--rows", "40", "--columns", "18", "-k", "3", "--snr", "12", "-o", "p"
    )
    // Nothing that a few columns explain: choices differ, and none is easy.
    let numbers = (0..<40).map { (i: Int) -> [Int] in
      (0..<3).map { (j: Int) -> Int in (7 * i * i + 5 * i * j + 3 * j) % 23 }
    }
    try write("Y.csv", numbers.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined())
    for column in 0..<3 {
      try write("y\(column).csv", numbers.map { "\($0[column])\n" }.joined())
    }
  }

  deinit { tool.cleanUp() }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: tool.folder.appendingPathComponent(name))
  }

  private func run(_ words: String, _ observation: String = "Y.csv") throws -> Tool.Outcome {
    let all = "path -m p/A.npy -y \(observation) -k 4 --intercept --backend cpu --deterministic "
    return try tool.run((all + words).split(separator: " ").map(String.init))
  }

  private func json<Value>(_ words: String, _ observation: String = "Y.csv") throws -> Value {
    let outcome = try run(words + " --json", observation)
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? Value)
  }

  /// What two results say, times and notices about files left out.
  private func expectSame(_ a: [String: Any], _ b: [String: Any]) {
    func kept(_ json: [String: Any]) -> NSDictionary {
      NSDictionary(dictionary: json.filter { !["seconds", "notices"].contains($0.key) })
    }
    #expect(kept(a).isEqual(to: b.filter { !["seconds", "notices"].contains($0.key) }))
  }

  private static let words = "-c bic,cv --folds 4 --bootstrap 3 --seed 2"

  /// Each observation has the bits that it has alone.
  @Test func eachIsAsAlone() throws {
    let all: [[String: Any]] = try json(Self.words + " -o X.csv")
    #expect(all.count == 3)
    for (column, found) in all.enumerated() {
      let alone: [String: Any] = try json(Self.words, "y\(column).csv")
      expectSame(found, alone)
    }
    let lines = try String(
      contentsOf: tool.folder.appendingPathComponent("X.csv"), encoding: .utf8
    ).split(separator: "\n")
    // A line of names, the intercepts, and 18 columns.
    #expect(lines.count == 20 && lines.allSatisfy { $0.split(separator: ",").count == 4 })
    let text = try run(Self.words).output.split(separator: "\n")
    #expect(text[0] == "observation\tchosen\trelative residual\tsupport")
    #expect(text[3].hasPrefix("2\tk = \(all[2]["chosen"] ?? 0), by bic; k = "))
  }

  /// One support for all, at each sparsity that of `sea solve --joint` where that is better than the one before.
  @Test func jointly() throws {
    let found: [String: Any] = try json("-a omp --joint -c ebic,aic -o X.npy --points t.csv")
    #expect(found["observations"] as? Int == 3 && found["rSquared"] == nil)
    let points = try #require(found["points"] as? [[String: Any]])
    #expect(points.compactMap { $0["sparsity"] as? Int } == [1, 2, 3, 4])
    for point in points {
      let k = try #require(point["sparsity"] as? Int)
      let solve = try tool.run(
        "solve", "-m", "p/A.npy", "-y", "Y.csv", "-k", "\(k)", "--intercept", "--joint", "-a",
        "omp",
        "--json")
      let own = try #require(
        try JSONSerialization.jsonObject(with: Data(solve.output.utf8)) as? [[String: Any]])
      #expect(point["support"] as? [Int] == own[0]["support"] as? [Int])
      #expect(
        point["coefficients"] as? [[Double]] == own.compactMap { $0["coefficients"] as? [Double] })
      let squares = own.compactMap { $0["residualNorm"] as? Double }.reduce(0) { $0 + $1 * $1 }
      let norm = try #require(point["residualNorm"] as? Double)
      #expect(abs(norm - squares.squareRoot()) <= 1e-13 * norm)
    }
    let text = try run("-a omp --joint -c ebic")
    #expect(text.value("observations") == "3, with one support")
  }

  /// Cut off and gone on, with more draws, each observation or all together are what they are without a break.
  @Test(arguments: ["", "--joint -a omp "]) func goesOn(joint: String) throws {
    let whole = try run(joint + Self.words + " --json")
    let few = try run(
      joint + "-c bic,cv --folds 4 --bootstrap 1 --seed 2 --checkpoint c --checkpoint-interval 0")
    #expect(few.exitCode == 0, "\(few.errors)")
    let rest = try run(joint + Self.words + " --json --checkpoint c --resume")
    func parts(_ outcome: Tool.Outcome) throws -> [[String: Any]] {
      let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      return try (json as? [[String: Any]]) ?? [#require(json as? [String: Any])]
    }
    let (a, b) = (try parts(whole), try parts(rest))
    #expect(a.count == b.count && a.count == (joint.isEmpty ? 3 : 1))
    for (a, b) in zip(a, b) {
      for key in ["points", "choices", "resampling", "folds"] {
        let (own, other) = (try #require(a[key] as? NSObject), try #require(b[key] as? NSObject))
        #expect(own.isEqual(other), "\(key)")
      }
    }
  }

  @Test(arguments: [
    (
      "--model-output m.json",
      "--model-output: expected none together with several observations"
    ),
    (
      "--joint --model-output m.json",
      "--model-output: expected none together with several observations"
    ),
    (
      "--points p.csv",
      "--points: expected none together with several observations unless with --joint"
    ),
  ]) func isRefused(words: String, message: String) throws {
    let outcome = try run(words)
    #expect(outcome.exitCode == 64 && outcome.output.isEmpty)
    #expect(outcome.errors == "sea: \(message)\n")
  }
}
