import Benchmarking
import Charts
import FoundationEssentials
import SparseRecovery

/// `sea experiment scaling`: how time, passes and memory grow with the size of the problem.
struct ScalingExperiment {
  let folder: String
  let isQuick: Bool
  /// Nil for the usual time.
  let seconds: Double?
  let threads: Int?
  let formats: PlotFormats
  let files: OutputFiles

  func run() throws {
    try makeFolder(folder)
    let path = folder + "/results.json"
    try files.check(path)
    let suite = BenchmarkSuite(sections: [.scaling], isQuick: isQuick, seconds: seconds)
    let report = try suite.run(on: BenchmarkPlace.all(threads: threads)) { step in
      if Console.isWatched { Console.status("measuring \(step)") }
    }
    if Console.isWatched { Console.status("") }
    try write(report, to: path)
    try Console.write(report.tables(width: Console.width))
    try Console.write("\nresults   \(path): \(report.scaling.rows.count) measurements\n")
    guard !formats.isEmpty else { return }
    try formats.show(
      try ScalingPage(report).draw(
        into: folder, command: CommandWords.line(CommandWords.all), formats: formats.pictures,
        replacing: files.areReplaced))
  }

  private func write(_ report: SuiteReport, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = try encoder.encode(report)
    try AtomicFile.write(to: path, replacing: files.areReplaced) { (file) throws(FileError) in
      try file.write(text)
      try file.write("\n")
    }
  }

  /// Reads what a run wrote.
  ///
  /// - Throws: ``FileError``.
  static func read(_ path: String) throws -> SuiteReport {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw FileError.cannotRead(path: path, reason: "there is no such file, or it is not readable")
    }
    guard let report = try? JSONDecoder().decode(SuiteReport.self, from: data) else {
      throw FileError.malformed(
        path: path, position: nil, expected: "results of 'sea experiment scaling'",
        found: "something else")
    }
    return report
  }
}
