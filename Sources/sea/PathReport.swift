import SparseRecovery

/// What `sea path` says, in text, as a table or in JSON.
struct PathReport {
  /// Where the time went, in seconds.
  struct Seconds: Encodable {
    let load: Double
    let solve: Double
    let choose: Double
    let total: Double
  }

  /// One sparsity.
  struct Row {
    let point: PathPoints.Point
    /// The names of the columns of the support, where they have names.
    let names: [String]?
    /// The names of their groups, where columns are selected in groups.
    let groups: [String]?
    /// The indices of these columns in the table, where A is some columns of one.
    let tableColumns: [Int]?
    /// The columns that the sparsity before did not have.
    let entering: [Int]
    /// The columns that only the sparsity before had.
    let leaving: [Int]
    /// What each criterion says of it, one for each verdict.
    let marks: [Mark]
  }

  /// What a criterion says of one sparsity.
  struct Mark {
    let value: Double?
    let standardError: Double?
    let isChosen: Bool
  }

  /// What a criterion chooses.
  struct Verdict {
    let criterion: String
    let choice: SparsityChoice
  }

  let path: PathPoints
  let rows: [Row]
  /// The choices, at least one.
  let verdicts: [Verdict]
  /// The point that the first criterion chooses.
  let chosen: PathPoints.Point
  let problem: RecoveryProblem
  /// The columns of A, with their names.
  let columns: TableColumns
  let algorithm: String
  /// How far the support chosen is from the true one, where that is known.
  let distance: Double?
  let precision: Precision
  let seconds: Seconds
  /// How much of the variance the point chosen explains, where an intercept defines that.
  private let variance: ExplainedVariance?
  /// What is said of another loss than least squares at the point chosen.
  private let loss: LossReport?
  /// The folds that were used, where there were some.
  var folds: FoldReport?
  /// What draws of the rows say, where there were some.
  var resampling: ResamplingReport?
  /// Which place the backend `auto` took, and why, where it was to choose.
  var backendChoice: String?
  /// What a person should know about the choices, the solution chosen, and what was read.
  var notices: [String]

  init(
    _ path: PathPoints, _ verdicts: [Verdict], _ input: SolveInput, algorithm: String,
    precision: Precision, warning: Warning?, seconds: Seconds, observation place: Int = 0
  ) {
    self.path = path
    self.verdicts = verdicts
    let columns = input.columns
    self.columns = columns
    problem = input.problem
    self.algorithm = algorithm
    self.precision = precision
    self.seconds = seconds
    var before: Set<Int> = []
    rows = path.points.enumerated().map { place, point in
      let support = Set(point.support)
      defer { before = support }
      return Row(
        point: point, names: columns.names(of: point.support),
        groups: input.groups?.names(of: point.support),
        tableColumns: input.table == nil ? nil : point.support.map(columns.index),
        entering: support.subtracting(before).sorted(),
        leaving: before.subtracting(support).sorted(),
        marks: verdicts.map { verdict in
          let choice = verdict.choice
          return Mark(
            value: choice.values.isEmpty ? nil : choice.values[place],
            standardError: choice.standardErrors?[place],
            isChosen: point.sparsity == choice.sparsity)
        })
    }
    let chosen =
      path.points.first { $0.sparsity == verdicts[0].choice.sparsity }
      ?? path.points[path.points.count - 1]
    self.chosen = chosen
    variance =
      chosen.solutions.count == 1
      ? ExplainedVariance(
        of: input.observations[place], residualNorm: chosen.residualNorm,
        input.problem) : nil
    loss = LossReport(
      value: chosen.loss, relativeResidual: chosen.relativeResidual, of: input.problem,
      labels: chosen.solutions.count == 1 ? input.labels[place] : nil)
    let support = chosen.support
    distance = input.truth.map { supportDistance(support, from: $0) }
    let warnings = (chosen.solutions.flatMap(\.warnings).distinct + (warning.map { [$0] } ?? []))
      .map { $0.description(naming: columns.label) }
    notices =
      verdicts.flatMap { verdict in
        verdict.choice.notices.map {
          (verdicts.count > 1 ? "\(verdict.criterion): " : "") + $0.description
        }
      } + warnings
  }

  /// The lines of a text table. Of several criteria each has its columns, the first one under the names that one
  /// alone has.
  var csv: [String] {
    let others = verdicts.dropFirst().map(\.criterion).flatMap {
      [$0, "\($0)_standard_error", "\($0)_chosen"]
    }
    let names =
      ["sparsity", "entering", "leaving", "residual_norm", "relative_residual"]
      + ["criterion", "standard_error", "chosen"] + others
    return [names.joined(separator: ",") + "\n"]
      + rows.map { row in
        let cells = [
          "\(row.point.sparsity)", list(row.entering), list(row.leaving),
          "\(row.point.residualNorm)", "\(row.point.relativeResidual)",
        ]
        let marks = row.marks.flatMap { mark in
          [
            mark.value.map { "\($0)" } ?? "", mark.standardError.map { "\($0)" } ?? "",
            mark.isChosen ? "1" : "0",
          ]
        }
        return (cells + marks).joined(separator: ",") + "\n"
      }
  }

  private func list(_ columns: [Int]) -> String {
    columns.map(String.init).joined(separator: " ")
  }

  /// The table for a person, the sparsity chosen marked by an asterisk, and what is known about it.
  func text() -> String {
    let (headings, cells) = table
    let widths = headings.indices.map { place in
      ([headings] + cells).map { $0[place].count }.max() ?? 0
    }
    let lines = ([headings] + cells).map { line in
      var text = ""
      for (place, cell) in line.enumerated().dropLast() {
        text += String(repeating: " ", count: widths[place] - cell.count) + cell + "  "
      }
      return text + (line.last ?? "") + "\n"
    }
    return lines.joined() + "\n" + ResultText.lines(summary)
      + (resampling.map { "\n" + $0.text() } ?? "")
  }

  /// The result as a page.
  ///
  /// - Throws: `ChartError`.
  func page(_ input: SolveInput) throws -> ResultPage {
    var page = ResultPage(
      title:
        "\(chosen.support.count) of \(columns.count) columns explain \(input.targetName)",
      facts: summary.filter { !["support", "coefficients"].contains($0.name) })
    try page.add(support: chosen.solutions[0], input)
    let (headings, cells) = table
    page.add("Every sparsity", table: headings, rows: cells)
    if rows.count > 1 { try page.add(chart) }
    if let resampling {
      page.add("How stable the choice is", paragraph: resampling.summary)
      try page.add(resampling.chart)
    }
    try page.add(residualsOf: chosen.solutions[0], input)
    return page
  }

  /// Every sparsity, the one chosen marked by an asterisk.
  private var table: (headings: [String], rows: [[String]]) {
    // A column of numbers for each criterion that has some, and one of asterisks for each.
    let headings =
      ["k", heading]
      + verdicts.flatMap { $0.choice.values.isEmpty ? [""] : [$0.criterion, ""] }
      + ["change of support"]
    let cells = rows.map { row in
      var cells = ["\(row.point.sparsity)", left(row.point)]
      for mark in row.marks {
        if mark.value != nil { cells.append(value(mark)) }
        cells.append(mark.isChosen ? "*" : "")
      }
      cells.append(columns.change(row.entering, row.leaving, atMost: 8))
      return cells
    }
    return (headings, cells)
  }

  /// What is left to explain: the relative residual, or the deviance or another loss.
  private var heading: String { loss?.heading ?? "relative residual" }

  private func left(_ point: PathPoints.Point) -> String {
    loss?.text(loss: point.loss) ?? point.relativeResidual.significant(6)
  }

  private func value(_ mark: Mark) -> String {
    guard let value = mark.value else { return "" }
    let error = mark.standardError.map { " ± \($0.significant(3))" } ?? ""
    return value.significant(7) + error
  }

  /// One line an observation, each with a choice of its own, and what a person should know of all or of one.
  static func table(_ reports: [PathReport]) -> String {
    let lines = reports.enumerated().map { place, report in
      "\(place)\t\(report.choice)\t\(report.left(report.chosen))\t"
        + "\(report.chosen.support.map(report.columns.label).joined(separator: ","))\n"
    }
    let common = (reports.first?.notices ?? []).filter { notice in
      reports.allSatisfy { $0.notices.contains(notice) }
    }
    let own = reports.enumerated().flatMap { place, report in
      report.notices.filter { !common.contains($0) }.map { "observation \(place): \($0)" }
    }
    let draws = reports.enumerated().compactMap { place, report in
      report.resampling.map { "\nobservation         \(place)\n\($0.text())" }
    }
    return "observation\tchosen\t\(reports.first?.heading ?? "")\tsupport\n" + lines.joined()
      + ResultText.lines((common + own).map { ("notice", $0) }) + draws.joined()
  }

  /// What each criterion chooses, for a person.
  var choice: String {
    let others = verdicts.count > 1
    return verdicts.map { verdict in
      verdict.sentence + (others && verdict.isOfLargest ? ", the largest" : "")
    }.joined(separator: "; ")
  }

  private var summary: [(name: String, value: String)] {
    let solution = chosen.solutions[0]
    var lines: [(name: String, value: String)] = [
      ("chosen", choice), ("support", ResultText.list(chosen.support.map(columns.label))),
    ]
    if let groups = rows.first(where: { $0.point.sparsity == chosen.sparsity })?.groups {
      lines.insert(("groups", ResultText.list(groups.map { TableColumns.quoted($0) })), at: 1)
    }
    if chosen.solutions.count == 1 {
      lines.append(
        ("coefficients", ResultText.list(solution.coefficientTexts)))
      if let intercept = solution.intercept {
        lines.append(("intercept", intercept.significant(6)))
      }
    } else {
      lines.append(("observations", "\(chosen.solutions.count), with one support"))
    }
    lines += loss?.lines ?? [("relative residual", chosen.relativeResidual.significant(6))]
    if let variance { lines.append(("R²", variance.sentence(columns: chosen.support.count))) }
    lines += [
      ("path", "\(rows.count) sparsities, \(ending), \(path.matrixPasses) passes over the matrix"),
      ("engine", "\(solution.engine), \(precision) precision"),
    ]
    if let backendChoice { lines.append(("auto took", backendChoice)) }
    lines += [
      (
        "time",
        "\(seconds.total.significant(3)) s: load \(seconds.load.significant(3)), "
          + "solve \(seconds.solve.significant(3)), choose \(seconds.choose.significant(3))"
      )
    ]
    if let distance { lines.append(("support distance", distance.significant(3))) }
    lines += notices.map { ("notice", $0) }
    return lines
  }

  private var ending: String {
    switch path.stopReason {
    case .interrupted: "interrupted"
    case .time: "ended by the time limit"
    case .residual: "ended at the residual wanted"
    default: "all that were asked for"
    }
  }
}

extension PathReport: Encodable {
  private enum Key: String, CodingKey {
    case schemaVersion, algorithm, rows, columns, criterion, chosen, points, stopReason
    case matrixPasses, backend, backendChoice, precision, seconds, notices, supportDistance
    case choices, observations, loss, rSquared, adjustedRSquared, folds, resampling
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(1, forKey: .schemaVersion)
    try object.encode(algorithm, forKey: .algorithm)
    try object.encode(problem.givenRows, forKey: .rows)
    try object.encode(problem.givenColumns, forKey: .columns)
    try object.encode(verdicts[0].criterion, forKey: .criterion)
    try object.encode(chosen.sparsity, forKey: .chosen)
    try object.encode(verdicts, forKey: .choices)
    try object.encodeIfPresent(loss, forKey: .loss)
    try object.encodeIfPresent(variance?.rSquared, forKey: .rSquared)
    try object.encodeIfPresent(
      variance?.adjusted(columns: chosen.support.count), forKey: .adjustedRSquared)
    try object.encodeIfPresent(folds, forKey: .folds)
    try object.encodeIfPresent(resampling, forKey: .resampling)
    try object.encode(rows, forKey: .points)
    try object.encode(path.stopReason, forKey: .stopReason)
    try object.encode(path.matrixPasses, forKey: .matrixPasses)
    if chosen.solutions.count > 1 {
      try object.encode(chosen.solutions.count, forKey: .observations)
    }
    try object.encode(chosen.solutions[0].engine, forKey: .backend)
    try object.encodeIfPresent(backendChoice, forKey: .backendChoice)
    try object.encode(precision.rawValue, forKey: .precision)
    try object.encode(seconds, forKey: .seconds)
    try object.encode(notices, forKey: .notices)
    try object.encodeIfPresent(distance, forKey: .supportDistance)
  }
}

extension PathReport.Row: Encodable {
  private enum Key: String, CodingKey {
    case sparsity, support, names, groups, tableColumns, coefficients, imaginaryParts, intercept,
      residualNorm,
      relativeResidual, iterations
    case criterion, standardError
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    let solutions = point.solutions
    try object.encode(point.sparsity, forKey: .sparsity)
    try object.encode(point.support, forKey: .support)
    try object.encodeIfPresent(names, forKey: .names)
    try object.encodeIfPresent(groups, forKey: .groups)
    try object.encodeIfPresent(tableColumns, forKey: .tableColumns)
    if solutions.count == 1 {
      try object.encode(solutions[0].coefficients, forKey: .coefficients)
      try object.encodeIfPresent(solutions[0].imaginaryParts, forKey: .imaginaryParts)
      try object.encodeIfPresent(solutions[0].intercept, forKey: .intercept)
    } else {
      // A list for each observation.
      try object.encode(solutions.map(\.coefficients), forKey: .coefficients)
      let imaginaryParts = solutions.compactMap(\.imaginaryParts)
      if !imaginaryParts.isEmpty { try object.encode(imaginaryParts, forKey: .imaginaryParts) }
      let intercepts = solutions.compactMap(\.intercept)
      if !intercepts.isEmpty { try object.encode(intercepts, forKey: .intercept) }
    }
    try object.encode(point.residualNorm, forKey: .residualNorm)
    try object.encode(point.relativeResidual, forKey: .relativeResidual)
    try object.encode(solutions[0].iterations, forKey: .iterations)
    try object.encodeFinite(marks[0].value, forKey: .criterion)
    try object.encodeFinite(marks[0].standardError, forKey: .standardError)
  }
}

extension PathReport.Verdict: Encodable {
  private enum Key: String, CodingKey {
    case criterion, chosen, values, standardErrors
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(criterion, forKey: .criterion)
    try object.encode(choice.sparsity, forKey: .chosen)
    if !choice.values.isEmpty { try object.encode(choice.values.finite, forKey: .values) }
    try object.encodeIfPresent(choice.standardErrors?.finite, forKey: .standardErrors)
  }

  /// For a person.
  fileprivate var sentence: String {
    "k = \(choice.sparsity)" + (isOfLargest ? "" : ", by \(criterion)")
  }

  /// Whether nothing was compared.
  fileprivate var isOfLargest: Bool { criterion == SparsityCriterion.Name.largest.rawValue }
}

extension [Warning] {
  /// Each once, in this order.
  fileprivate var distinct: [Warning] {
    enumerated().filter { firstIndex(of: $1) == $0 }.map(\.element)
  }
}
