import SparseRecovery

extension SolveReport {
  /// The result for a person: a name and a value a line.
  func text() -> String {
    var lines: [(name: String, value: String)] = [
      ("support", ResultText.list(solution.support.map(String.init))),
      ("coefficients", ResultText.list(solution.coefficients.map { $0.significant(6) })),
      ("relative residual", solution.relativeResidual.significant(6)),
      ("residual norm", solution.residualNorm.significant(6)),
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
    if let intercept = solution.intercept {
      lines.insert(("intercept", intercept.significant(6)), at: 2)
    }
    if solution.rounds > 0 { lines.append(("rounds", "\(solution.rounds) of search")) }
    if let place = solution.bestAttempt {
      lines.append(("found by", "\(solution.attempts[place].name), of:"))
      lines += solution.attempts.map { attempt in
        ("", "\(attempt.relativeResidual.significant(6))  \(attempt.name)")
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
    lines += solution.warnings.map { ("warning", $0.description) }
    lines += notices.map { ("notice", $0) }
    return ResultText.lines(lines)
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
