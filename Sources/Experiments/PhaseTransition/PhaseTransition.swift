package import Charts
package import SparseRecovery

/// For which sizes a solver succeeds: random problems over a grid of m/n and k/m
/// (Donoho and Tanner 2009).
package struct PhaseTransition: SyntheticExperiment {
  package static let name = "phase-transition"
  package static let title = "Phase transition"

  /// A family of matrices of any size.
  package enum Family: Equatable, Sendable {
    case gaussian, bernoulli, uniform, dct
    /// Columns i and j have covariance ρ^|i−j|.
    case toeplitz(correlation: Double)

    /// The family at one size.
    func ensemble(rows: Int, columns: Int) -> MatrixEnsemble {
      switch self {
      case .gaussian: .gaussian(rows: rows, columns: columns)
      case .bernoulli: .bernoulli(rows: rows, columns: columns)
      case .uniform: .uniform(rows: rows, columns: columns)
      case .dct: .dct(rows: rows, columns: columns)
      case .toeplitz(let correlation):
        .toeplitz(rows: rows, columns: columns, correlation: correlation)
      }
    }

    /// The family of this name; a Toeplitz family needs its correlation.
    package init?(named name: String, correlation: Double?) {
      switch name {
      case "gaussian": self = .gaussian
      case "bernoulli": self = .bernoulli
      case "uniform": self = .uniform
      case "dct": self = .dct
      case "toeplitz":
        guard let correlation else { return nil }
        self = .toeplitz(correlation: correlation)
      default: return nil
      }
    }

    /// The name for a person.
    package var description: String {
      switch self {
      case .toeplitz(let correlation): "toeplitz, ρ = \(correlation)"
      default: ensemble(rows: 1, columns: 1).name
      }
    }
  }

  /// The number of columns, n.
  package var columns = 64
  /// The numbers of rows, m, ascending.
  package var rows = (1...16).map { 4 * $0 }
  /// The ratios k/m, ascending; k is rounded to the nearest integer.
  package var ratios = (1...16).map { Double($0) / 16 }
  /// Where matrices are drawn from.
  package var family = Family.gaussian
  /// How coefficients are drawn.
  package var coefficients = CoefficientLaw.uniform
  /// The signal-to-noise ratio in decibels, or nil for no noise.
  package var snr: Double?
  package var trials = 100
  package var seed: UInt64 = 0
  package var solvers: [NamedSolver]
  /// What charts count: results hold all that any criterion needs.
  package var success = Success.exactSupport

  /// The usual grid for n = 64, for these solvers.
  package init(solvers: [NamedSolver]) { self.solvers = solvers }

  /// What counts as a success.
  package enum Success: String, CaseIterable, Sendable {
    /// The support is the true one.
    case exactSupport = "support"
    /// ‖x − x*‖ ≤ 10⁻⁴ ‖x*‖.
    case relativeError = "error"

    /// The largest relative error of a success.
    static let largestError = 1e-4

    /// What to look for, for a person.
    package var description: String {
      switch self {
      case .exactSupport: "exact support"
      case .relativeError: "relative error at most \(Self.largestError)"
      }
    }

    /// Whether a solve succeeded; a failed one did not.
    func holds(for values: JSON) -> Bool {
      switch self {
      case .exactSupport: values["exact"]?.bool ?? false
      case .relativeError: (values["relativeError"]?.double ?? .infinity) <= Self.largestError
      }
    }
  }

  package init(header: JSON) throws(ExperimentError) {
    let settings = try header.setting("settings") { $0 }
    self.init(solvers: try header.solvers())
    columns = try settings.setting("columns", \.int)
    rows = try settings.settings("rows", \.int)
    ratios = try settings.settings("ratios", \.double)
    coefficients = try settings.setting("coefficients") {
      $0.string.flatMap(CoefficientLaw.init(rawValue:))
    }
    snr = try settings.optionalNumber("snr")
    family = try settings.setting("family") { name in
      Family(named: name.string ?? "", correlation: settings["correlation"]?.double)
    }
    trials = try header.setting("trials", \.int)
    seed = try header.setting("seed") { $0.integer() }
    try validate()
  }

  package var settings: JSON {
    var members: [JSON.Member] = [
      JSON.Member("family", .string(family.ensemble(rows: 1, columns: 1).name)),
      JSON.Member("columns", JSON(columns)), JSON.Member("rows", .array(rows.map { JSON($0) })),
      JSON.Member("ratios", .array(ratios.map { JSON($0) })),
      JSON.Member("coefficients", .string(coefficients.rawValue)), JSON.Member("snr", JSON(snr)),
    ]
    if case .toeplitz(let correlation) = family {
      members.append(JSON.Member("correlation", JSON(correlation)))
    }
    return .object(members)
  }

  /// Row by row of the grid: all ratios of the first m, then of the next.
  package var cellCount: Int { rows.count * ratios.count }

  /// m of a cell.
  func rows(ofCell cell: Int) -> Int { rows[cell / ratios.count] }

  /// k of a cell.
  func sparsity(ofCell cell: Int) -> Int {
    Int((ratios[cell % ratios.count] * Double(rows(ofCell: cell))).rounded())
  }

  /// No k columns are independent for k > m, and there is nothing to find for k = 0.
  package func isPossible(_ cell: Int) -> Bool {
    1...min(rows(ofCell: cell), columns) ~= sparsity(ofCell: cell)
  }

  package func parameters(cell: Int, seed: UInt64) -> SyntheticParameters {
    SyntheticParameters(
      ensemble: family.ensemble(rows: rows(ofCell: cell), columns: columns),
      sparsity: sparsity(ofCell: cell), coefficients: coefficients, snr: snr, seed: seed)
  }

  package func measurements(
    of solution: SparseSolution, for problem: SyntheticProblem
  ) -> [JSON.Member] {
    let truth = problem.truth
    let found = solution.dense(columns: truth.count)
    let error = zip(found, truth).map { $0 - $1 }.squaredNorm.squareRoot()
    return [
      JSON.Member("exact", .bool(solution.support == problem.support)),
      JSON.Member("relativeError", JSON(error / truth.squaredNorm.squareRoot())),
    ] + solution.commonMeasurements
  }

  package func validate() throws(ExperimentError) {
    try validateSolversAndTrials()
    guard columns > 0 else {
      throw .invalidSetting(name: "columns", value: "\(columns)", expected: "at least one")
    }
    guard !rows.isEmpty, rows.allSatisfy({ $0 > 0 && $0 <= 1 << 24 }), isAscending(rows) else {
      throw .invalidSetting(
        name: "rows", value: "\(rows)", expected: "ascending numbers of at least 1")
    }
    guard !ratios.isEmpty, ratios.allSatisfy({ $0 > 0 && $0 <= 1e6 }), isAscending(ratios) else {
      throw .invalidSetting(
        name: "ratios", value: "\(ratios)", expected: "ascending positive numbers")
    }
    // Charts hold every cell, of which a file can name the square of what it lists.
    guard cellCount <= 1 << 20 else {
      throw .invalidSetting(
        name: "rows", value: "\(rows.count) beside \(ratios.count) ratios",
        expected: "a grid of at most \(1 << 20) cells")
    }
    guard !possibleCells.isEmpty else {
      throw .invalidSetting(
        name: "ratios", value: "\(ratios) of m = \(rows) and n = \(columns)",
        expected: "at least one of which k, rounded, is from 1 to m and n")
    }
  }

  // MARK: Pictures

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
