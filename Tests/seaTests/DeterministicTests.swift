import Foundation
import Testing

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
}
