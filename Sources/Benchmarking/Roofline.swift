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
