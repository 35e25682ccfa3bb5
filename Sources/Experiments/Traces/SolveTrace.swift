import Charts
import SparseRecovery

/// What a solver reported while it solved.
struct SolveTrace {
  /// The relative residual of every iteration.
  private(set) var residuals: [Double] = []
  /// The smallest so far.
  private(set) var best: [Double] = []
  /// How many supports had been new so far.
  private(set) var newSupports: [Int] = []

  /// Adds an iteration.
  mutating func record(_ report: IterationReport) {
    record(residual: report.relativeResidual, isNew: report.isNew)
  }

  /// Adds an iteration.
  mutating func record(residual: Double, isNew: Bool) {
    residuals.append(residual)
    best.append(min(residual, best.last ?? .infinity))
    newSupports.append((newSupports.last ?? 0) + (isNew ? 1 : 0))
  }

  /// The residual over the iterations, of every support and of the best so far.
  func residualChart(of solver: String, caption: String) -> LineChart {
    LineChart(
      title: "Residual of \(solver) over iterations", caption: caption,
      x: Axis("iteration"), y: Axis("‖Ax − y‖ / ‖y‖", scale: .logarithmic),
      series: [
        Series("this support", Self.points(residuals), style: .plainLine),
        Series("best so far", Self.points(best), style: .plainLine),
      ])
  }

  /// How many distinct supports were seen over the iterations, by each of several solvers.
  static func explorationChart(
    _ traces: [(solver: String, trace: SolveTrace)], caption: String
  ) -> LineChart {
    LineChart(
      title: "Supports explored", caption: caption, x: Axis("iteration"),
      y: Axis("distinct supports so far"),
      series: traces.map { Series($0.solver, points($0.trace.newSupports.map(Double.init))) })
  }

  private static func points(_ values: [Double]) -> [Point] {
    values.enumerated().map { Point(Double($0), $1) }
  }
}
