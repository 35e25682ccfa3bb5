import Foundation
import SparseCore
import Testing

/// Long runs that are killed, stopped and refused.
@Suite(.serialized) final class CheckpointTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "--rows", "50", "--columns", "400", "-k", "8", "--snr", "5", "-o", "p"
    )
  }

  deinit { tool.cleanUp() }

  private func words(
    _ iterations: Int, _ more: [String] = [], start: String = "zero"
  ) -> [String] {
    [
      "solve", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "8", "--backend", "cpu", "--start", start,
      "--iterations", "\(iterations)", "--force",
    ] + more
  }

  private let keeping = ["--checkpoint", "state", "--checkpoint-interval", "0"]

  /// The lines of a trace, less their times.
  private func trace(_ name: String) throws -> [Substring] {
    try String(contentsOf: tool.folder.appendingPathComponent(name), encoding: .utf8)
      .split(separator: "\n").dropFirst().map { $0[..<($0.lastIndex(of: ",") ?? $0.endIndex)] }
  }

  private func iteration(_ line: Substring) -> Int? { Int(line.split(separator: ",")[1]) }

  private func result(_ outcome: Tool.Outcome) throws -> NSDictionary {
    var json = try outcome.json()
    json["seconds"] = nil
    json["attempts"] = (json["attempts"] as? [[String: Any]])?.map {
      $0.filter { $0.key != "seconds" }
    }
    return NSDictionary(dictionary: json)
  }

  /// The same of a path, and of several observations.
  @Test(arguments: [
    "path -k 1:4 --criterion cv --folds 3 --rounds 1", "path -k 1:6 --start warm --criterion cv",
    "solve -y Y.npy -k 8 --rounds 1", "solve -y Y.npy -k 8 --start zero --iterations 4000",
    "solve -y Y.npy -k 8 --joint --start correlation --iterations 150",
    "solve -y Y.npy -k 8 --joint --rounds 2",
  ])
  func severalSolvesGoOn(command: String) throws {
    let columns = try (1...3).map { seed in
      _ = try tool.run(
        "generate", "gaussian", "--rows", "50", "--columns", "400", "-k", "8", "--snr", "5",
        "--seed", "\(seed)", "-o", "q\(seed)")
      return try Data(contentsOf: tool.folder.appendingPathComponent("q\(seed)/y.npy"))
    }
    // One header for three columns in Fortran order, as long as the one for one column.
    let header = "{'descr': '<f8', 'fortran_order': True, 'shape': (50, 3), }"
    var many = Data(columns[0].prefix(10))
    many.append(Data(header.utf8))
    many.append(Data(repeating: 0x20, count: 117 - header.utf8.count) + Data("\n".utf8))
    for column in columns { many.append(column.suffix(8 * 50)) }
    try many.write(to: tool.folder.appendingPathComponent("Y.npy"))
    let own = command.contains("-y ") ? "" : " -y p/y.npy"
    let words = (command + own + " -m p/A.npy --backend cpu --json").split(separator: " ")
      .map(String.init)
    func text(_ outcome: Tool.Outcome) -> String {
      outcome.output.replacing(/"seconds":\{[^}]*\}/, with: "").replacing(
        /"seconds":[0-9.e-]+/, with: "")
    }
    // Where checkpoints are kept, solves share nothing.
    let whole = try tool.start(words + ["--checkpoint", "other", "--checkpoint-interval", "1e6"])
      .outcome()
    #expect(whole.exitCode == 0, "\(whole.errors)")
    var generator = SeededGenerator(seed: 11)
    var (kills, ends) = (0, 0)
    while kills < 8 || ends == 0 {
      let running = try tool.start(words + keeping + ["--resume"])
      if kills < 8 {
        Thread.sleep(forTimeInterval: Double.random(in: 0.01...0.2, using: &generator))
        // Some are asked to end, and write what they have.
        kill(running.process.processIdentifier, kills % 3 == 2 ? SIGTERM : SIGKILL)
      }
      let outcome = running.outcome()
      guard running.process.terminationReason == .exit, outcome.exitCode != 128 + SIGTERM else {
        kills += 1
        continue
      }
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(text(outcome) == text(whole))
      ends += 1
      try FileManager.default.removeItem(at: tool.folder.appendingPathComponent("state"))
    }
  }

  /// Twenty processes killed after random times, before, between and while they write.
  @Test(arguments: [("zero", 20000), ("auto", 4000)])
  func killedAndResumed(start: String, iterations: Int) throws {
    func words(_ more: [String]) -> [String] { self.words(iterations, more, start: start) }
    // Where checkpoints are kept, the solvers of a portfolio share nothing.
    let whole = try tool.start(
      words(
        [
          "--json", "--trace", "whole.csv", "--checkpoint", "other", "--checkpoint-interval", "1e6",
        ])
    ).outcome()
    let (expected, lines) = (try result(whole), try trace("whole.csv"))
    var generator = SeededGenerator(seed: 7)
    var (kills, ends, resumptions) = (0, 0, 0)
    while kills < 20 || ends == 0 {
      let running = try tool.start(
        words(keeping + ["--resume", "--json", "--trace", "rest.csv"]))
      if kills < 20 {
        Thread.sleep(forTimeInterval: Double.random(in: 0.01...0.25, using: &generator))
        kill(running.process.processIdentifier, SIGKILL)
      }
      let outcome = running.outcome()
      guard running.process.terminationReason == .exit else {
        kills += 1
        continue
      }
      // Finished before it could be killed.
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(try result(outcome) == expected)
      let rest = try trace("rest.csv")
      // Between two solvers, nobody knows what the first support of the next has in common with others.
      let known = start == "auto" ? max(rest.count - 1, 0) : rest.count
      #expect(Array(lines.suffix(known)) == Array(rest.suffix(known)))
      #expect(lines.suffix(rest.count).first.flatMap(iteration) == rest.first.flatMap(iteration))
      resumptions += rest.count < lines.count ? 1 : 0
      ends += 1
      try FileManager.default.removeItem(at: tool.folder.appendingPathComponent("state"))
    }
    #expect(resumptions > 0)
  }

  /// SIGTERM and its like: the best so far is written, and nothing explored is lost.
  @Test(arguments: [SIGTERM, SIGINT, SIGHUP], ["blocked", "direct"])
  func stoppedAndResumed(signal: Int32, gradient: String) throws {
    let more = ["--quiet", "--gradient", gradient]
    let running = try tool.start(
      words(
        100_000_000,
        more + ["--checkpoint", "state", "--trace", "one.csv", "--output", "x.csv"]),
      // The tests may run under nohup.
      launcher: ["/usr/bin/env", "--default-signal=HUP"])
    try running.waitUntilListening()
    Thread.sleep(forTimeInterval: 0.2)
    kill(running.process.processIdentifier, signal)
    let outcome = running.outcome()
    #expect(outcome.exitCode == 128 + signal)
    #expect(FileManager.default.fileExists(atPath: tool.folder.path + "/x.csv"))
    let one = try trace("one.csv")
    let end = one.count + 300
    let resumed = try tool.start(
      words(end, more + ["--checkpoint", "state", "--resume", "--trace", "two.csv"])
    ).outcome()
    #expect(resumed.exitCode == 0, "\(resumed.errors)")
    _ = try tool.start(words(end, more + ["--trace", "whole.csv"])).outcome()
    let two = try trace("two.csv")
    let first = try #require(two.first.flatMap(iteration))
    #expect(first == one.count)
    #expect(one.prefix(first) + two == (try trace("whole.csv"))[...])
  }

  /// Between two reports of a walk, which are seconds apart where steps take long, Ctrl-C and the time end it as well.
  @Test(arguments: [true, false]) func endsWithinAnIteration(isInterrupted: Bool) throws {
    _ = try tool.run(
      "generate", "gaussian", "--rows", "300", "--columns", "1000", "-k", "100", "--snr", "5",
      "-o", "q")
    let running = try tool.start(
      [
        "solve", "-m", "q/A.npy", "-y", "q/y.npy", "-k", "100", "--backend", "cpu", "--algorithm",
        "tabu", "--iterations", "100000000", "--nonnegative", "--json", "--checkpoint", "state",
      ] + (isInterrupted ? [] : ["--time-limit", "0.5"]))
    if isInterrupted {
      try running.waitUntilListening()
      Thread.sleep(forTimeInterval: 0.5)
      kill(running.process.processIdentifier, SIGINT)
    }
    let outcome = running.outcome()
    #expect(outcome.exitCode == (isInterrupted ? 128 + SIGINT : 0), "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["stopReason"] as? String == (isInterrupted ? "interrupted" : "time"))
    // The start, and fewer than the 300 exchanges of a report.
    #expect((1..<301).contains(try #require(json["iterations"] as? Int)))
    #expect((json["support"] as? [Int])?.isEmpty == false)
    guard isInterrupted else { return }
    #expect(FileManager.default.fileExists(atPath: tool.folder.path + "/state"))
  }

  /// An algorithm that stopped at a limit goes on where the limit is larger.
  @Test(arguments: ["tabu", "vamp", "niht", "ompr", "els"])
  func everyAlgorithmGoesOn(algorithm: String) throws {
    func solve(_ iterations: Int, _ more: [String]) throws -> [Substring] {
      let all = words(iterations, more + ["--algorithm", algorithm, "--trace", "t.csv"])
      let outcome = try tool.start(all.filter { $0 != "--start" && $0 != "zero" }).outcome()
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      // Without what a start reports.
      return try trace("t.csv").filter { $0.hasPrefix(algorithm + ",") }
    }
    let whole = try solve(900, [])
    let half = whole.count / 2
    guard half > 0, let limit = whole.prefix(half).last.flatMap(iteration) else { return }
    _ = try solve(limit + 1, ["--checkpoint", "state", "--checkpoint-interval", "0"])
    let rest = try solve(900, ["--checkpoint", "state", "--resume"])
    // The step in which the limit came is made again.
    #expect(rest.count >= whole.count - half)
    #expect(whole.suffix(rest.count) == rest[...])
  }

  /// Under `nohup` a terminal may close.
  @Test func outlivesTheTerminal() throws {
    let running = try tool.start(words(100_000_000, ["--quiet"]), launcher: ["/usr/bin/nohup"])
    try running.waitUntilListening()
    kill(running.process.processIdentifier, SIGHUP)
    Thread.sleep(forTimeInterval: 0.2)
    #expect(running.process.isRunning)
    kill(running.process.processIdentifier, SIGTERM)
    #expect(running.outcome().exitCode == 128 + SIGTERM)
  }

  /// Refused with a message, and the checkpoint as it was.
  @Test func refusals() throws {
    _ = try tool.start(words(2000, keeping + ["--quiet"])).outcome()
    let state = tool.folder.appendingPathComponent("state")
    let kept = try Data(contentsOf: state)
    let resuming = keeping + ["--resume"]
    func expectRefusal(_ words: [String], _ code: Int32, _ message: String) throws {
      let outcome = try tool.start(words).outcome()
      #expect(outcome.exitCode == code && outcome.output.isEmpty)
      #expect(outcome.errors == "sea: \(message)\n")
    }
    try expectRefusal(
      words(2000, resuming + ["--precision", "single"]), 64,
      "checkpoint: expected precision single, as in this solve, found precision double")
    try expectRefusal(
      words(2000, resuming).map { $0 == "p/A.npy" ? "gone.npy" : $0 }, 66,
      "cannot read gone.npy: No such file or directory")
    #expect(try Data(contentsOf: state) == kept)
    try expectRefusal(
      words(2000, ["--resume"]), 64, "--resume: needs --checkpoint FILE")
    try expectRefusal(
      words(2000, resuming, start: "auto"), 65,
      "state: expected a checkpoint of several solves, found something else")
    try expectRefusal(
      words(2000, keeping).filter { $0 != "--force" }, 73,
      "cannot write state: it exists; --resume goes on from it, --force replaces it")
    try expectRefusal(
      words(2000, resuming + ["--algorithm", "htp"]).filter { $0 != "--start" && $0 != "zero" }, 64,
      "checkpoint: expected algorithm htp, as in this solve, found algorithm sea")
    #expect(try Data(contentsOf: state) == kept)
    try expectRefusal(
      words(2000, ["--checkpoint", "nowhere/state"]), 73,
      "cannot write nowhere/state: No such file or directory")
    try kept.dropLast(8).write(to: state)
    try expectRefusal(
      words(2000, resuming), 65,
      "state: expected \(kept.count / 8 - 4) numbers, found \(kept.count - 40) bytes")
    try Data("nothing of the kind, but long enough".utf8).write(to: state)
    try expectRefusal(
      words(2000, resuming), 65, "state: expected a checkpoint of a solver, found something else")
  }

  /// A full disk does not cost the result.
  @Test func fullDisk() throws {
    let outcome = try tool.start(
      words(2000, ["--checkpoint", "/dev/full", "--checkpoint-interval", "0"])
    ).outcome()
    #expect(outcome.exitCode == 0 && outcome.value("support") != nil)
    #expect(outcome.errors.hasPrefix("sea: cannot write /dev/full: No space left on device; "))
  }
}
