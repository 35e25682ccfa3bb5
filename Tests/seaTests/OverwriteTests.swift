import Foundation
import Testing

/// Files that exist are kept, unless they are to be replaced.
@Suite(.serialized) final class OverwriteTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "--rows", "20", "--columns", "30", "-k", "2", "--output", "p")
    _ = try tool.run(
      "experiment", "deconvolution", "--quick", "--trials", "2", "--solvers", "omp", "--output",
      "e", "--plot", "none")
    _ = try tool.run(solve + ["--trace", "t.csv", "--model-output", "kept.json"])
    let row = (0..<30).map(String.init).joined(separator: ",") + "\n"
    try Data(row.utf8).write(to: url("rows.csv"))
  }

  deinit { tool.cleanUp() }

  private let solve = ["solve", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "2", "--quiet"]
  private let path = ["path", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "2", "--quiet"]

  /// Commands with the file that each would write.
  private var commands: [(words: [String], file: String)] {
    [
      (solve + ["--output", "x.npy"], "x.npy"), (solve + ["--trace", "trace.csv"], "trace.csv"),
      (solve + ["--checkpoint", "state", "--checkpoint-interval", "0"], "state"),
      (path + ["--output", "x.csv"], "x.csv"), (path + ["--points", "table.csv"], "table.csv"),
      (path + ["--plot", "path.svg"], "path.svg"),
      (solve + ["--model-output", "model.json"], "model.json"),
      (path + ["--model-output", "other.json"], "other.json"),
      (["predict", "--model", "kept.json", "--table", "rows.csv", "-o", "p.csv"], "p.csv"),
      (["generate", "gaussian", "-m", "9", "--columns", "12", "-k", "2", "-o", "g"], "g/y.npy"),
      (["merge", "e/results.jsonl", "--output", "m.jsonl"], "m.jsonl"),
      (["plot", "t.csv", "--plot", "svg", "--output", "c"], "c/report.html"),
      (["plot", "t.csv", "--plot", "svg", "--output", "d"], "d/trace-exploration.svg"),
      (["plot", "t.csv", "--plot", "svg", "--output", "s"], "s/trace-exploration.gp"),
    ]
  }

  private func url(_ file: String) -> URL { tool.folder.appendingPathComponent(file) }

  @Test func nothingIsReplacedUnasked() throws {
    for (words, file) in commands {
      try FileManager.default.createDirectory(
        at: url(file).deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("precious".utf8).write(to: url(file))
      let refused = try tool.run(words)
      #expect(refused.exitCode == 73, "\(words): \(refused)")
      #expect(refused.errors.contains(file) && refused.errors.contains("it exists"))
      #expect(try Data(contentsOf: url(file)) == Data("precious".utf8), "\(words)")
      let forced = try tool.run(words + ["--force"])
      #expect(forced.exitCode == 0, "\(words): \(forced)")
      #expect(try Data(contentsOf: url(file)) != Data("precious".utf8), "\(words)")
    }
  }

  /// Two results in one file, by whatever name: before anything is computed.
  @Test func twoResultsNeedTwoFiles() throws {
    let words = solve + ["--force", "-o", "same.csv", "--residuals", "./p/../same.csv"]
    let refused = try tool.run(words)
    #expect(refused.exitCode == 73)
    #expect(refused.errors.contains("--output and --residuals both name it"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: url("same.csv").path))
    try Data("a,y\n1,2\n2,3\n4,4\n".utf8).write(to: url("small.csv"))
    let reduced = try tool.run(
      ["reduce", "--table", "small.csv", "--target", "y", "-o", "small.csv", "--force"])
    #expect(reduced.exitCode == 73 && reduced.errors.contains("one of the tables"))
  }

  /// The same words again: the result of a run that goes on is its own to replace, but no other.
  @Test func aRunThatGoesOnReplacesItsResult() throws {
    let words = solve + ["--output", "own.csv", "--checkpoint", "kept", "--resume"]
    try Data("precious".utf8).write(to: url("own.csv"))
    #expect(try tool.run(words).exitCode == 73)
    try FileManager.default.removeItem(at: url("own.csv"))
    #expect(try tool.run(words + ["--checkpoint-interval", "0"]).exitCode == 0)
    #expect(FileManager.default.fileExists(atPath: url("kept").path))
    #expect(try tool.run(words).exitCode == 0)
  }

  /// Nothing is in the way of devices and pipes.
  @Test func devicesNeedNoForce() throws {
    #expect(try tool.run(solve + ["--output", "/dev/null", "--trace", "/dev/null"]).exitCode == 0)
  }

  /// A result that cannot be written is shown, though it was to be quiet.
  @Test func whatCannotBeWrittenIsShown() throws {
    let outcome = try tool.run(solve + ["--output", "/dev/full"])
    #expect(outcome.exitCode == 73 && outcome.value("support") != nil)
    #expect(outcome.errors == "sea: cannot write /dev/full: No space left on device\n")
  }
}
