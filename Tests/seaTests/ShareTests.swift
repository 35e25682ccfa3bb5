import Foundation
import Testing

/// `sea path --shard` and `sea merge`: what several machines solve is what one does.
@Suite(.serialized) final class ShareTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "--rows", "40", "--columns", "18", "-k", "3", "--snr", "12", "-o", "p"
    )
    let text = (0..<40).map { (i: Int) -> String in
      let numbers = (0..<3).map { (j: Int) -> Int in (7 * i * i + 5 * i * j + 3 * j) % 23 }
      return numbers.map(String.init).joined(separator: ",") + "\n"
    }
    try Data(text.joined().utf8).write(to: tool.folder.appendingPathComponent("Y.csv"))
  }

  deinit { tool.cleanUp() }

  private static let words =
    "path -m p/A.npy -k 4 --backend cpu --deterministic -c ebic,cv --folds 5 --subsample 4 "

  private func run(
    _ words: String, environment: [String: String] = [:]
  ) throws -> Tool.Outcome {
    try tool.run(
      (Self.words + words).split(separator: " ").map(String.init), environment: environment)
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: tool.folder.appendingPathComponent(name).path)
  }

  /// A share may have nothing to do.
  @Test func sharesBeyondTheObservations() throws {
    let words = [
      "path", "-m", "p/A.npy", "-y", "Y.csv", "-k", "2", "-a", "omp", "--checkpoint", "d",
    ]
    for share in 1...4 {
      let outcome = try tool.run(words + ["--shard", "\(share)/4"])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    let merged = try tool.run(
      ["merge", "d-1-of-4"] + (2...4).flatMap { ["--with", "d-\($0)-of-4"] } + ["-o", "d"])
    #expect(merged.output.hasPrefix("state     d: 3 paths on all rows"), "\(merged.errors)")
    let again = try tool.run(words + ["--shard", "4/4", "--resume"])
    #expect(again.exitCode == 0, "\(again.errors)")
  }

  /// One observation, whose folds and draws are shared out; several, each in one share; one support for several.
  @Test(arguments: ["-y p/y.npy ", "-y Y.csv ", "-y Y.csv --joint -a omp "])
  func mergedIsTheWhole(observation: String) throws {
    for share in 1...3 {
      let outcome = try run(observation + "--checkpoint c --shard \(share)/3")
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(
        outcome.output
          == "next      sea merge c-1-of-3 --with c-2-of-3 --with c-3-of-3 --output c, "
          + "then the same command with --shard 1/1 --resume\n")
    }
    #expect(!exists("c"))
    let merged = try tool.run(
      "merge", "c-1-of-3", "--with", "c-3-of-3", "--with", "c-2-of-3", "--output", "c")
    #expect(merged.exitCode == 0, "\(merged.errors)")
    let isEach = observation == "-y Y.csv "
    #expect(
      merged.output.hasPrefix(
        isEach
          ? "state     c: 3 paths on all rows, 15 of folds, 24 of draws\n"
          : "state     c: 1 path on all rows, 5 of folds, 8 of draws\n"), "\(merged.output)")
    let whole = try run(observation + "--json")
    let rest = try run(observation + "--json --checkpoint c --resume --shard 1/1")
    #expect(rest.exitCode == 0, "\(rest.errors)")
    func parts(_ outcome: Tool.Outcome) throws -> [[String: Any]] {
      let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      return try (json as? [[String: Any]]) ?? [#require(json as? [String: Any])]
    }
    for (a, b) in zip(try parts(whole), try parts(rest)) {
      for key in ["points", "choices", "resampling", "folds"] {
        let (own, other) = (try #require(a[key] as? NSObject), try #require(b[key] as? NSObject))
        #expect(own.isEqual(other), "\(key)")
      }
    }
  }

  /// In a step of several tasks the share is that of the task, and the first line says so.
  @Test(arguments: [
    ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"), ("PMI_SIZE", "PMI_RANK"),
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
  ])
  func launchers(size: String, rank: String) throws {
    let step = [size: "2", rank: "1"]
    let share = try run("-y p/y.npy --checkpoint c", environment: step)
    #expect(share.exitCode == 0, "\(share.errors)")
    #expect(
      share.output.hasPrefix("share     2/2, as \(size) says; --shard 1/1 solves all\nnext "))
    #expect(exists("c-2-of-2") && !exists("c"))
    let whole = try run("-y p/y.npy --shard 1/1", environment: step)
    #expect(whole.exitCode == 0 && whole.value("chosen") != nil)
    for others in [[size: "1", rank: "0"], ["SLURM_NTASKS": "4", "SLURM_PROCID": "0"]] {
      #expect(try run("-y p/y.npy", environment: others).value("chosen") != nil)
    }
    let nowhere = try run("-y p/y.npy", environment: step)
    #expect(nowhere.exitCode == 64)
    #expect(
      nowhere.errors
        == "sea: --checkpoint: expected a file for share 2/2 (--shard 1/1 solves all), found none\n"
    )
    // Nothing to share out: every task has all of it.
    let plain = try tool.run(
      ["path", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "3"], environment: step)
    #expect(plain.value("chosen") != nil)
    #expect(
      try run("-y p/y.npy --checkpoint c", environment: [size: "2", rank: "2"]).exitCode == 64)
  }

  @Test(arguments: [
    (
      "--shard 3/2 --checkpoint c",
      "expected a share as i/N with 1 ≤ i ≤ N, for example 2/8, found 3/2"
    ),
    (
      "--shard 1/2 --checkpoint c --json",
      "--json: expected none together with share 1/2, which has no result before 'sea merge'"
    ),
    (
      "--shard 1/2",
      "--checkpoint: expected a file for share 1/2 (--shard 1/1 solves all), found none"
    ),
  ]) func isRefused(words: String, message: String) throws {
    let outcome = try run("-y p/y.npy " + words)
    #expect(outcome.exitCode == 64 && outcome.output.isEmpty)
    #expect(outcome.errors == "sea: \(message)\n")
    let nothing = try tool.run(
      "path", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "3", "--shard", "1/2", "--checkpoint", "c")
    #expect(
      nothing.errors
        == "sea: --shard: expected several observations, --criterion cv, --bootstrap or --subsample to share out, "
        + "found 1/2\n")
  }
}
