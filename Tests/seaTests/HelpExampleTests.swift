import Arguments
import Foundation
import Testing

@testable import sea

/// Every example of the help does what it says, as printed.
@Suite(.serialized) final class HelpExampleTests: ToolSuite {
  let tool: Tool

  /// A folder with the files that examples name.
  init() throws {
    tool = try Tool()
    func table(_ names: [String], _ rows: Int, _ cell: (Int, Int) -> String) -> String {
      ([names] + (0..<rows).map { i in names.indices.map { cell(i, $0) } })
        .map { $0.joined(separator: ",") + "\n" }.joined()
    }
    // No column is a combination of others.
    func number(_ i: Int, _ j: Int) -> Double { Double((i * i + 7 * i * (j + 1) + j * j) % 97) }
    let houses = ["id", "price"] + (0..<11).map { "room\($0)" }
    func house(_ i: Int, _ j: Int) -> String {
      switch j {
      case 0: "h\(i)"
      case 1: "\(2 * number(i, 2) - number(i, 5) + number(i, 12) / 50)"
      default: "\(number(i, j))"
      }
    }
    func visit(_ i: Int, _ j: Int) -> String { j == 0 ? "\(i / 3)" : house(i, j) }
    for (name, text) in [
      ("visits.csv", table(["patient", "dose"] + houses.dropFirst(2), 60, visit)),
      ("houses.csv", table(houses, 60, house)), ("new.csv", table(houses, 9, house)),
      ("sales.csv", table(houses, 400, house)),
      ("X.csv", table((0..<12).map { "x\($0)" }, 60) { "\(number($0, $1))" }),
      ("A.csv", table((0..<12).map { "a\($0)" }, 60) { "\(number($0, $1 + 3))" }),
      ("table.csv", table((0..<5).map { "t\($0)" }, 40) { "\(number($0, $1 + 9))" }),
      (
        "patients.csv",
        table(["ill"] + houses.dropFirst(2), 60) { i, j in
          j == 0 ? (number(i, 3) + number(i, 8) > 96 ? "yes" : "no") : "\(number(i, j))"
        }
      ),
      ("y.csv", table(["y"], 60) { i, _ in house(i, 1) }),
    ] {
      try Data(text.utf8).write(to: tool.folder.appendingPathComponent(name))
    }
    for words in [
      "generate gaussian --rows 210 --columns 230 -k 8 -o given",
      "experiment deconvolution --size 60 --sparsities 2 --trials 1 --plot none -o ready",
      "path -m X.csv -y y.csv -k 2 -a omp -c cv --folds 4 --checkpoint p.checkpoint --shard 1/2",
      "path -m X.csv -y y.csv -k 2 -a omp -c cv --folds 4 --checkpoint p.checkpoint --shard 2/2",
      "bench -m 20 -n 40 -k 3 --iterations 5 --repetitions 1 --output report.json",
      "solve -m given/A.npy -y given/y.npy -k 4 --start omp --trace trace.csv -q",
      "reduce --table sales.csv --target price --drop id -o one.csv",
      "reduce --table sales.csv --target price --drop id -o two.csv",
    ] {
      let outcome = try run(words)
      try #require(outcome.exitCode == 0, "\(words): \(outcome.errors)")
    }
    for (name, source) in [
      ("results.jsonl", "ready/results.jsonl"), ("one.jsonl", "ready/results.jsonl"),
      ("two.jsonl", "ready/results.jsonl"), ("A.npy", "given/A.npy"),
      ("y.npy", "given/y.npy"),
    ] {
      try FileManager.default.copyItem(
        at: tool.folder.appendingPathComponent(source),
        to: tool.folder.appendingPathComponent(name))
    }
  }

  deinit { tool.cleanUp() }

  /// Minutes of work: these are seen to begin, and are told to end.
  private static let long = [
    "sea experiment phase-transition --ensemble", "sea experiment deconv",
  ]
  /// Gigabytes as well: BenchTests runs it on other sizes.
  private static let large = "sea bench"

  @Test func runAsPrinted() throws {
    let examples = Sea.table.commands.flatMap(\.examples).map(\.line)
    #expect(examples.count > 20)
    for line in examples where !line.hasPrefix(Self.large) {
      // Several examples write it.
      try? FileManager.default.removeItem(at: tool.folder.appendingPathComponent("x.npy"))
      // One is 'source <(sea completions bash)'.
      let inner = String(line.split(separator: "(").last?.split(separator: ")").first ?? "")
      let words = try #require(PageCommand.wordsAfterTool(in: inner))
      guard Self.long.contains(where: line.hasPrefix) else {
        let outcome = try tool.run(words)
        #expect(outcome.exitCode == 0 && !outcome.output.isEmpty, "\(line): \(outcome)")
        continue
      }
      let running = try tool.start(words)
      Thread.sleep(forTimeInterval: 1)
      running.process.terminate()
      let outcome = running.outcome()
      #expect([0, 15, 143].contains(outcome.exitCode), "\(line): \(outcome)")
      #expect(!outcome.errors.contains("expected"), "\(line): \(outcome)")
    }
  }
}
