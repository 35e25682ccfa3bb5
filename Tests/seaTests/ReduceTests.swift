import Foundation
import Testing

/// `sea reduce`: what is solved on few rows is what is solved on all.
@Suite(.serialized) final class ReduceTests: ToolSuite {
  let tool: Tool

  init() throws {
    tool = try Tool()
    try write("whole.csv", rows: 0..<600)
    try write("first.csv", rows: 0..<250)
    try write("second.csv", rows: 250..<600)
  }

  deinit { tool.cleanUp() }

  /// Six columns far from zero, one of text, one of frequencies, one of folds.
  private func write(_ name: String, rows: Range<Int>) throws {
    let text = rows.map { i -> String in
      let x = (0..<5).map { j in Double((i * i * (j + 3) + 7 * i * (j + 1)) % 101) + 50 }
      let city = ["Lima", "Oslo", "Rome"][i % 3]
      let y = 3 * x[1] - 2 * x[4] + (i % 3 == 2 ? 9 : 0) + Double((i * 37) % 11)
      let cells = x.map { "\($0)" } + [city, "\(y)", "\(i % 4 + 1)", "part\(i % 5)"]
      return "r\(i)," + cells.joined(separator: ",") + "\n"
    }
    let names = "id,x0,x1,x2,x3,x4,city,y,count,part\n"
    try Data((names + text.joined()).utf8).write(to: tool.folder.appendingPathComponent(name))
  }

  /// The command that it names is one, whatever columns are called.
  @Test(arguments: ["height, cm", "7", "-z", "it's", "a \"b\""]) func saysWhatIsNext(target: String)
    throws
  {
    let name = "\"" + target.replacing("\"", with: "\"\"") + "\""
    let rows = (0..<40).map { "\($0 % 7),\($0 * $0 % 11),\(3 * ($0 % 7) + $0 % 2)\n" }
    try Data(("u,v,\(name)\n" + rows.joined()).utf8).write(
      to: tool.folder.appendingPathComponent("t.csv"))
    let reduced = try tool.run([
      "reduce", "--table", "t.csv", "--target", name, "-o", "r.csv", "--force",
    ])
    #expect(reduced.exitCode == 0, "\(reduced.errors)")
    let next = try #require(reduced.value("next"))
    let outcome = try tool.start(
      ["-c", "sea() { '\(Tool.path.path)' \"$@\"; }; \(next)"], shell: true
    ).outcome()
    #expect(outcome.exitCode == 0, "\(next): \(outcome.errors)")
  }

  private static let columns = "--target y --index id --categorical city --intercept "

  /// What two results must agree in; numbers to rounding.
  private func expectSame(
    _ found: [String: Any], _ expected: [String: Any], _ keys: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for key in keys {
      let pairs = zip(Self.numbers(found[key]), Self.numbers(expected[key]))
      #expect(
        Self.numbers(found[key]).count == Self.numbers(expected[key]).count
          && !Self.numbers(found[key]).isEmpty, "\(key)", sourceLocation: sourceLocation)
      for (f, e) in pairs {
        #expect(
          abs(f - e) <= 1e-9 * max(abs(e), 1), "\(key): \(f), \(e)", sourceLocation: sourceLocation)
      }
    }
  }

  private static func numbers(_ value: Any?) -> [Double] {
    switch value {
    case let number as Double: [number]
    case let list as [Any]: list.flatMap { numbers($0) }
    case let object as [String: Any]:
      object.sorted { $0.key < $1.key }.flatMap { numbers($0.value) }
    default: []
    }
  }

  /// Support, coefficients, loss, criteria and R², from one table, or from two that were reduced apart.
  @Test(arguments: [false, true]) func solvesAreThoseOfTheTable(apart: Bool) throws {
    let weights = "--weights count --frequency-weights "
    if apart {
      for part in ["first", "second"] {
        let outcome = try run(
          "reduce --table \(part).csv \(Self.columns + weights) --drop part -o \(part)-few.csv")
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
      }
      let outcome = try run(
        "reduce --table first-few.csv --with second-few.csv --target y --weights weight "
          + "--frequency-weights -o few.csv")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    } else {
      let outcome = try run(
        "reduce --table whole.csv \(Self.columns + weights) --drop part -o few.csv")
      #expect(outcome.output.hasPrefix("table               few.csv: 9 rows for 600\n"))
      #expect(
        outcome.output.hasSuffix(
          "sea solve --table few.csv --target y --weights weight --frequency-weights -k 7 --intercept\n"
        ))
    }
    let expected = try json(
      "solve --table whole.csv \(Self.columns + weights) --drop part -k 3")
    let found = try json(
      "solve --table few.csv --target y --weights weight --frequency-weights --intercept -k 3")
    #expect(found["names"] as? [String] == ["x1", "x4", "city=Rome"])
    #expect(expected["names"] as? [String] == ["x1", "x4", "city=Rome"])
    try expectSame(
      found, expected,
      ["coefficients", "intercept", "residualNorm", "relativeResidual", "criteria", "rSquared"])
  }

  /// Folds by label have the errors that they have on all rows.
  @Test func foldsAreThoseOfTheTable() throws {
    let outcome = try run(
      "reduce --table whole.csv \(Self.columns) --drop count --folds part -o few.csv")
    #expect(outcome.output.contains("45 rows for 600"), "\(outcome)")
    let expected = try json(
      "path --table whole.csv \(Self.columns) --drop count --folds part -k 4 -c cv --reduce off")
    let found = try json(
      "path --table few.csv --target y --weights weight --frequency-weights --intercept "
        + "--folds fold -k 4 -c cv")
    try expectSame(found, expected, ["choices"])
    #expect(found["chosen"] as? Int == expected["chosen"] as? Int)
  }

  /// Weights that are no frequencies are divided by their mean, and so must be a ridge: the result says by what.
  @Test func ridgesAreDividedAsWeightsAre() throws {
    let outcome = try run(
      "reduce --table whole.csv \(Self.columns) --weights count --drop part -o few.csv")
    #expect(
      outcome.value("ridge")
        == "divide λ of --ridge by 2.5, the mean of the weights, by which they were divided")
    for options in ["--intercept", "--standardize"] {
      let expected = try json(
        "solve --table whole.csv --target y --index id --categorical city --drop part --weights count "
          + "\(options) -k 3 --ridge 90000 --reduce off")
      let found = try json(
        "solve --table few.csv --target y --weights weight --frequency-weights \(options) -k 3 "
          + "--ridge 36000")
      #expect(found["names"] as? [String] == expected["names"] as? [String])
      try expectSame(found, expected, ["coefficients", "intercept", "relativeResidual"])
    }
    let counted = try run(
      "reduce --table whole.csv \(Self.columns) --weights count --frequency-weights --drop part "
        + "-o few.csv --force")
    #expect(counted.value("ridge") == nil && counted.value("next") != nil)
  }

  /// Random folds are those of the seed, whole groups where asked for, and weights that are no frequencies sum to the rows.
  @Test func foldsAreDrawn() throws {
    func folds(_ words: String) throws -> [String: Double] {
      let outcome = try run(
        "reduce --table whole.csv \(Self.columns) --weights count \(words) -o few.csv --force -q")
      #expect(outcome.exitCode == 0 && outcome.output.isEmpty, "\(outcome)")
      let text = try String(
        contentsOf: tool.folder.appendingPathComponent("few.csv"), encoding: .utf8)
      var sums: [String: Double] = [:]
      for line in text.split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",")
        sums[String(cells[cells.count - 1]), default: 0] += try #require(
          Double(cells[cells.count - 2]))
      }
      return sums
    }
    let three = try folds("--drop part --folds 3 --seed 2")
    #expect(three.keys.sorted() == ["1", "2", "3"] && abs(three.values.reduce(0, +) - 600) < 1e-9)
    #expect(three.values.allSatisfy { (120...280).contains($0) })
    #expect(try folds("--drop part --folds 3 --seed 2") == three)
    #expect(try folds("--drop part --folds 3 --seed 3") != three)
    // Five groups of 120 rows each, with 300 of the 1500 that are counted.
    let groups = try folds("--folds 2 --fold-groups part")
    #expect(groups.count == 2)
    for sum in groups.values { #expect(abs((sum / 120).rounded() * 120 - sum) < 1e-9) }
  }

  @Test(arguments: [
    ("--table whole.csv --target y -o f.csv", "--drop leaves a column out"),
    ("--table whole.csv --target z -o f.csv", "--target"),
    ("--table whole.csv --index id --drop city,part -o f.csv", "--target"),
    ("--table whole.csv --target y --index id --drop city,part -o f.npy", "f.npy"),
    (
      "--table whole.csv --target y --index id --drop city,part --folds 1 -o f.csv",
      "2 or more, or a column"
    ),
    (
      "--table whole.csv --target y --index id --drop city,part --folds whole.csv -o f.csv",
      "a column of the table"
    ),
    (
      "--table whole.csv --target y --index id --drop city --folds part --fold-groups id -o f.csv",
      "--fold-groups"
    ),
    ("--table whole.csv --target y --index id --drop city --fold-groups part -o f.csv", "--folds"),
    ("--table whole.csv --target y --index id --drop city,part --folds 90 -o f.csv", "more than"),
    (
      "--table whole.csv --target y --index id --drop city,part --folds \(Int.max) -o f.csv",
      "more than"
    ),
    (
      "--table whole.csv --target y --index id --drop city,part --frequency-weights -o f.csv",
      "--weights"
    ),
    (
      "--table whole.csv --with second.csv --target y --index id --drop city,part,x3 -o f.csv --missing mean",
      "missing"
    ),
    (
      "--table whole.csv --with none.csv --target y --index id --drop city,part -o f.csv",
      "none.csv"
    ),
    (
      "--table whole.csv --with other.csv --target y --drop id,city,part -o f.csv",
      "x5 in its place"
    ),
  ])
  func refusals(words: String, what: String) throws {
    try Data("id,x0,x1,x2,x3,x5,city,y,count,part\nr,1,2,3,4,5,Rome,2,1,a\n".utf8).write(
      to: tool.folder.appendingPathComponent("other.csv"))
    let outcome = try run("reduce " + words)
    #expect(outcome.exitCode != 0 && outcome.errors.contains(what), "\(outcome.errors)")
    #expect(
      !FileManager.default.fileExists(atPath: tool.folder.appendingPathComponent("f.csv").path))
  }

  /// Draws of rows and random folds of rows that stand for many would say nothing.
  @Test(arguments: ["--bootstrap 5", "--subsample 5", "-c cv", "-c cv --folds 5"])
  func drawsOfFrequenciesAreRefused(words: String) throws {
    let outcome = try run(
      "path --table whole.csv \(Self.columns) --drop part --weights count --frequency-weights -k 2 "
        + words)
    #expect(outcome.exitCode == 2 || outcome.exitCode == 64, "\(outcome)")
    #expect(outcome.errors.contains("--"), "\(outcome.errors)")
  }
}
