import SparseRecovery

extension SuiteReport {
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
