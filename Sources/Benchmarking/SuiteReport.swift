import SparseRecovery

/// What a run of the suite measured. Written as JSON, it is the record of a machine.
public struct SuiteReport: Equatable, Sendable, Codable {
  /// The version of the layout, 2. The first was an array of ``BenchmarkReport``.
  public let schemaVersion: Int
  /// The machine.
  public let machine: BenchmarkReport.Machine
  /// The average number of processes that wanted a core in the minute before; nil where unknown.
  /// Figures taken beside other work are orders of magnitude.
  public let load: Double?
  /// Whether problems were few and small.
  public let isQuick: Bool
  /// The time that was given, in seconds.
  public let seconds: Double
  /// A report of every operation for each problem.
  public internal(set) var operations: [BenchmarkReport] = []
  /// Whole solves from small problems to large ones.
  public internal(set) var endToEnd = SolveRecord()
  /// Solves of problems in which one size grows.
  public internal(set) var scaling = SolveRecord()
  /// How the time of an iteration grows, from these solves.
  public internal(set) var laws: [Scaling] = []
  /// Solves of the same problems with every gradient.
  public internal(set) var gradients = SolveRecord()
  /// What `auto` chose among these, and what was fastest.
  public internal(set) var choices: [GradientComparison] = []
  /// What of the operations was not measured, and why: one sentence each.
  public internal(set) var notes: [String] = []

  /// Nothing measured yet.
  package init(
    machine: BenchmarkReport.Machine, load: Double?, isQuick: Bool, seconds: Double
  ) {
    schemaVersion = 2
    self.machine = machine
    self.load = load
    self.isQuick = isQuick
    self.seconds = seconds
  }

  /// The report for people, section by section. The columns of the operations are explained once.
  ///
  /// - Parameter width: how long lines of text may be; the tables may be longer.
  public func tables(width: Int = 80) -> String {
    let sections = [
      operations.enumerated().map { index, report in
        report.table(width: width, explained: index == operations.count - 1)
      },
      block(notes, width),
      section(
        "Whole solves: SEA from zero, Gaussian problems with 20 dB of noise", endToEndTable,
        Self.endToEndWords, endToEnd.notes, width),
      section(
        "Time per iteration as one size grows around the others", lawTable, Self.lawWords,
        scaling.notes, width),
      section(
        "The choice of --gradient auto", choiceTable, Self.choiceWords, gradients.notes, width),
    ]
    return sections.joined().joined(separator: "\n")
  }

  private func section(
    _ title: String, _ table: TextTable, _ words: [String], _ notes: [String], _ width: Int
  ) -> [String] {
    guard !(table.rows.isEmpty && notes.isEmpty) else { return [] }
    let prose = words.flatMap { wrapped($0, width: width, indent: 2) }
    let parts = table.rows.isEmpty ? [] : [table.lines, [""], prose]
    return block([title] + parts.joined(), .max) + block(notes, width)
  }

  private func block(_ lines: [String], _ width: Int) -> [String] {
    guard !lines.isEmpty else { return [] }
    let folded = width == .max ? lines : lines.flatMap { wrapped($0, width: width, indent: 2) }
    return [folded.joined(separator: "\n") + "\n"]
  }

  private var endToEndTable: TextTable {
    var table = TextTable(
      "problem", "engine", "gradient", "iter.", "runs", "median", "minimum", "each", "passes",
      "supports", "residual", "same", "peak", "growth")
    table.rows = endToEnd.rows.map { row in
      [
        "\(row.shape)", row.engineTitle, row.gradient.rawValue, "\(row.iterations)", "\(row.runs)",
        Figures.time(row.seconds.median), Figures.time(row.seconds.minimum),
        Figures.time(row.secondsPerIteration), "\(row.matrixPasses)", "\(row.supportsExplored)",
        Figures.number(row.relativeResidual),
        row.hasSameSupport.map { $0 ? "yes" : "no" } ?? "–",
        row.memory.map { Figures.bytes($0.peak) } ?? "–",
        row.memory.map { Figures.bytes($0.growth) } ?? "–",
      ]
    }
    return table
  }

  private static let endToEndWords = [
    "iter.: supports evaluated, fewer in direct solves of large problems",
    "each: median time divided by the iterations, the figure to compare where these differ",
    "supports: how many of those evaluated were distinct",
    "same: whether the support is that of the first engine with this gradient, after as many "
      + "iterations",
    "peak: the most of this process in memory at once, program and problem included",
    "growth: the peak less what was in memory before the matrix was loaded on the engine; memory "
      + "of a device of its own is in neither",
  ]

  private var lawTable: TextTable {
    var table = TextTable("engine", "gradient", "grows", "time each, at least", "exponent", "R²")
    table.rows = laws.map { law in
      [
        "\(law.engine.name) \(law.precision)", law.gradient.rawValue,
        "\(law.axis.rawValue) from \(law.sizes.first ?? 0) to \(law.sizes.last ?? 0)",
        [law.secondsPerIteration.first, law.secondsPerIteration.last].compactMap(\.self)
          .map(Figures.time).joined(separator: " to "),
        signed(law.law.exponent), Figures.number(law.law.determination, digits: 3),
      ]
    }
    return table
  }

  /// With two decimals and a sign where below zero.
  private func signed(_ value: Double) -> String {
    let hundredths = Int((abs(value) * 100).rounded())
    let digits = hundredths % 100
    return (value < 0 && hundredths > 0 ? "−" : "")
      + "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)"
  }

  private static let lawWords = [
    "exponent: the power of the size that the time of an iteration grows with, by least squares on "
      + "logarithms; R²: the part of the variation that it explains",
    "each: a solve divided by its iterations; those on supports visited lately cost little, and "
      + "solves with small k have many of them",
  ]

  private var choiceTable: TextTable {
    let names = choices.flatMap(\.times).map(\.gradient.rawValue).removingRepeats()
    var table = TextTable(
      ["problem", "engine", "iter."] + names + ["auto", "fastest", "ratio"])
    table.rows = choices.map { choice in
      ["\(choice.shape)", "\(choice.engine.name) \(choice.precision)", "\(choice.iterations)"]
        + names.map { name in
          choice.times.first { $0.gradient.rawValue == name }.map { Figures.time($0.seconds) }
            ?? "–"
        }
        + [
          choice.automatic.rawValue, choice.fastest.rawValue,
          Figures.number(choice.ratio, digits: 3),
        ]
    }
    return table
  }

  private static let choiceWords = [
    "ratio: the least time with the gradient that auto chooses, divided by that of the fastest"
  ]

  /// The charts that there are figures for.
  public var charts: [Chart] {
    [Roofline(self)?.chart, endToEnd.rows.isEmpty ? nil : endToEndChart].compactMap(\.self)
  }

  /// Time per iteration over the problems, a line for each engine and gradient in double precision,
  /// or in the precision that the engine has.
  private var endToEndChart: Chart {
    let rows = endToEnd.rows
    let shapes = rows.map(\.shape).removingRepeats()
    let engines = rows.map(\.engine.legend).removingRepeats()
    let gradients = rows.map(\.gradient.rawValue).removingRepeats()
    let ways = rows.map(\.way).removingRepeats()
    var commands: [String] = []
    var curves: [String] = []
    for (index, way) in ways.enumerated() {
      let points = rows.filter { $0.way == way }.map { row in
        [
          Double(shapes.firstIndex(of: row.shape) ?? 0), row.secondsPerIteration * 1e3,
          row.leastSecondsPerIteration * 1e3,
        ]
      }
      commands += Chart.data("series\(index)", points)
      let engine = engines.firstIndex(of: way.engine.legend) ?? 0
      let gradient = gradients.firstIndex(of: way.gradient.rawValue) ?? 0
      curves.append(
        "$series\(index) using 1:2 with linespoints linewidth 2 pointsize 1.2 "
          + "pointtype \([7, 4, 9, 12][gradient % 4]) dashtype \(gradient + 1) "
          + "linecolor '\(Chart.colour(engine))' title "
          + Chart.quoted("\(way.engine.legend), \(way.precision), \(way.gradient.rawValue)"))
    }
    let ticks = shapes.enumerated().map { index, shape in
      "\"\(shape.rows) × \(shape.columns)\\nk = \(shape.sparsity)\" \(index)"
    }
    commands += [
      "set title 'SEA from zero: median time of an iteration'",
      "set logscale y",
      "set xrange [-0.4:\(Double(shapes.count) - 0.6)]",
      "set xtics (\(ticks.joined(separator: ", ")))",
      "set format y '%g'",
      // The ticks have two lines.
      "set xlabel \"\\nproblem: rows × columns of A, and columns to select\\n \"",
      "set ylabel 'time per iteration (ms)'",
      "set key below vertical maxcols 1 Left reverse",
      "plot " + curves.joined(separator: ", \\\n  "),
    ]
    return Chart(name: "end-to-end", commands: commands)
  }
}

extension Sequence where Element: Equatable {
  /// Every element where it first occurs.
  func removingRepeats() -> [Element] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
