import Benchmarking
@preconcurrency import Glibc
import SparseRecovery

/// Measures a grid of problems on everything this machine has.
@main struct Suite {
  /// Rows and columns; a twentieth of the rows is selected.
  static let grid = [(250, 1000), (500, 5000), (1000, 10000), (2000, 20000)]

  static func main() {
    do {
      let request = try Request(CommandLine.arguments.dropFirst())
      guard !request.wantsHelp else { return print(Request.help) }
      let places = try BenchmarkPlace.all()
      let output = ReportFile(request.output ?? ReportFile.defaultPath(for: places))
      try output.checkWritable()
      var reports: [BenchmarkReport] = []
      for (rows, columns) in grid where request.rows.map({ $0 == rows }) ?? true {
        reports.append(try run(rows, columns, on: places))
      }
      try output.write(reports)
    } catch {
      note("\(error)")
      exit(error is UsageError ? EX_USAGE : EX_SOFTWARE)
    }
  }

  private static func run(
    _ rows: Int, _ columns: Int, on places: [BenchmarkPlace]
  ) throws -> BenchmarkReport {
    var options = BenchmarkOptions()
    options.rows = rows
    options.columns = columns
    options.sparsity = max(1, rows / 20)
    let report = try Benchmark(options).run(on: places) { step in
      note("\(rows) × \(columns): \(step)")
    }
    print(report.table())
    return report
  }

  private static func note(_ text: String) { fputs("suite: \(text)\n", stderr) }
}
