import Foundation
import Testing

/// Experiments from the command line to charts, interrupted and shared out.
@Suite(.serialized) final class ExperimentTests {
  private let tool: Tool
  /// A few hundred tiny problems.
  private let tiny = [
    "experiment", "phase-transition", "--columns", "24", "--grid", "4", "--trials", "5",
    "--iterations", "50", "--solvers", "sea,sea:omp,omp", "--seed", "3",
  ]

  init() throws { tool = try Tool() }

  deinit { tool.cleanUp() }

  private func run(_ words: [String], environment: [String: String] = [:]) throws -> Tool.Outcome {
    try tool.start(words, environment: environment).outcome()
  }

  private func contents(_ path: String) throws -> String {
    try String(contentsOf: tool.folder.appendingPathComponent(path), encoding: .utf8)
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(
      to: tool.folder.appendingPathComponent(path), atomically: false, encoding: .utf8)
  }

  @Test func sharesAndThreadsChangeNothing() throws {
    var merged: [String] = []
    for (count, threads) in [(1, "1"), (2, "2"), (3, "1")] {
      for share in 1...count {
        let words = tiny + ["--threads", threads, "--output", "of\(count)", "--plot", "none"]
        let outcome =
          share == 2
          // A Slurm array of tasks 10, 12, 14 has its second share in task 12.
          ? try run(
            words,
            environment: [
              "SLURM_ARRAY_TASK_ID": "12", "SLURM_ARRAY_TASK_MIN": "10",
              "SLURM_ARRAY_TASK_STEP": "2", "SLURM_ARRAY_TASK_COUNT": "\(count)",
            ])
          : try run(words + ["--shard", "\(share)/\(count)"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
      }
      let source = count == 1 ? "of1/results.jsonl" : "of\(count)"
      let outcome = try tool.run(
        "merge", source, "--no-times", "--output", "merged.jsonl", "--force")
      // Of 16 cells, those with k = m count; none is impossible in this grid.
      #expect(outcome.output == "results   merged.jsonl: 80 of 80 problems\n")
      #expect(outcome.errors.isEmpty)
      merged.append(try contents("merged.jsonl"))
    }
    #expect(merged[0] == merged[1] && merged[0] == merged[2])
    #expect(merged[0].split(separator: "\n").count == 81)
  }

  /// The same numbers, whatever the columns are called and what stands beside them.
  @Test func aRegressionNamesColumns() throws {
    let rows = (0..<30).map { i in (a: i % 7, b: i * i % 11, c: i % 7 * 2 + 1) }
    try write(
      "a,b,c\n" + rows.map { "\($0.a),\($0.b),\($0.c)\n" }.joined(), to: "plain.csv")
    try write(
      "id,c,a,note,b\n"
        + rows.enumerated().map { "h\($0),\($1.c),\($1.a),text \($0),\($1.b)\n" }.joined(),
      to: "named.csv")
    var results: [[Substring]] = []
    for words in [
      ["plain.csv"], ["named.csv", "--target", "c", "--drop", "id,note"],
      ["named.csv", "--target", "1", "--drop", "0,note"], ["plain.csv", "--target", "c"],
    ] {
      let folder = "of\(results.count)"
      let outcome = try tool.run(
        ["experiment", "regression", "--trials", "2", "--sparsities", "1,2", "--plot", "none"]
          + ["-o", folder, "--data"] + words)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let merged = try tool.run(
        "merge", "\(folder)/results.jsonl", "--no-times", "--output", "m.jsonl", "--force")
      #expect(merged.exitCode == 0, "\(merged.errors)")
      // The first line names the table.
      results.append(Array(try contents("m.jsonl").split(separator: "\n").dropFirst()))
    }
    #expect(results[0].count == 4 && results.allSatisfy { $0 == results[0] })
    for (words, message) in [
      (
        ["--target", "d", "--drop", "id"],
        "--target: expected the name or the index of a column, found 'd'; "
      ),
      (
        ["--target", "c", "--drop", "id,c"],
        "--drop: expected columns beside the target, found id,c"
      ),
    ] {
      let outcome = try tool.run(
        ["experiment", "regression", "-o", "none", "--data", "named.csv"] + words)
      #expect(outcome.exitCode == 64 && outcome.errors.hasPrefix("sea: " + message), "\(outcome)")
    }
  }

  @Test func everyExperimentMakesAPage() throws {
    try write(
      "a,b,c\n" + (0..<30).map { "\($0 % 7),\($0 * $0 % 11),\($0 % 7 * 2 + 1)\n" }.joined(),
      to: "table.csv")
    for kind in [
      ["phase-transition"], ["deconvolution"], ["regression", "--data", "table.csv", "--header"],
    ] {
      let outcome = try run(
        ["experiment"] + kind + [
          "--quick", "--trials", "3", "--output", kind[0], "--plot", "terminal",
        ])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.value("page") == "\(kind[0])/report.html")
      let page = try contents("\(kind[0])/report.html")
      #expect(isBalanced(page))
      // Nothing is fetched, nothing is run.
      for part in ["src=", "<link", "@import", "<script"] { #expect(!page.contains(part)) }
      let again = try tool.run(
        "plot", "\(kind[0])/results.jsonl", "--plot", "terminal", "--output", "again", "--force")
      #expect(again.exitCode == 0, "\(again.errors)")
    }
  }

  @Test func interruptedRunsGoOn() throws {
    let words = [
      "experiment", "deconvolution", "--sparsities", "30:40", "--trials", "40", "--solvers",
      "sea,omp", "--output", "spikes", "--plot", "none",
    ]
    let running = try tool.start(words)
    try running.waitUntilListening()
    let file = tool.folder.appendingPathComponent("spikes/results.jsonl").path
    let deadline = Date(timeIntervalSinceNow: 60)
    while (try? contents("spikes/results.jsonl").split(separator: "\n").count) ?? 0 < 3,
      Date() < deadline
    { Thread.sleep(forTimeInterval: 0.02) }
    #expect(FileManager.default.fileExists(atPath: file))
    running.process.interrupt()
    let outcome = running.outcome()
    #expect(outcome.exitCode == 130)
    #expect(
      outcome.errors
        == "sea: interrupted; go on with: sea \(words.joined(separator: " ")) --resume\n")
    let lines = try contents("spikes/results.jsonl").split(separator: "\n")
    #expect(lines.count >= 3 && lines.count < 441)
  }

  @Test func damagedEndsAreDropped() throws {
    let first = try run(tiny + ["--output", "run", "--plot", "none"])
    #expect(first.exitCode == 0)
    let whole = try contents("run/results.jsonl")
    try write(String(whole.dropLast(30)), to: "run/results.jsonl")
    let merged = try tool.run("merge", "run/results.jsonl", "--output", "merged.jsonl")
    #expect(merged.exitCode == 0)
    #expect(merged.errors.contains("passed over the last line"))
    #expect(merged.errors.contains("1 problems are missing"))
    let resumed = try run(tiny + ["--output", "run", "--plot", "none", "--resume"])
    #expect(resumed.exitCode == 0)
    #expect(
      resumed.errors
        == "sea: warning: run/results.jsonl: dropped the last line, which was incomplete\n")
    #expect(try contents("run/results.jsonl").split(separator: "\n").count == 81)
  }

  @Test func refusals() throws {
    let first = try run(tiny + ["--output", "run", "--plot", "none"])
    #expect(first.exitCode == 0)
    try write("1,2\n3,4\n", to: "table.csv")
    try write(
      contents("run/results.jsonl").replacing("\"schema\":1", with: "\"schema\":2"),
      to: "later.jsonl")
    for (words, code, message) in [
      (tiny + ["-o", "run"], 73, "run/results.jsonl: it holds results already"),
      (tiny + ["-o", "run", "--resume", "--snr", "20"], 65, "settings.snr is null there and 20.0"),
      (tiny + ["-o", "new", "--shard", "3/2"], 64, "expected a share as i/N"),
      (tiny + ["-o", "new", "--width", "3"], 64, "--width"),
      (tiny + ["-o", "new", "--plot", "gif"], 64, "--plot"),
      (["experiment", "scaling", "-o", "new", "--snr", "3"], 64, "--snr"),
      (["experiment", "phase-transition", "-o", "new", "--rho", "0.1"], 64, "--rho"),
      (["experiment", "phase-transition", "-o", "new", "--rows", "1:0"], 64, "--rows"),
      (["experiment", "phase-transition", "-o", "new", "--solvers", "cat"], 64, "'cat'"),
      (["experiment", "regression", "-o", "new"], 64, "--data"),
      (["experiment", "regression", "-o", "new", "--data", "none.csv"], 66, "none.csv"),
      (
        ["experiment", "regression", "-o", "new", "--data", "table.csv", "--target", "2"], 64,
        "columns from 0 to 1"
      ),
      (["merge", "run/results.jsonl", "-w", "table.csv", "-o", "m"], 65, "table.csv"),
      (["merge", "none", "-o", "m"], 66, "none"),
      (
        ["merge", "later.jsonl", "-o", "m"], 65, "later.jsonl, line 1: schema: expected 1, found 2"
      ),
      (["merge", "run", "-o", "m"], 66, "run"),
      (["plot", "later.jsonl"], 65, "later.jsonl, line 1: schema: expected 1, found 2"),
      (["plot", "table.csv"], 65, "table.csv"),
    ] as [([String], Int32, String)] {
      let outcome = try run(words)
      #expect(outcome.exitCode == code, "\(words): \(outcome.errors)")
      #expect(outcome.errors.contains(message), "\(words): \(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    #expect(!FileManager.default.fileExists(atPath: tool.folder.path + "/m"))
  }
}

/// Whether every element that a page opens is closed where it should be, `meta` aside.
private func isBalanced(_ page: String) -> Bool {
  var open: [Substring] = []
  for tag in page.matches(of: /<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^<>]*?)(\/?)>/) {
    let (_, end, name, isEmpty) = tag.output
    if name == "meta" || !isEmpty.isEmpty { continue }
    if end.isEmpty {
      open.append(name)
    } else {
      guard open.popLast() == name else { return false }
    }
  }
  return open.isEmpty
}
