import Arguments
import Foundation
import SparseRecovery
import Testing

@testable import sea

/// The same bits again, whatever the number of threads.
@Suite(.serialized) final class DeterministicTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "-m", "60", "--columns", "3000", "-k", "8", "--snr", "12", "-o", "p")
  }

  deinit { tool.cleanUp() }

  /// A result without its times, as text.
  private func solve(_ words: [String]) throws -> String {
    let outcome = try tool.run(
      ["solve", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "8", "--deterministic", "--json"] + words)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    var json = try outcome.json()
    json["seconds"] = nil
    json["attempts"] = (json["attempts"] as? [[String: Any]])?.map {
      $0.filter { $0.key != "seconds" }
    }
    let data = try JSONSerialization.data(withJSONObject: json, options: .sortedKeys)
    return String(decoding: data, as: UTF8.self)
  }

  @Test(arguments: [
    ["--backend", "cpu"], ["--backend", "cpu", "--start", "zero", "--precision", "single"],
    ["--backend", "opencl", "--start", "zero"],
    ["--backend", "opencl", "--start", "omp", "--storage", "half"],
  ])
  func theSameAgain(words: [String]) throws {
    let first = try solve(words + ["--threads", "1"])
    #expect(try solve(words + ["--threads", "1"]) == first)
    #expect(try solve(words + ["--threads", "3"]) == first)
    #expect(!first.contains("CLBlast"))
  }

  @Test func noTimeLimit() throws {
    let outcome = try tool.run(
      "solve", "-m", "p/A.npy", "-y", "p/y.npy", "-k", "8", "--deterministic", "--time-limit", "5")
    #expect(outcome.exitCode == 64)
    #expect(
      outcome.errors == "sea: --time-limit: expected none with --deterministic, found 5.0\n")
  }

  /// On a machine with a GPU `auto` weighs what was measured, elsewhere there is nothing to choose.
  @Test func autoIsNoChoiceBesideAGPU() throws {
    func choice(_ words: [String]) throws -> EngineChoice {
      let line = ["solve", "-m", "A", "-y", "y", "-k", "3"] + words
      guard case .run(let arguments) = try Sea.table.parse(line) else { throw CancellationError() }
      return try EngineChoice(arguments)
    }
    for words in [["--deterministic"], ["--deterministic", "--backend", "auto"]] {
      let choice = try choice(words)
      #expect(try choice.certainName { false } == .cpu)
      #expect(
        throws: RecoveryError.invalidOption(
          name: "--backend", value: "auto",
          expected:
            "cpu, opencl or reference with --deterministic, since auto weighs what it measures")
      ) { try choice.certainName { true } }
    }
    for name in ["cpu", "opencl", "reference"] {
      let named = try choice(["--deterministic", "--backend", name])
      #expect(try named.certainName { true }.rawValue == name)
    }
    #expect(try choice(["--deterministic", "--device", "0"]).certainName { true } == .opencl)
    #expect(try choice([]).certainName { true } == .auto)
  }

  /// What the result says where nothing was named.
  @Test(arguments: ["solve", "path"]) func autoSaysWhy(command: String) throws {
    let words = [command, "-m", "p/A.npy", "-y", "p/y.npy", "-k", "8", "-a", "omp"]
    let reason = "the processor, since 20 passes over the matrix take it about "
    let text = try tool.run(words)
    #expect(text.value("auto took")?.hasPrefix(reason) == true, "\(text.output)")
    let json = try tool.run(words + ["--json"]).json()
    #expect((json["backendChoice"] as? String)?.hasPrefix(reason) == true)
    let named = try tool.run(words + ["--backend", "cpu"])
    #expect(named.value("auto took") == nil)
    #expect(try tool.run(words + ["--quiet"]).output.isEmpty)
  }
}
