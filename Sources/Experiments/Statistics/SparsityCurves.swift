import Charts

/// What solvers achieved for each of several sparsities, one cell each.
struct SparsityCurves {
  private let sparsities: [Int]
  private let solvers: [NamedSolver]
  private let axis: Axis
  private let caption: String
  /// For each solver, what it did in each cell.
  private let outcomes: [[Int: [Outcome]]]

  init(
    _ results: ResultSet, of solvers: [NamedSolver], over sparsities: [Int], axis: Axis,
    caption: String
  ) {
    self.sparsities = sparsities
    self.solvers = solvers
    self.axis = axis
    self.caption = caption
    outcomes = solvers.map { Dictionary(grouping: results.outcomes(of: $0.name), by: \.cell) }
  }

  /// A chart for each measure, with a curve for each solver.
  func addCharts(_ measures: [Measure], to album: inout Album) throws(ChartError) {
    for measure in measures {
      let chart = LineChart(
        title: measure.title, caption: "\(caption); \(measure.band)", x: axis, y: measure.axis,
        series: solvers.indices.map { Series(solvers[$0].name, points($0, measure)) })
      try album.add(chart, named: measure.fileName)
    }
  }

  /// A table for each measure, with a column for each solver.
  func addTables(_ measures: [Measure], to report: inout Report) {
    for measure in measures {
      report.add(heading: measure.heading)
      report.add(
        table: [axis.label] + solvers.map(\.name),
        rows: sparsities.indices.map { cell in
          ["\(sparsities[cell])"] + solvers.indices.map { significant(centre($0, cell, measure)) }
        })
    }
  }

  /// The sparsity at which a solver's measure is smallest, and the value there.
  func least(_ solver: Int, _ measure: Measure) -> (sparsity: Int, value: Double)? {
    let values = sparsities.indices.compactMap { cell in
      centre(solver, cell, measure).map { (sparsity: sparsities[cell], value: $0) }
    }
    return values.min { $0.value < $1.value }
  }

  private func centre(_ solver: Int, _ cell: Int, _ measure: Measure) -> Double? {
    measure.centre(measure.sample(outcomes[solver][cell] ?? []))
  }

  private func points(_ solver: Int, _ measure: Measure) -> [Point] {
    sparsities.indices.compactMap { cell in
      let sample = measure.sample(outcomes[solver][cell] ?? [])
      return measure.centre(sample).map {
        Point(Double(sparsities[cell]), $0, interval: measure.spread(sample))
      }
    }
  }
}
