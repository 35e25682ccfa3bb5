import Benchmarking
import FoundationEssentials

/// Where the figures go.
struct ReportFile {
  let path: String

  init(_ path: String) { self.path = path }

  /// A file named after the best device: the first GPU, else the processor.
  static func defaultPath(for places: [BenchmarkPlace], isQuick: Bool) -> String {
    let devices = places.map(\.device)
    let name = (devices.first { $0.kind == "gpu" } ?? devices.first)?.name ?? "nothing"
    let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let folder = isQuick ? ".build" : "Benchmarks/results"
    return "\(folder)/\(words.joined(separator: "-")).json"
  }

  /// Finds out before minutes of measuring whether the folder is there.
  func checkWritable() throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw UsageError(description: "cannot write to the folder of \(path); see --output")
    }
  }

  /// Writes the report as JSON.
  func write(_ report: SuiteReport) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var data = try encoder.encode(report)
    data.append(UInt8(ascii: "\n"))
    try data.write(to: URL(filePath: path), options: .atomic)
  }

  /// Reads a report that ``write(_:)`` wrote.
  func read() throws -> SuiteReport {
    do {
      return try JSONDecoder().decode(
        SuiteReport.self, from: Data(contentsOf: URL(filePath: path)))
    } catch {
      throw UsageError(description: "\(path) holds no report of this suite: \(error)")
    }
  }
}
