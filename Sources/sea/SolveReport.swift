import SparseRecovery

/// What `sea solve` says about a solution, in text or in JSON.
struct SolveReport {
  /// Where the time went, in seconds.
  struct Seconds: Encodable {
    let load: Double
    let solve: Double
    let total: Double
  }

  /// How the reference backend judges a solution.
  struct Check: Encodable {
    let supportsAgree: Bool
    /// The difference of the relative residuals, ours less that of the reference.
    let relativeResidualDifference: Double

    init(_ solution: SparseSolution, expected: SparseSolution) {
      supportsAgree = solution.support == expected.support
      relativeResidualDifference = solution.relativeResidual - expected.relativeResidual
    }
  }

  /// How the support compares with the true one.
  struct Truth: Encodable {
    let supportDistance: Double
    let found: Int
    let wanted: Int
  }

  let solution: SparseSolution
  /// What is said of another loss than least squares.
  private let loss: LossReport?
  let rows: Int
  let columns: TableColumns
  private let groups: GroupChoice?
  /// Whether A is some columns of a table.
  private let isOfTable: Bool
  let sparsity: Int
  let algorithm: String
  let start: String
  let gradient: SEA.Gradient
  let precision: Precision
  /// Which place `auto` took, and why, where it was to choose.
  let choice: String?
  let seconds: Seconds
  /// What was guessed to read the files, a line each.
  var notices: [String]
  var check: Check?
  /// How far predictions for other rows are from what was observed there.
  var test: PredictionError?
  /// How much of the variance the fit explains, where an intercept defines that.
  private let variance: ExplainedVariance?
  private let problem: RecoveryProblem
  /// Whether there is no other observation: of one support for all of them criteria would have to be of all.
  private let isOnly: Bool
  /// The next best supports, where they are wanted.
  var alternatives: [SparseSolution]?
  private(set) var truth: Truth?

  init(
    _ solution: SparseSolution, _ input: SolveInput, sparsity: Int, algorithm: String,
    start: String, gradient: SEA.Gradient, precision: Precision, choice: String?,
    seconds: Seconds, observation place: Int
  ) {
    problem = input.problem
    loss = LossReport(
      value: solution.loss, relativeResidual: solution.relativeResidual, of: problem,
      labels: input.labels[place])
    isOnly = input.observations.count == 1
    variance = ExplainedVariance(
      of: input.observations[place], residualNorm: solution.residualNorm, problem)
    self.solution = solution
    rows = problem.givenRows
    columns = input.columns
    groups = input.groups
    isOfTable = input.table != nil
    self.sparsity = sparsity
    self.algorithm = algorithm
    self.start = start
    self.gradient = gradient
    self.precision = precision
    self.choice = choice
    self.seconds = seconds
    notices = input.notices
  }

  /// Counts how many of the true support were found.
  mutating func compare(withTruth support: [Int]) {
    truth = Truth(
      supportDistance: supportDistance(solution.support, from: support),
      found: Set(support).intersection(solution.support).count, wanted: support.count)
  }

  /// The result for a person: a name and a value a line.
  func text() -> String { ResultText.lines(lines) }

  /// The result as a page.
  ///
  /// - Throws: `ChartError`.
  func page(_ input: SolveInput) throws -> ResultPage {
    let count = solution.support.count
    var page = ResultPage(
      title: "\(count) of \(columns.count) columns explain \(input.targetName)",
      facts: lines.filter {
        !["support", "coefficients", "found by", "alternatives"].contains($0.name)
      })
    try page.add(support: solution, input)
    try page.add(residualsOf: solution, input)
    if let alternatives, !alternatives.isEmpty {
      page.add(
        "Supports that explain it next best", table: [heading, "change of support"],
        rows: alternatives.map { [left($0.relativeResidual), change(to: $0)] })
    }
    if !solution.attempts.isEmpty {
      page.add(
        "What every solver found",
        table: ["solver", heading, "iterations", "passes over A", "seconds"],
        rows: solution.attempts.map { attempt in
          [
            attempt.name, left(attempt.relativeResidual), "\(attempt.iterations)",
            "\(attempt.matrixPasses)", attempt.seconds.significant(3),
          ]
        })
    }
    return page
  }

  /// What information criteria say. Cp costs a fit of all columns: only who shows it asks for it.
  private var criteria: SolutionCriteria? {
    isOnly ? SolutionCriteria(solution, of: problem) : nil
  }

  /// What is left to explain: the relative residual, or the deviance or another loss.
  var heading: String { loss?.heading ?? "relative residual" }

  /// That of the solution.
  var left: String { left(solution.relativeResidual) }

  private func left(_ relativeResidual: Double) -> String {
    loss?.text(relativeResidual) ?? relativeResidual.significant(6)
  }

  /// How well the support explains y.
  private var explanation: [(name: String, value: String)] {
    if let loss { return loss.lines }
    return [
      ("relative residual", solution.relativeResidual.significant(6)),
      ("residual norm", solution.residualNorm.significant(6)),
    ]
  }

  private var lines: [(name: String, value: String)] {
    var lines: [(name: String, value: String)] = [
      ("support", ResultText.list(solution.support.map(columns.label))),
      ("coefficients", ResultText.list(solution.coefficientTexts)),
    ]
    if let groups {
      let names = groups.names(of: solution.support)
      lines.insert(("groups", ResultText.list(names.map { TableColumns.quoted($0) })), at: 0)
    }
    lines += explanation
    lines += [
      ("iterations", "\(solution.iterations), \(stopping)"),
      (
        "explored",
        "\(solution.supportsExplored) supports, best at iteration \(solution.bestIteration), "
          + "\(solution.matrixPasses) \(solution.matrixPasses == 1 ? "pass" : "passes") over the matrix"
      ),
      ("engine", "\(solution.engine), \(precision) precision, \(gradient) gradient"),
      (
        "time",
        "\(seconds.total.significant(3)) s: load \(seconds.load.significant(3)), "
          + "solve \(seconds.solve.significant(3))"
      ),
    ]
    if let choice {
      let place = lines.firstIndex { $0.name == "time" } ?? lines.endIndex
      lines.insert(("auto took", choice), at: place)
    }
    if let intercept = solution.intercept {
      let place = lines.firstIndex { $0.name == "coefficients" } ?? 0
      lines.insert(("intercept", intercept.significant(6)), at: place + 1)
    }
    if let variance {
      let place = lines.firstIndex { $0.name == "iterations" } ?? lines.endIndex
      lines.insert(("R²", variance.sentence(columns: solution.support.count)), at: place)
    }
    if let criteria {
      let place = lines.firstIndex { $0.name == "iterations" } ?? lines.endIndex
      lines.insert(("criteria", criteria.sentence), at: place)
    }
    if let proof {
      let place = lines.firstIndex { $0.name == "iterations" } ?? lines.endIndex
      lines.insert(proof, at: place)
    }
    if let test { lines.append(("test", "\(test.sentence), \(test.rows) rows")) }
    lines += search
    if let alternatives {
      let cells = alternatives.map { "\(left($0.relativeResidual))  \(change(to: $0))" }
      for (place, cell) in (cells.isEmpty ? ["none"] : cells).enumerated() {
        lines.append((place == 0 ? "alternatives" : "", cell))
      }
    }
    if let truth {
      lines.append(
        (
          "support distance",
          "\(truth.supportDistance.significant(3)): \(truth.found) of \(truth.wanted) found"
        ))
    }
    if let check { lines.append(("check", check.sentence)) }
    lines += warnings.map { ("warning", $0) }
    lines += notices.map { ("notice", $0) }
    return lines
  }

  /// What each solver found.
  private var search: [(name: String, value: String)] {
    let rounds = solution.rounds > 0 ? [("rounds", "\(solution.rounds) of search")] : []
    guard let place = solution.bestAttempt else { return rounds }
    return rounds + [("found by", "\(solution.attempts[place].name), of:")]
      + solution.attempts.map { ("", "\(left($0.relativeResidual))  \($0.name)") }
  }

  /// What one support of several observations has beside the figures of each: residuals are those of all together.
  var joint: [(name: String, value: String)] { (proof.map { [$0] } ?? []) + search }

  /// What is proved of the supports that were not found.
  private var proof: (name: String, value: String)? {
    guard let gap = solution.optimalityGap else { return nil }
    let supports = "no support of at most \(sparsity) \(groups == nil ? "columns" : "groups")"
    return gap <= Self.smallestGap
      ? ("proof", "\(supports) has a smaller loss")
      : ("bound", "\(supports) has a loss smaller by more than \((100 * gap).significant(3)) %")
  }

  /// What is not proved within rounding is not worth a number.
  private static var smallestGap: Double { 1e-8 }

  /// What another support takes in and leaves out.
  private func change(to other: SparseSolution) -> String {
    let (old, new) = (Set(solution.support), Set(other.support))
    return columns.change(new.subtracting(old).sorted(), old.subtracting(new).sorted())
  }

  /// What a user has to know of it.
  var warnings: [String] {
    solution.warnings.map { $0.description(naming: columns.label) }
  }

  private var stopping: String {
    switch solution.stopReason {
    case .residual: "stopped because nothing is left to explain"
    case .iterations: "all that were allowed"
    case .time: "stopped by the time limit"
    case .stagnation: "stopped because the best support did not change"
    case .converged: "ended because nothing changes any more"
    case .interrupted: "interrupted"
    case .failed: "cut short by a failure"
    }
  }
}

extension SolveReport: Encodable {
  private enum Key: String, CodingKey {
    case schemaVersion, algorithm, start, rows, columns, sparsity, support, names, coefficients,
      imaginaryParts, tableColumns
    case residualNorm, relativeResidual, iterations, bestIteration, stopReason, supportsExplored
    case matrixPasses, gradient, backend, backendChoice, precision, seconds, warnings, notices,
      check
    case groups, optimalityGap, loss, truth, intercept, attempts, bestAttempt, rounds, rSquared
    case adjustedRSquared, test, criteria, criteriaAbsent, alternatives
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(1, forKey: .schemaVersion)
    try object.encode(algorithm, forKey: .algorithm)
    try object.encode(start, forKey: .start)
    try object.encode(rows, forKey: .rows)
    try object.encode(columns.count, forKey: .columns)
    try object.encode(sparsity, forKey: .sparsity)
    try object.encode(solution.support, forKey: .support)
    try object.encodeIfPresent(columns.names(of: solution.support), forKey: .names)
    try object.encodeIfPresent(groups?.names(of: solution.support), forKey: .groups)
    if isOfTable {
      try object.encode(solution.support.map(columns.index), forKey: .tableColumns)
    }
    try object.encode(solution.coefficients, forKey: .coefficients)
    try object.encodeIfPresent(solution.imaginaryParts, forKey: .imaginaryParts)
    try object.encodeIfPresent(solution.intercept, forKey: .intercept)
    try object.encode(solution.residualNorm, forKey: .residualNorm)
    try object.encode(solution.relativeResidual, forKey: .relativeResidual)
    try object.encodeIfPresent(solution.optimalityGap, forKey: .optimalityGap)
    try object.encodeIfPresent(loss, forKey: .loss)
    try object.encodeIfPresent(variance?.rSquared, forKey: .rSquared)
    try object.encodeIfPresent(
      variance?.adjusted(columns: solution.support.count), forKey: .adjustedRSquared)
    if let criteria {
      try object.encode(
        Dictionary(uniqueKeysWithValues: criteria.values.map { ($0.name, $0.value) }),
        forKey: .criteria)
      if !criteria.absent.isEmpty { try object.encode(criteria.absent, forKey: .criteriaAbsent) }
    }
    try object.encode(solution.iterations, forKey: .iterations)
    try object.encode(solution.bestIteration, forKey: .bestIteration)
    try object.encode(solution.stopReason, forKey: .stopReason)
    try object.encode(solution.supportsExplored, forKey: .supportsExplored)
    try object.encode(solution.matrixPasses, forKey: .matrixPasses)
    try object.encode(gradient.rawValue, forKey: .gradient)
    try object.encode(solution.engine, forKey: .backend)
    try object.encodeIfPresent(choice, forKey: .backendChoice)
    try object.encode(precision.rawValue, forKey: .precision)
    try object.encode(seconds, forKey: .seconds)
    try object.encode(warnings, forKey: .warnings)
    try object.encode(notices, forKey: .notices)
    if !solution.attempts.isEmpty {
      try object.encode(solution.attempts, forKey: .attempts)
      try object.encodeIfPresent(solution.bestAttempt, forKey: .bestAttempt)
      try object.encode(solution.rounds, forKey: .rounds)
    }
    try object.encodeIfPresent(check, forKey: .check)
    try object.encodeIfPresent(truth, forKey: .truth)
    try object.encodeIfPresent(test, forKey: .test)
    try object.encodeIfPresent(
      alternatives?.map { Alternative($0, columns, isOfTable: isOfTable) }, forKey: .alternatives)
  }
}

/// Another support, as JSON has it.
private struct Alternative: Encodable {
  let support: [Int]
  let names: [String]?
  let tableColumns: [Int]?
  let coefficients: [Double]
  let imaginaryParts: [Double]?
  let intercept: Double?
  let residualNorm: Double
  let relativeResidual: Double

  init(_ solution: SparseSolution, _ columns: TableColumns, isOfTable: Bool) {
    support = solution.support
    names = columns.names(of: support)
    tableColumns = isOfTable ? support.map(columns.index) : nil
    coefficients = solution.coefficients
    imaginaryParts = solution.imaginaryParts
    intercept = solution.intercept
    residualNorm = solution.residualNorm
    relativeResidual = solution.relativeResidual
  }
}

extension Attempt {
  /// The solver, and what it started from.
  fileprivate var name: String { start.map { "\(solver) from \($0)" } ?? solver }
}

extension SolveReport.Check {
  /// What a person should read into it.
  fileprivate var sentence: String {
    let difference = "relative residuals differ by \(relativeResidualDifference.significant(2))"
    return supportsAgree
      ? "the reference backend finds the same support; \(difference)"
      : "THE REFERENCE BACKEND FINDS ANOTHER SUPPORT; \(difference)"
  }
}
