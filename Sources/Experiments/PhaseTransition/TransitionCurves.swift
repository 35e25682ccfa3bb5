import Charts

/// How often one solver succeeded in each cell, and where its success ends.
struct TransitionCurves {
  private let experiment: PhaseTransition
  private var successes: [Int]
  private var problems: [Int]

  init(_ outcomes: [Outcome], of experiment: PhaseTransition, by success: PhaseTransition.Success) {
    self.experiment = experiment
    successes = Array(repeating: 0, count: experiment.cellCount)
    problems = successes
    for outcome in outcomes where outcome.cell < experiment.cellCount {
      problems[outcome.cell] += 1
      if success.holds(for: outcome.values) { successes[outcome.cell] += 1 }
    }
  }

  /// The share of problems solved, a row for each k/m and a column for each m; nil without problems.
  var shares: [[Double?]] {
    experiment.ratios.indices.map { j in
      experiment.rows.indices.map { i in
        let cell = i * experiment.ratios.count + j
        return problems[cell] > 0 ? Double(successes[cell]) / Double(problems[cell]) : nil
      }
    }
  }

  /// The k/m at which `share` of the problems are solved, for every m, with its 95 % interval.
  ///
  /// Columns of the grid that are solved throughout, or not at all, have no such point.
  func crossings(of share: Double) -> [Point] {
    experiment.rows.indices.map { i in
      let m = experiment.rows[i]
      let x = Double(m) / Double(experiment.columns)
      let cells = (i * experiment.ratios.count)..<((i + 1) * experiment.ratios.count)
      let counts = cells.filter { problems[$0] > 0 }.map { cell in
        // The ratio that was drawn, not the one before rounding.
        LogisticFit.Count(
          x: Double(experiment.sparsity(ofCell: cell)) / Double(m), successes: successes[cell],
          trials: problems[cell])
      }
      guard let crossing = LogisticFit(counts)?.crossing(of: share),
        0...(counts.map(\.x).max() ?? 0) ~= crossing.x
      else { return Point(x, .nan) }
      let margin = 1.96 * crossing.standardError
      return Point(
        x, crossing.x,
        interval: Sample.interval(max(0, crossing.x - margin), min(1, crossing.x + margin)))
    }
  }
}
