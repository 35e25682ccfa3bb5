import Benchmarking
@preconcurrency import Glibc
import SparseRecovery

/// Measures everything this machine has.
@main struct Suite {
  static func main() {
    do {
      let request = try Request(CommandLine.arguments.dropFirst())
      guard !request.wantsHelp else { return print(Request.help) }
      if let drawing = request.drawing {
        try draw(ReportFile(drawing).read(), at: drawing)
      } else {
        try measure(request)
      }
    } catch {
      note("\(error)")
      exit(error is UsageError ? EX_USAGE : EX_SOFTWARE)
    }
  }

  private static func measure(_ request: Request) throws {
    let places = try BenchmarkPlace.all()
    let output = ReportFile(
      request.output ?? ReportFile.defaultPath(for: places, isQuick: request.isQuick))
    try output.checkWritable()
    let suite = BenchmarkSuite(
      sections: request.sections.isEmpty ? nil : request.sections, isQuick: request.isQuick,
      seconds: request.seconds)
    let report = try suite.run(on: places) { note($0) }
    print(report.tables())
    try output.write(report)
    note(output.path)
    try draw(report, at: output.path)
  }

  private static func draw(_ report: SuiteReport, at path: String) throws {
    for line in try Gnuplot(path: path).draw(report.charts) { note(line) }
  }

  private static func note(_ text: String) { fputs("suite: \(text)\n", stderr) }
}
