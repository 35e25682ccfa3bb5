import SparseRecovery

/// What correlations reach beside what memory allows: performance against arithmetic intensity.
///
/// With p residuals a pass the gradient does 2 · p operations for each number of A read, so that its
/// intensity grows with p until arithmetic is the limit. After S. Williams, A. Waterman and
/// D. Patterson, Communications of the ACM 52(4), 2009.
struct Roofline: Equatable {
  /// The problem, the largest measured.
  let rows: Int
  let columns: Int
  /// One for each engine in each precision.
  let series: [Series]

  /// The correlations of one engine in one precision.
  struct Series: Equatable {
    let engine: EngineIdentity
    let precision: Precision
    /// The speed of memory, in GB/s: the slope of the roof.
    let bandwidth: Double
    /// The most GFLOP/s of any product of this run, in caches too: the top of the roof.
    let peak: Double
    let points: [Point]
  }

  /// A correlation of several residuals at once.
  struct Point: Equatable {
    let residuals: Int
    /// Operations for each byte that must be moved at least: A once, however often the engine
    /// reads it, and the vectors.
    let intensity: Double
    let gigaflops: Double
    /// These bytes per median time, in GB/s.
    var gigabytes: Double { gigaflops / intensity }
  }

  /// - Returns: nil where the report has no operations.
  init?(_ report: SuiteReport) {
    guard
      let largest = report.operations.max(by: {
        $0.options.rows * $0.options.columns < $1.options.rows * $1.options.columns
      })
    else { return nil }
    rows = largest.options.rows
    columns = largest.options.columns
    let all = report.operations.flatMap(\.rows)
    var series: [Series] = []
    for row in largest.rows where row.operation == .correlate {
      guard !series.contains(where: { $0.engine == row.engine && $0.precision == row.precision })
      else { continue }
      func isOfSeries(_ other: BenchmarkRow) -> Bool {
        other.engine == row.engine && other.precision == row.precision
          && [.correlate, .multiply].contains(other.operation)
      }
      let points = largest.rows.filter { isOfSeries($0) && $0.operation == .correlate }
        .compactMap(Point.init)
      let peak = all.filter(isOfSeries).compactMap(\.gigaflopsPerSecond).max()
      guard let bandwidth = row.ceiling, let peak, !points.isEmpty else { continue }
      series.append(
        Series(
          engine: row.engine, precision: row.precision, bandwidth: bandwidth, peak: peak,
          points: points))
    }
    guard !series.isEmpty else { return nil }
    self.series = series
  }

  /// A column of panels for each precision: GFLOP/s under the roof, and below it GB/s under the
  /// speed of memory.
  var chart: Chart {
    let engines = series.map(\.engine.legend).removingRepeats()
    let precisions = series.map(\.precision).removingRepeats()
    let data = series.enumerated().flatMap { index, series in
      Chart.data(
        "series\(index)", series.points.map { [$0.intensity, $0.gigaflops, $0.gigabytes] })
    }
    func plot(_ precision: Precision, column: Int, roof: (Series) -> String) -> String {
      let curves = series.enumerated().filter { $0.element.precision == precision }
        .flatMap { index, series in
          let engine = engines.firstIndex(of: series.engine.legend) ?? 0
          let colour = "linecolor '\(Chart.colour(engine))'"
          return [
            "\(roof(series)) with lines linewidth 1.5 dashtype \(engine + 1) \(colour) notitle",
            "$series\(index) using 1:\(column) with points pointtype \([7, 5, 9, 13][engine % 4]) "
              + "pointsize 1.2 \(colour) title \(Chart.quoted(series.engine.legend))",
          ]
        }
      return "plot " + curves.joined(separator: ", \\\n  ")
    }
    let upper = precisions.flatMap { precision in
      [
        "set title '\(precision) precision: residuals in a call' offset 0,0.3",
        "set x2tics (\(ticks(precision)))",
        range(precision),
        plot(precision, column: 2) { "minimum(\($0.bandwidth) * x, \($0.peak))" },
        "set ylabel ''",
      ]
    }
    let lower = precisions.flatMap { precision in
      [
        range(precision),
        // One key for all panels.
        precision == precisions.last
          ? "set key at screen 0.5,0.01 center bottom maxcols 1 Left reverse" : "",
        plot(precision, column: 3) { "minimum(\($0.bandwidth), \($0.peak) / x)" },
        "set ylabel ''",
      ]
    }
    let title =
      "z = Aᵀ r for several residuals at once, A \(rows) × \(columns)\\n"
      + "lines: the speed of memory, and the fastest product of this run"
    let bottom = 0.13 + 0.03 * Double(engines.count)
    return Chart(
      name: "roofline",
      commands: data + [
        "set multiplot layout 2,\(precisions.count) title \"\(title)\" "
          + "margins 0.09,0.97,\(bottom),0.84 spacing 0.08,0.07",
        "minimum(a, b) = a < b ? a : b",
        "set samples 500", "set logscale xx2y", "set format '%g'", "set xtics nomirror",
        "unset key", "set ylabel 'GFLOP/s'",
        axis(series.flatMap { [$0.peak] + $0.points.map(\.gigaflops) }),
      ] + upper + [
        "unset title", "unset x2tics", "set ylabel 'GB/s'",
        axis(series.flatMap { [$0.bandwidth] + $0.points.map(\.gigabytes) }),
        "set xlabel 'arithmetic intensity (FLOP per byte)'",
      ] + lower.filter { !$0.isEmpty } + ["unset multiplot"])
  }

  /// The numbers of residuals, where their intensities are.
  private func ticks(_ precision: Precision) -> String {
    let points = series.first { $0.precision == precision }?.points ?? []
    return points.map { "'\($0.residuals)' \($0.intensity)" }.joined(separator: ", ")
  }

  /// One vertical axis for all panels of a row.
  private func axis(_ values: [Double]) -> String {
    "set yrange [\((values.min() ?? 1) / 2):\((values.max() ?? 1) * 2)]"
  }

  /// The intensities drawn, with room at both ends.
  private func range(_ precision: Precision) -> String {
    let intensities = series.filter { $0.precision == precision }.flatMap(\.points)
      .map(\.intensity)
    let range = "[\((intensities.min() ?? 1) / 2):\((intensities.max() ?? 1) * 2)]"
    return "set xrange \(range); set x2range \(range)"
  }
}

extension Roofline.Point {
  fileprivate init?(_ row: BenchmarkRow) {
    guard let residuals = row.shape.residuals, let flops = row.flops,
      let gigaflops = row.gigaflopsPerSecond
    else { return nil }
    let (m, n) = (row.shape.rows, row.shape.columns)
    let bytes = row.precision.byteCount * (m * n + residuals * (m + n))
    self.init(
      residuals: residuals, intensity: Double(flops) / Double(bytes), gigaflops: gigaflops)
  }
}
