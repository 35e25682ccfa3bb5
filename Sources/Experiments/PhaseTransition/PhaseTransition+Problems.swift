package import SparseRecovery

extension PhaseTransition {
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
  }
}

/// Whether every element is smaller than the next.
func isAscending(_ values: [some Comparable]) -> Bool {
  zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
}
