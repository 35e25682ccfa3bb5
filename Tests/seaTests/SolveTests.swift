import Foundation
import Testing

/// The main job, from files to a result.
@Suite(.serialized) final class SolveTests {
  private let tool: Tool
  private let matrix: String
  private let observation: String

  init() throws {
    tool = try Tool()
    let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Examples/diabetes")
    matrix = examples.appendingPathComponent("A.csv").path
    observation = examples.appendingPathComponent("y.csv").path
  }

  deinit { tool.cleanUp() }

  @Test(arguments: ["cpu", "reference", "auto"]) func diabetes(backend: String) throws {
    let outcome = try tool.run(
      "solve", "-m", matrix, "-y", observation, "--header", "-k", "5", "--backend", backend)
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.value("support") == "sex, bmi, bp, s3, s5")
    #expect(outcome.value("relative residual") == "0.700977")
  }

  /// On twelve rows in place of 442, with the same answer.
  @Test(arguments: [["solve"], ["solve", "--intercept"], ["path", "--criterion", "none"]])
  func reduced(words: [String]) throws {
    let common =
      words + ["-m", matrix, "-y", observation, "--header", "-k", "5", "--backend", "cpu"]
    let whole = try tool.start(common + ["--reduce", "off"]).outcome()
    let found = try tool.start(
      common + ["--reduce", "on", "--check"].prefix(words[0] == "path" ? 2 : 3)
    )
    .outcome()
    #expect(found.exitCode == 0, "\(found.errors)")
    #expect(found.output.contains("which hold all that least squares know of the 442"))
    #expect(!whole.output.contains("which hold all"))
    for name in ["support", "coefficients", "relative residual"] {
      #expect(found.value(name) == whole.value(name))
    }
    if words[0] == "solve" {
      #expect(found.value("check")?.contains("finds the same support") == true)
    }
  }

  /// Two observations, each on its own and with one support.
  @Test(arguments: [[], ["--joint", "-a", "omp"]])
  func severalReduced(words: [String]) throws {
    let lines = try String(contentsOfFile: observation, encoding: .utf8)
      .split(separator: "\n").dropFirst()
    let both = tool.folder.appendingPathComponent("both.csv").path
    try lines.enumerated().map { (i: Int, y: Substring) -> String in "\(y),\((i * 37) % 101)" }
      .joined(separator: "\n").write(toFile: both, atomically: true, encoding: .utf8)
    let table = tool.folder.appendingPathComponent("table.csv").path
    try String(contentsOfFile: matrix, encoding: .utf8).split(separator: "\n").dropFirst()
      .joined(separator: "\n").write(toFile: table, atomically: true, encoding: .utf8)
    let common =
      ["solve", "-m", table, "-y", both, "-k", "3", "--backend", "cpu", "--intercept"] + words
    let whole = try tool.start(common + ["--reduce", "off"]).outcome()
    let found = try tool.start(common + ["--reduce", "on"]).outcome()
    #expect(found.exitCode == 0, "\(found.errors)")
    #expect(found.output.contains("which hold all that least squares know of the 442"))
    /// Number, relative residual and support of each line.
    func results(_ outcome: Tool.Outcome) -> [[Substring]] {
      outcome.output.split(separator: "\n").map { $0.split(separator: "\t") }
        .filter { $0.count == 4 }.map { [$0[0], $0[1], $0[3]] }
    }
    #expect(results(found).count == 3)
    #expect(results(found) == results(whole))
  }

  /// Options of an algorithm by name.
  @Test func optionsByName() throws {
    func solve(_ algorithm: String, _ options: String) throws -> Tool.Outcome {
      try tool.run(
        "solve", "-m", matrix, "-y", observation, "--header", "-k", "5", "--backend", "cpu", "-a",
        algorithm, "--options", options)
    }
    #expect(try solve("gomp", "atoms-per-step=5").value("iterations")?.hasPrefix("2,") == true)
    let refusals: [(options: String, message: String)] = [
      ("exchanges=2", "option: expected one of gomp: atoms-per-step, found exchanges"),
      ("atoms-per-step=0", "atoms-per-step: expected a number of at least 1, found 0"),
      (
        "atoms-per-step",
        "--options: expected NAME=VALUE, several with commas, found atoms-per-step"
      ),
    ]
    for (options, message) in refusals {
      let outcome = try solve("gomp", options)
      #expect(outcome.exitCode == 64 && outcome.errors == "sea: \(message)\n")
    }
  }

  @Test func jsonHasEveryField() throws {
    let outcome = try tool.run(
      "solve", "-m", matrix, "-y", observation, "--header", "-k", "3", "--json", "--check",
      "--backend", "cpu", "--start", "zero")
    let json = try outcome.json()
    #expect(
      Set(json.keys) == [
        "schemaVersion", "algorithm", "start", "rows", "columns", "sparsity", "support",
        "names", "coefficients", "residualNorm", "relativeResidual", "iterations", "bestIteration",
        "stopReason", "supportsExplored", "matrixPasses", "gradient", "backend", "precision",
        "seconds", "warnings", "notices", "check", "criteria",
      ])
    #expect(json["support"] as? [Int] == [2, 3, 8])
    #expect(json["notices"] as? [String] == [])
    #expect(json["stopReason"] as? String == "iterations")
    #expect((json["backend"] as? [String: String])?["name"] == "cpu")
    #expect((json["check"] as? [String: Any])?["supportsAgree"] as? Bool == true)
    #expect(outcome.output.last == "\n")
  }

  @Test func theDefaultSaysWhatEverySolverFound() throws {
    let outcome = try tool.run(
      "solve", "-m", matrix, "-y", observation, "--header", "-k", "12", "--json")
    #expect(outcome.exitCode == 64)
    let json = try tool.run(
      "solve", "-m", matrix, "-y", observation, "--header", "-k", "3", "--intercept", "--json"
    ).json()
    #expect(json["support"] as? [Int] == [2, 3, 8])
    #expect(json["start"] as? String == "auto")
    #expect((json["attempts"] as? [[String: Any]])?.count == 1)
    #expect(json["bestAttempt"] as? Int == 0)
    #expect(json["intercept"] is Double)
  }

  @Test(arguments: [
    ("--include 0,s2 --exclude bmi", "age s2"), ("--include 0-1 --standardize", "age sex"),
    ("--nonnegative", ""), ("--ridge 0.5 --algorithm omp", ""),
  ]) func models(options: String, included: String) throws {
    let words = options.split(separator: " ").map(String.init)
    let outcome = try tool.run(
      ["solve", "-m", matrix, "-y", observation, "--header", "-k", "4"] + words)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let support = Set(
      try #require(outcome.value("support")).split(separator: ",").map {
        String($0.drop { $0 == " " })
      })
    #expect(
      support.count == 4 && support.isSuperset(of: included.split(separator: " ").map(String.init)))
    if options.contains("--exclude") { #expect(!support.contains("bmi")) }
    if options == "--nonnegative" {
      #expect(outcome.value("coefficients")?.contains("-") == false)
    }
  }

  @Test func severalObservations() throws {
    let made = try tool.run(
      "generate", "gaussian", "--rows", "60", "--columns", "200", "-k", "4", "--seed", "5", "-o",
      "many")
    #expect(made.exitCode == 0)
    // A itself, less than all of it: every column is explained by itself.
    for extra in [["--start", "zero"], ["--joint"], []] {
      let outcome = try tool.run(
        ["solve", "-m", "many/A.npy", "-y", "many/A.npy", "-k", "1", "--json"] + extra)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    let refused = try tool.run(
      "solve", "-m", "many/A.npy", "-y", "many/A.npy", "-k", "1", "--check")
    #expect(refused.exitCode == 64)
  }

  /// What is said of one support for all stands below the line of each observation, and so do warnings.
  @Test func oneSupportSaysWhatIsProved() throws {
    let common = [
      "solve", "-m", matrix, "--header", "-y", "both.csv", "-k", "2", "--intercept", "--backend",
      "cpu",
    ]
    let lines = try String(contentsOfFile: observation, encoding: .utf8)
      .split(separator: "\n").dropFirst()
    let both = lines.enumerated().map { i, y in "\(y),\((i * 37) % 101)" }
    try (["progression,other"] + both).joined(separator: "\n")
      .write(
        to: tool.folder.appendingPathComponent("both.csv"), atomically: true, encoding: .utf8)
    let joint = try tool.run(common + ["--joint"])
    #expect(joint.exitCode == 0, "\(joint.errors)")
    #expect(joint.value("proof") == "no support of at most 2 columns has a smaller loss")
    #expect(joint.value("found by") == "exhaustive, of:")
    let apart = try tool.run(common)
    #expect(apart.value("proof") == nil && apart.value("found by") == nil)
  }

  @Test func generatedProblemsAreRecovered() throws {
    for kind in ["gaussian", "bernoulli", "toeplitz", "dct"] {
      let made = try tool.run(
        "generate", kind, "--rows", "80", "--columns", "160", "-k", "6", "--seed", "3", "-o", kind)
      #expect(made.exitCode == 0, "\(made.errors)")
      let solved = try tool.run(
        "solve", "-m", "\(kind)/A.npy", "-y", "\(kind)/y.npy", "-k", "6", "--truth",
        "\(kind)/x.npy",
        "--output", "\(kind)/found.npy")
      #expect(solved.value("support distance") == "0: 6 of 6 found")
      // What was found is a start that explains everything at once.
      let again = try tool.run(
        "solve", "-m", "\(kind)/A.npy", "-y", "\(kind)/y.npy", "-k", "6", "--start",
        "\(kind)/found.npy")
      #expect(again.value("iterations") == "1, stopped because nothing is left to explain")
    }
  }

  @Test func theSameSeedGivesTheSameFiles() throws {
    for folder in ["one", "two"] {
      _ = try tool.run(
        "generate", "deconvolution", "--size", "60", "-k", "3", "--snr", "20", "-o", folder)
    }
    for file in ["A.npy", "y.npy", "x.npy", "problem.json"] {
      let files = try ["one", "two"].map {
        try Data(contentsOf: tool.folder.appendingPathComponent("\($0)/\(file)"))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test func traceHasALineAnIteration() throws {
    let outcome = try tool.run(
      "solve", "-m", matrix, "-y", observation, "--header", "-k", "4", "--iterations", "30",
      "--start", "omp", "--trace", "trace.csv", "--quiet")
    #expect(outcome.exitCode == 0 && outcome.output.isEmpty)
    let trace = try String(
      contentsOf: tool.folder.appendingPathComponent("trace.csv"), encoding: .utf8)
    let lines = trace.split(separator: "\n")
    #expect(lines.count == 1 + 4 + 30)
    #expect(lines[1].hasPrefix("omp,0,") && lines[5].hasPrefix("sea,0,"))
    #expect(lines.allSatisfy { $0.split(separator: ",").count == 8 })
  }

  /// Ctrl-C: the best support so far is written, and the exit code says that it was interrupted.
  @Test func interruptionWritesTheBestSoFar() throws {
    _ = try tool.run(
      "generate", "gaussian", "--rows", "100", "--columns", "1000", "-k", "20", "--snr", "5", "-o",
      "long")
    let running = try tool.start([
      "solve", "-m", "long/A.npy", "-y", "long/y.npy", "-k", "20", "--iterations", "100000000",
      "--output", "x.csv", "--backend", "cpu",
    ])
    try running.waitUntilListening()
    running.process.interrupt()
    let outcome = running.outcome()
    #expect(outcome.exitCode == 130)
    #expect(outcome.value("iterations")?.hasSuffix("interrupted") == true)
    let coefficients = try String(
      contentsOf: tool.folder.appendingPathComponent("x.csv"), encoding: .utf8)
    #expect(coefficients.split(separator: "\n").count { $0 != "0.0" } == 20)
  }
}
