import Benchmarking
import Charts
import Experiments
import SparseRecovery

/// What `sea bench` measured, as charts and a page.
struct BenchPage {
  private let report: BenchmarkReport

  init(_ report: BenchmarkReport) { self.report = report }

  /// Draws the charts and writes the page.
  ///
  /// - Throws: `ChartError`.
  func draw(
    into folder: String, command: String, formats: [PictureFormat]?, replacing: Bool
  ) throws(ChartError) -> Drawing {
    let (machine, options) = (report.machine, report.options)
    let devices = Set(machine.devices.map { "\($0.name) (\($0.kind))" }).sorted()
    let sizes = "\(options.rows) × \(options.columns), k = \(options.sparsity)"
    var album = Album(
      folder: folder,
      report: Report(
        title: "Benchmark",
        settings: [
          ("processor", "\(machine.processor), \(machine.cores) cores; \(machine.blas)"),
          ("devices", devices.joined(separator: "; ")), ("problem", sizes),
          (
            "host memory",
            "read \(report.host.read.significant(3)) GB/s, copy \(report.host.copy.significant(3)) GB/s"
          ),
        ], command: command), formats: formats, replacing: replacing)
    try album.add(
      chart(
        "Products against the bandwidth of the run", sizes, Axis("rate / ceiling"),
        of: [.multiply, .correlate]
      ) { $0.fractionOfCeiling }, named: "bandwidth")
    let times: [(title: String, name: String, operations: [BenchmarkOperation])] = [
      ("Small calls", "latencies", [.launch, .read, .write, .largest]),
      ("Large calls", "times", [.load, .correlate, .solve]),
    ]
    for (title, name, operations) in times {
      try album.add(
        chart(title, sizes, Axis("seconds", scale: .logarithmic), of: operations) {
          $0.timing.seconds.median
        }, named: name)
    }
    for place in places {
      album.report.add(heading: place)
      album.report.add(
        table: [
          "operation", "first call, s", "median, s", "minimum, s", "GB/s", "of ceiling", "GFLOP/s",
          "error / bound",
        ],
        rows: report.rows.filter { self.place($0) == place }.map { row in
          [row.timing.firstCall, row.timing.seconds.median, row.timing.seconds.minimum].reduce(
            into: [row.title]
          ) { $0.append($1.significant(3)) }
            + [row.gigabytesPerSecond, row.fractionOfCeiling, row.gigaflopsPerSecond, row.error]
            .map { $0?.significant(3) ?? "–" }
        })
    }
    let solves = report.rows.compactMap { row in row.solve.map { (place(row), $0) } }
    if !solves.isEmpty {
      album.report.add(heading: "Solves")
      album.report.add(
        table: [
          "place", "iterations", "each, s", "passes over A", "relative residual",
          "share of the support",
        ],
        rows: solves.map { place, solve in
          [
            place, "\(solve.iterations)", solve.secondsPerIteration.significant(3),
            "\(solve.matrixPasses)", solve.relativeResidual.significant(6),
            solve.supportAgreement.significant(3),
          ]
        })
    }
    for failure in report.failures { album.report.add(paragraph: "Not measured: \(failure)") }
    return try Drawing(album)
  }

  /// Every place that was measured, in the order of the run.
  private var places: [String] {
    var seen: Set<String> = []
    return report.rows.map(place).filter { seen.insert($0).inserted }
  }

  /// The engine and the numbers of a row, and the device where an engine has several.
  private func place(_ row: BenchmarkRow) -> String {
    let devices = Set(report.rows.filter { $0.engine.name == row.engine.name }.map(\.device.name))
    return "\(row.engine.name) \(row.numbers)" + (devices.count > 1 ? ", \(row.device.name)" : "")
  }

  /// A group of bars for each operation, in it a bar for each place.
  private func chart(
    _ title: String, _ caption: String, _ y: Axis, of operations: [BenchmarkOperation],
    _ value: (BenchmarkRow) -> Double?
  ) -> BarChart {
    let rows = operations.flatMap { operation in
      report.rows.filter { $0.operation == operation && value($0) != nil }
    }
    var categories: [String] = []
    for row in rows where !categories.contains(row.title) { categories.append(row.title) }
    let series = places.map { place in
      Series(
        place,
        rows.filter { self.place($0) == place }.compactMap { row in
          guard let x = categories.firstIndex(of: row.title), let y = value(row) else { return nil }
          return Point(Double(x), y)
        })
    }
    return BarChart(
      title: title, caption: caption, y: y, categories: categories,
      series: series.filter { !$0.points.isEmpty })
  }
}
