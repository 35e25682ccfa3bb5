import Foundation
import Testing

/// `sea path`, from files to a choice.
@Suite(.serialized) final class PathTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "--rows", "80", "--columns", "160", "-k", "5", "--snr", "20",
      "--seed", "3", "-o", "p")
  }

  deinit { tool.cleanUp() }

  private func path(_ words: String, k: String = "1:9") throws -> Tool.Outcome {
    let all = "path -m p/A.npy -y p/y.npy --backend cpu -k \(k) " + words
    return try tool.start(all.split(separator: " ").map(String.init)).outcome()
  }

  private func contents(_ name: String) throws -> String {
    try String(contentsOf: tool.folder.appendingPathComponent(name), encoding: .utf8)
  }

  @Test(arguments: ["ebic", "cv --one-standard-error --folds 5 --start warm"])
  func criteriaChooseTheTruth(criterion: String) throws {
    let outcome = try path("--criterion \(criterion) --truth p/x.npy -o x.npy --points t.csv")
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty)
    #expect(outcome.value("chosen")?.hasPrefix("k = 5") == true)
    #expect(outcome.value("support distance") == "0")
    let marked = outcome.output.split(separator: "\n").filter { $0.contains(" * ") }
    #expect(marked.count == 1 && marked[0].drop { $0 == " " }.hasPrefix("5 "))
    let lines = try contents("t.csv").split(separator: "\n")
    #expect(lines.count == 10)
    #expect(
      lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 8 })
    #expect(lines.filter { $0.hasSuffix(",1") }.map { $0.prefix(2) } == ["5,"])
    // The coefficients written are those of the sparsity chosen.
    let again = try tool.run(
      "solve", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "5", "--start", "x.npy", "--truth", "x.npy")
    #expect(again.value("support distance") == "0: 5 of 5 found")
  }

  @Test func jsonHasEveryField() throws {
    let json = try path("--json --intercept --criterion cv --folds 3", k: "2:4").json()
    #expect(
      Set(json.keys) == [
        "schemaVersion", "algorithm", "rows", "columns", "criterion", "chosen", "points",
        "stopReason", "matrixPasses", "backend", "precision", "seconds", "notices", "choices",
        "rSquared", "adjustedRSquared", "folds",
      ])
    let points = try #require(json["points"] as? [[String: Any]])
    #expect(points.compactMap { $0["sparsity"] as? Int } == [2, 3, 4])
    #expect(
      Set(points[0].keys) == [
        "sparsity", "support", "coefficients", "intercept", "residualNorm", "relativeResidual",
        "iterations", "criterion", "standardError",
      ])
    #expect(json["stopReason"] as? String == "converged")
  }

  @Test func theTargetEndsThePath() throws {
    let reached = try path("--target-residual 0.2 --json", k: "20").json()
    #expect(reached["stopReason"] as? String == "residual" && reached["chosen"] as? Int == 5)
    let never = try path("--target-residual 0.001")
    #expect(never.exitCode == 0)
    #expect(never.value("notice") == "no sparsity up to 9 leaves a relative residual of 0.001")
    #expect(never.value("chosen") == "k = 9")
  }

  @Test func algorithmsGiveTheirOwnPaths() throws {
    for name in ["omp", "ols", "htp", "sp"] {
      let json = try path("-a \(name) -c none --json", k: "4").json()
      #expect(json["chosen"] as? Int == 4 && json["algorithm"] as? String == name)
    }
  }

  @Test func theChartIsDrawn() throws {
    let terminal = try path("--plot terminal")
    #expect(terminal.output.contains("k = 5 chosen") && terminal.output.contains("ebic"))
    let none = try tool.start(
      ["path", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "3", "--plot", "c.svg"],
      environment: ["PATH": tool.folder.path]
    ).outcome()
    #expect(none.exitCode == 73)
    #expect(none.errors == "sea: cannot write c.svg: gnuplot was not found\n")
  }

  @Test(arguments: [
    ("-k 5:2", "--sparsity: expected a range such as 1:50, from 0 on, found 5:2"),
    (
      "-k 0",
      "--sparsity: expected at least 1 column, or 0:0 for a path of no column at all, found 0"
    ),
    ("-k a", "--sparsity: expected a range such as 1:50, from 0 on, found a"),
    ("-k 161", "expected a sparsity from 1 to 160 (the columns of the matrix), found 161"),
    (
      "-k 3 -c cv --folds 81",
      "folds: expected a number from 2 to 80, the rows that take part, found 81"
    ),
    (
      "-k 3 -c aic -r 0.5", "--criterion: expected none with --target-residual, found aic"
    ),
    (
      "-k 3 --plot chart.pdf",
      "--plot: expected terminal, or a file named .svg or .png, found chart.pdf"
    ),
  ]) func wrongUsage(words: String, message: String) throws {
    let outcome = try tool.start(
      ["path", "-m", "p/A.npy", "-y", "p/y.npy"] + words.split(separator: " ").map(String.init)
    ).outcome()
    #expect(outcome.exitCode == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors == "sea: \(message)\n")
  }

  /// Ctrl-C: the sparsities solved so far are written.
  @Test func interruptionWritesWhatIsThere() throws {
    let running = try tool.start([
      "path", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "2:40", "--iterations", "100000000",
      "--backend", "cpu", "--points", "t.csv",
    ])
    try running.waitUntilListening()
    Thread.sleep(forTimeInterval: 1)
    running.process.interrupt()
    let outcome = running.outcome()
    #expect(outcome.exitCode == 130)
    #expect(outcome.value("path")?.contains("interrupted") == true)
    #expect(try contents("t.csv").split(separator: "\n").count >= 2)
  }
}
