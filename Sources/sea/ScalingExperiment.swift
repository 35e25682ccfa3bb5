import Benchmarking
import Charts
import Experiments
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
    try JSONFile.write(report, to: path, replacing: files.areReplaced)
    try Console.write(report.tables(width: Console.width))
    try Console.write("\nresults   \(path): \(report.scaling.rows.count) measurements\n")
    guard !formats.isEmpty else { return }
    try formats.show(
      try ScalingPage(report).draw(
        into: folder, command: CommandWords.line(CommandWords.all), formats: formats.pictures,
        replacing: files.areReplaced))
  }

  /// Reads what a run wrote.
  static func read(_ path: String) throws(FileError) -> SuiteReport {
    try JSONFile.read(path, expected: "results of 'sea experiment scaling'")
  }
}

/// The charts of a scaling experiment: time, passes and memory against m, n and k.
struct ScalingPage {
  private let report: SuiteReport
  private let base: ProblemShape?

  init(_ report: SuiteReport) {
    self.report = report
    let rows = report.scaling.rows
    // The shape that all axes share is the one whose sizes are the most frequent.
    base =
      rows.isEmpty
      ? nil
      : ProblemShape(
        Self.mostFrequent(rows.map(\.shape.rows)), Self.mostFrequent(rows.map(\.shape.columns)),
        Self.mostFrequent(rows.map(\.shape.sparsity)))
  }

  func draw(
    into folder: String, command: String, formats: [PictureFormat]?, replacing: Bool
  ) throws(ChartError) -> Drawing {
    let problems = "around \(base.map { "\($0)" } ?? "nothing")"
    var album = Album(
      folder: folder,
      report: Report(
        title: "Scaling",
        settings: [
          ("solver", "sea from zero; Gaussian matrices, 20 dB of noise"), ("problems", problems),
          (
            "machine",
            Set(report.scaling.rows.map(\.engine.device)).sorted().joined(separator: "; ")
          ),
          ("processes waiting before", report.load.map { $0.significant(3) } ?? "unknown"),
        ], command: command), formats: formats, replacing: replacing)
    for axis in ScalingAxis.allCases {
      for quantity in Quantity.all {
        let series = series(quantity, along: axis)
        guard !series.isEmpty else { continue }
        try album.add(
          LineChart(
            title: "\(quantity.title) as \(axis.title) grow",
            caption: "SEA from zero, \(problems); \(devices); exponents by least squares",
            x: Axis(
              "\(axis.title) \(axis.rawValue)", scale: .logarithmic,
              ticks: Set(series.flatMap(\.points).map(\.x)).sorted()),
            y: Axis(quantity.label, scale: .logarithmic), series: series),
          named: "\(quantity.name)-\(axis.rawValue)")
      }
    }
    album.report.add(heading: "How the time of an iteration grows")
    album.report.add(
      table: ["engine", "gradient", "size", "exponent", "R²"],
      rows: report.laws.map { law in
        [
          "\(law.engine.name) \(law.precision)", law.gradient.rawValue, law.axis.rawValue,
          law.law.exponent.significant(3), law.law.determination.significant(3),
        ]
      })
    for note in report.scaling.notes { album.report.add(paragraph: note) }
    return try Drawing(album)
  }

  /// A line for each engine and gradient, named with its exponent where there is one.
  private func series(_ quantity: Quantity, along axis: ScalingAxis) -> [Series] {
    guard let base else { return [] }
    let rows = report.scaling.rows.filter { axis.isOnly(between: $0.shape, and: base) }
    let ways = Dictionary(grouping: rows) {
      "\($0.engine.name) \($0.precision), \($0.gradient.rawValue)"
    }
    return ways.sorted { $0.key < $1.key }.compactMap { name, rows in
      let points = rows.compactMap { row in
        quantity.value(row).map { (x: Double(axis.size(of: row.shape)), y: $0) }
      }.sorted { $0.x < $1.x }
      guard points.count > 1 else { return nil }
      let law = PowerLaw(fitting: points).map {
        " ∝ \(axis.rawValue)^\($0.exponent.significant(2))"
      }
      return Series(name + (law ?? ""), points.map { Point($0.x, $0.y) })
    }
  }

  /// What stands behind the names of engines: OpenCL may well be the processor.
  private var devices: String {
    let all = report.scaling.rows.map { "\($0.engine.name) on \($0.device.name)" }
    return Set(all).sorted().joined(separator: ", ")
  }

  private static func mostFrequent(_ sizes: [Int]) -> Int {
    let counts = Dictionary(grouping: sizes) { $0 }
    return counts.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key ?? 0
  }

  /// Something that was measured.
  private struct Quantity {
    let name: String
    let title: String
    let label: String
    let value: (SolveRow) -> Double?

    static var all: [Quantity] {
      [
        Quantity(name: "time", title: "Time", label: "time of an iteration, ms") {
          1000 * $0.seconds.minimum / Double($0.iterations)
        },
        Quantity(name: "passes", title: "Passes over A", label: "passes in a solve") {
          $0.matrixPasses > 0 ? Double($0.matrixPasses) : nil
        },
        Quantity(name: "memory", title: "Memory", label: "memory of engine and solve, MiB") {
          $0.memory.flatMap { $0.growth > 0 ? Double($0.growth) / 1_048_576 : nil }
        },
      ]
    }
  }
}

extension ScalingAxis {
  fileprivate var title: String {
    switch self {
    case .rows: "rows"
    case .columns: "columns"
    case .sparsity: "selected columns"
    }
  }

  fileprivate func size(of shape: ProblemShape) -> Int {
    switch self {
    case .rows: shape.rows
    case .columns: shape.columns
    case .sparsity: shape.sparsity
    }
  }

  fileprivate func isOnly(between shape: ProblemShape, and base: ProblemShape) -> Bool {
    Self.allCases.allSatisfy { $0 == self || $0.size(of: shape) == $0.size(of: base) }
  }
}
