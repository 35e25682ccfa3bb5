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
    let point: SolutionPath.Point
    /// The names of the columns of the support, where they have names.
    let names: [String]?
    /// The indices of these columns in the table, where A is some columns of one.
    let tableColumns: [Int]?
    /// The columns that the sparsity before did not have.
    let entering: [Int]
    /// The columns that only the sparsity before had.
    let leaving: [Int]
    let value: Double?
    let standardError: Double?
    let isChosen: Bool
  }

  let path: SolutionPath
  let rows: [Row]
  let chosen: SolutionPath.Point
  let problem: RecoveryProblem
  /// The columns of A, with their names.
  let columns: TableColumns
  let algorithm: String
  /// How far the support chosen is from the true one, where that is known.
  let distance: Double?
  let criterion: String
  let precision: Precision
  let seconds: Seconds
  /// What a person should know about the choice, the solution chosen, and what was read.
  var notices: [String]

  init(
    _ path: SolutionPath, _ choice: SparsityChoice, _ input: SolveInput, algorithm: String,
    criterion: String, precision: Precision, warning: Warning?, seconds: Seconds
  ) {
    self.path = path
    let columns = input.columns
    self.columns = columns
    problem = input.problem
    self.algorithm = algorithm
    self.criterion = criterion
    self.precision = precision
    self.seconds = seconds
    var before: Set<Int> = []
    rows = path.points.enumerated().map { place, point in
      let support = Set(point.solution.support)
      defer { before = support }
      return Row(
        point: point, names: columns.names(of: point.solution.support),
        tableColumns: input.table == nil ? nil : point.solution.support.map(columns.index),
        entering: support.subtracting(before).sorted(),
        leaving: before.subtracting(support).sorted(),
        value: choice.values.isEmpty ? nil : choice.values[place],
        standardError: choice.standardErrors?[place],
        isChosen: point.sparsity == choice.sparsity)
    }
    chosen = rows.first(where: \.isChosen)?.point ?? path.points[path.points.count - 1]
    let support = chosen.solution.support
    distance = input.truth.map { supportDistance(support, from: $0) }
    let warnings = (chosen.solution.warnings + (warning.map { [$0] } ?? []))
      .map { $0.description(naming: columns.label) }
    notices = choice.notices.map(\.description) + warnings
  }

  /// The lines of a text table.
  var csv: [String] {
    ["sparsity,entering,leaving,residual_norm,relative_residual,criterion,standard_error,chosen\n"]
      + rows.map { row in
        let solution = row.point.solution
        return [
          "\(row.point.sparsity)", list(row.entering), list(row.leaving),
          "\(solution.residualNorm)", "\(solution.relativeResidual)",
          row.value.map { "\($0)" } ?? "", row.standardError.map { "\($0)" } ?? "",
          row.isChosen ? "1" : "0",
        ].joined(separator: ",") + "\n"
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
  }

  /// The result as a page.
  ///
  /// - Throws: `ChartError`.
  func page(_ input: SolveInput) throws -> ResultPage {
    var page = ResultPage(
      title:
        "\(chosen.solution.support.count) of \(columns.count) columns explain \(input.targetName)",
      facts: summary.filter { !["support", "coefficients"].contains($0.name) })
    try page.add(support: chosen.solution, input)
    let (headings, cells) = table
    page.add("Every sparsity", table: headings, rows: cells)
    if rows.count > 1 { try page.add(chart) }
    try page.add(residualsOf: chosen.solution, input)
    return page
  }

  /// Every sparsity, the one chosen marked by an asterisk.
  private var table: (headings: [String], rows: [[String]]) {
    let hasValues = rows.contains { $0.value != nil }
    let headings =
      ["k", "relative residual"] + (hasValues ? [criterion] : []) + ["", "change of support"]
    let cells = rows.map { row in
      [
        "\(row.point.sparsity)", row.point.solution.relativeResidual.significant(6),
      ] + (hasValues ? [value(row)] : []) + [row.isChosen ? "*" : "", change(row)]
    }
    return (headings, cells)
  }

  private func value(_ row: Row) -> String {
    guard let value = row.value else { return "" }
    let error = row.standardError.map { " ± \($0.significant(3))" } ?? ""
    return value.significant(7) + error
  }

  /// `+12 +40 −7`, shortened where it is long.
  private func change(_ row: Row) -> String {
    let changes =
      row.entering.map { "+\(columns.label($0))" } + row.leaving.map { "−\(columns.label($0))" }
    return changes.prefix(8).joined(separator: " ") + (changes.count > 8 ? " …" : "")
  }

  private var summary: [(name: String, value: String)] {
    let solution = chosen.solution
    var lines: [(name: String, value: String)] = [
      ("chosen", "k = \(chosen.sparsity)" + (criterion == "none" ? "" : ", by \(criterion)")),
      ("support", ResultText.list(solution.support.map(columns.label))),
      ("coefficients", ResultText.list(solution.coefficients.map { $0.significant(6) })),
    ]
    if let intercept = solution.intercept { lines.append(("intercept", intercept.significant(6))) }
    lines += [
      ("relative residual", solution.relativeResidual.significant(6)),
      ("path", "\(rows.count) sparsities, \(ending), \(path.matrixPasses) passes over the matrix"),
      ("engine", "\(solution.engine), \(precision) precision"),
      (
        "time",
        "\(seconds.total.significant(3)) s: load \(seconds.load.significant(3)), "
          + "solve \(seconds.solve.significant(3)), choose \(seconds.choose.significant(3))"
      ),
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
    case matrixPasses, backend, precision, seconds, notices, supportDistance
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(1, forKey: .schemaVersion)
    try object.encode(algorithm, forKey: .algorithm)
    try object.encode(problem.rows, forKey: .rows)
    try object.encode(problem.columns, forKey: .columns)
    try object.encode(criterion, forKey: .criterion)
    try object.encode(chosen.sparsity, forKey: .chosen)
    try object.encode(rows, forKey: .points)
    try object.encode(path.stopReason, forKey: .stopReason)
    try object.encode(path.matrixPasses, forKey: .matrixPasses)
    try object.encode(chosen.solution.engine, forKey: .backend)
    try object.encode(precision.rawValue, forKey: .precision)
    try object.encode(seconds, forKey: .seconds)
    try object.encode(notices, forKey: .notices)
    try object.encodeIfPresent(distance, forKey: .supportDistance)
  }
}

extension PathReport.Row: Encodable {
  private enum Key: String, CodingKey {
    case sparsity, support, names, tableColumns, coefficients, intercept, residualNorm,
      relativeResidual, iterations
    case criterion, standardError
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    let solution = point.solution
    try object.encode(point.sparsity, forKey: .sparsity)
    try object.encode(solution.support, forKey: .support)
    try object.encodeIfPresent(names, forKey: .names)
    try object.encodeIfPresent(tableColumns, forKey: .tableColumns)
    try object.encode(solution.coefficients, forKey: .coefficients)
    try object.encodeIfPresent(solution.intercept, forKey: .intercept)
    try object.encode(solution.residualNorm, forKey: .residualNorm)
    try object.encode(solution.relativeResidual, forKey: .relativeResidual)
    try object.encode(solution.iterations, forKey: .iterations)
    try object.encodeIfPresent(value, forKey: .criterion)
    try object.encodeIfPresent(standardError, forKey: .standardError)
  }
}
