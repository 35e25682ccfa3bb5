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
  let algorithm: String
  /// How far the support chosen is from the true one, where that is known.
  let distance: Double?
  let criterion: String
  let precision: Precision
  let seconds: Seconds
  /// What a person should know about the choice, the solution chosen, and what was read.
  var notices: [String]

  init(
    _ path: SolutionPath, _ choice: SparsityChoice, problem: RecoveryProblem, algorithm: String,
    truth: [Int]?, criterion: String, precision: Precision, warning: Warning?, seconds: Seconds
  ) {
    self.path = path
    self.problem = problem
    self.algorithm = algorithm
    self.criterion = criterion
    self.precision = precision
    self.seconds = seconds
    var before: Set<Int> = []
    rows = path.points.enumerated().map { place, point in
      let support = Set(point.solution.support)
      defer { before = support }
      return Row(
        point: point, entering: support.subtracting(before).sorted(),
        leaving: before.subtracting(support).sorted(),
        value: choice.values.isEmpty ? nil : choice.values[place],
        standardError: choice.standardErrors?[place],
        isChosen: point.sparsity == choice.sparsity)
    }
    chosen = rows.first(where: \.isChosen)?.point ?? path.points[path.points.count - 1]
    let support = chosen.solution.support
    distance = truth.map { supportDistance(support, from: $0) }
    let warnings = (chosen.solution.warnings + (warning.map { [$0] } ?? [])).map(\.description)
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
    case sparsity, support, coefficients, intercept, residualNorm, relativeResidual, iterations
    case criterion, standardError
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    let solution = point.solution
    try object.encode(point.sparsity, forKey: .sparsity)
    try object.encode(solution.support, forKey: .support)
    try object.encode(solution.coefficients, forKey: .coefficients)
    try object.encodeIfPresent(solution.intercept, forKey: .intercept)
    try object.encode(solution.residualNorm, forKey: .residualNorm)
    try object.encode(solution.relativeResidual, forKey: .relativeResidual)
    try object.encode(solution.iterations, forKey: .iterations)
    try object.encodeIfPresent(value, forKey: .criterion)
    try object.encodeIfPresent(standardError, forKey: .standardError)
  }
}
