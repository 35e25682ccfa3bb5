package import Charts
import SparseRecovery

extension PhaseTransition {
  /// The curves of 50 % and of 95 % success of all solvers, and a heat map for each.
  package func addPictures(of results: ResultSet, to album: inout Album) throws {
    let outcomes = solvers.map { results.outcomes(of: $0.name) }
    let curves = outcomes.map { TransitionCurves($0, of: self, by: success) }

    for share in [0.5, 0.95] {
      let percent = "\(Int(share * 100))"
      let chart = LineChart(
        title: "Where \(percent) % of the problems are solved",
        caption: caption + "; bands: 95 % confidence; no point where all or none are solved",
        x: Axis("undersampling m/n"), y: Axis("sparsity k/m", range: 0...1),
        series: zip(solvers, curves).map { Series($0.name, $1.crossings(of: share)) })
      try album.add(chart, named: "transition-\(percent)")
    }
    for (i, (solver, curves)) in zip(solvers, curves).enumerated() {
      try album.add(heatMap(solver, curves), named: "success-\(i + 1)-\(solver.name)")
    }
    try album.add(times(outcomes), named: "time")
    addTables(outcomes, to: &album.report)
  }

  private func heatMap(_ solver: NamedSolver, _ curves: TransitionCurves) -> HeatMap {
    HeatMap(
      title: "Problems solved by \(solver.name)",
      caption: caption + "; white: no problems of that size", x: Axis("undersampling m/n"),
      y: Axis("sparsity k/m"), value: Axis("share of problems solved", range: 0...1),
      columns: rows.map { Double($0) / Double(columns) }, rows: ratios, cells: curves.shares,
      curves: [0.5, 0.95].map {
        Series("\(Int($0 * 100)) % solved (logistic fit)", curves.crossings(of: $0))
      })
  }

  private func times(_ outcomes: [[Outcome]]) -> BarChart {
    let milliseconds = outcomes.map { Sample($0.compactMap(\.seconds).map { $0 * 1000 }) }
    return BarChart(
      title: "Time of a solve",
      caption: "n = \(columns) columns, \(family.description) matrices; "
        + "all cells together; whiskers: quartiles",
      y: Axis("median time, ms", scale: .logarithmic),
      categories: solvers.map(\.name),
      series: [
        Series(
          "median",
          milliseconds.enumerated().map { i, sample in
            Point(Double(i), sample.quantile(0.5) ?? .nan, interval: sample.quartiles)
          })
      ])
  }

  private func addTables(_ outcomes: [[Outcome]], to report: inout Report) {
    report.add(heading: "All cells together")
    report.add(
      table: [
        "solver", "problems", "solved", "failed", "median relative residual", "median loss",
        "mean iterations", "mean passes", "median time, ms", "total time, s",
      ],
      rows: zip(solvers, outcomes).map { solver, outcomes in
        let solved = outcomes.filter { success.holds(for: $0.values) }.count
        let times = Sample(outcomes.compactMap(\.seconds))
        return [
          solver.name, "\(outcomes.count)", "\(solved)",
          "\(outcomes.filter { $0.values["error"] != nil }.count)",
          significant(outcomes.sample("relativeResidual").quantile(0.5)),
          significant(outcomes.sample("loss").quantile(0.5)),
          significant(outcomes.sample("iterations").mean),
          significant(outcomes.sample("passes").mean),
          significant(times.quantile(0.5).map { $0 * 1000 }),
          significant(times.mean.map { $0 * Double(times.count) }),
        ]
      })
  }

  package var described: [Report.Setting] {
    [
      ("columns n", "\(columns)"), ("rows m", rows.map(String.init).joined(separator: ", ")),
      ("sparsity k/m", ratios.map { significant($0, 4) }.joined(separator: ", ")),
      ("matrices", family.description), ("coefficients", coefficients.rawValue),
      ("noise", snr.map { "\($0) dB" } ?? "none"), ("success", success.description),
    ]
  }

  private var caption: String {
    "n = \(columns) columns, \(family.description) matrices; \(coefficients.rawValue) "
      + "coefficients; \(snr.map { "\($0) dB of noise" } ?? "no noise"); \(trials) problems a cell; "
      + "success: \(success.description); seed \(seed)"
  }
}
