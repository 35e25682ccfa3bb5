import Foundation
import Testing

/// `sea bench`, `sea devices` and `sea experiment scaling`: what they say of this machine.
@Suite(.serialized) final class BenchTests {
  private let tool: Tool

  init() throws { tool = try Tool() }

  deinit { tool.cleanUp() }

  private func run(
    _ words: String, environment: [String: String] = [:]
  ) throws -> Tool.Outcome {
    try tool.run(words.split(separator: " ").map(String.init), environment: environment)
  }

  private let tiny = "bench -m 20 -n 40 -k 3 --iterations 5 --repetitions 1 --threads 1 "

  @Test func figuresAreOfTheProblemAskedFor() throws {
    let none = ["OCL_ICD_VENDORS": tool.folder.path]
    let json = try run(tiny + "--json --precision single --seed 4", environment: none).json()
    let options = try #require(json["options"] as? [String: Any])
    for (name, value) in ["rows": 20, "columns": 40, "sparsity": 3, "iterations": 5, "seed": 4] {
      #expect(options[name] as? Int == value, "\(name)")
    }
    #expect(options["precisions"] as? [String] == ["single"])
    let rows = try #require(json["rows"] as? [[String: Any]])
    #expect(!rows.isEmpty)
    let machine = try #require(json["machine"] as? [String: Any])
    let devices = try #require(machine["devices"] as? [[String: Any]])
    #expect(devices.compactMap { $0["kind"] as? String } == ["cpu"])
  }

  @Test func aFileKeepsWhatWasMeasured() throws {
    let none = ["OCL_ICD_VENDORS": tool.folder.path]
    #expect(try run(tiny + "--output report.json", environment: none).exitCode == 0)
    let data = try Data(contentsOf: tool.folder.appendingPathComponent("report.json"))
    let report = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    #expect((report?["rows"] as? [Any])?.isEmpty == false)
    let again = try run(tiny + "--output report.json", environment: none)
    #expect(again.exitCode == 73 && again.errors.contains("it exists; --force replaces it"))
    let both = try run("bench --compare report.json --compare report.json")
    #expect(both.exitCode == 0 && both.output.contains("gemv-t"))
    try Data("{}".utf8).write(to: tool.folder.appendingPathComponent("other.json"))
    let wrong = try run("bench --compare other.json --compare report.json")
    #expect(wrong.exitCode == 65 && wrong.errors.contains("expected a report of 'sea bench'"))
    let nowhere = try run(tiny + "--device 7", environment: none)
    #expect(nowhere.exitCode == 69 && nowhere.errors.contains("no OpenCL device"))
  }

  @Test func withoutADeviceOnlyTheProcessorIsMeasured() throws {
    let none = ["OCL_ICD_VENDORS": tool.folder.path]
    let processor = try run("devices --json").json()["cpu"] as? [String: Any]
    let table = try run(tiny, environment: none)
    #expect(table.exitCode == 0 && table.errors.isEmpty)
    #expect(table.output.contains(try #require(processor?["device"] as? String)))
    #expect(!table.output.contains("\nopencl, "))
  }

  @Test func devicesAreListedTwice() throws {
    let (text, json) = (try run("devices").output, try run("devices --json").json())
    let processor = try #require(json["cpu"] as? [String: Any])
    #expect(processor["name"] as? String == "cpu")
    #expect(text.hasPrefix("cpu       \(try #require(processor["device"] as? String)), "))
    let devices = try #require(json["opencl"] as? [[String: Any]])
    for (number, device) in devices.enumerated() {
      #expect(device["number"] as? Int == number)
      #expect(text.contains("opencl \(number)  \(try #require(device["name"] as? String)) ("))
      #expect(try #require(device["memory"] as? Int) > 0)
    }
  }

  @Test func withoutADriverThereIsNoDevice() throws {
    let none = ["OCL_ICD_VENDORS": tool.folder.path]
    #expect(try run("devices", environment: none).output.contains("opencl    none: no OpenCL"))
    #expect(try run("devices --json", environment: none).json()["opencl"] as? [Int] == [])
  }

  /// From the measurement to the page, and the page again from the file.
  @Test(.timeLimit(.minutes(5))) func scalingMakesAPage() throws {
    let none = ["OCL_ICD_VENDORS": tool.folder.path]
    let first = try run(
      "experiment scaling --quick --time-limit 3 --threads 1 -o s --plot terminal",
      environment: none)
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(first.value("results")?.hasPrefix("s/results.json: ") == true)
    let again = try run("plot s/results.json --plot none -o again")
    #expect(again.exitCode == 0 && again.output == "page      again/report.html\n")
    let pages = try ["s", "again"].map {
      try String(
        contentsOf: tool.folder.appendingPathComponent("\($0)/report.html"), encoding: .utf8)
    }
    #expect(pages.allSatisfy { $0.contains("<h1>Scaling</h1>") })
  }

  @Test(arguments: [
    ("plot none.json", 66, "cannot read none.json: No such file or directory"),
    (
      "plot other.json", 65,
      "other.json: expected results of 'sea experiment scaling', found none of its schemaVersion"
    ),
    ("plot none.csv", 66, "cannot read none.csv: No such file or directory"),
    ("plot none.jsonl", 66, "cannot read none.jsonl: No such file or directory"),
  ])
  func filesThatAreNoResults(words: String, code: Int32, message: String) throws {
    try Data("{}".utf8).write(to: tool.folder.appendingPathComponent("other.json"))
    let outcome = try run(words)
    #expect(outcome.exitCode == code && outcome.errors == "sea: \(message)\n")
  }
}
