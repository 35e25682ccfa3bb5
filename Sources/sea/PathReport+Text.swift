import SparseRecovery

extension PathReport {
  /// The table for a person, the sparsity chosen marked by an asterisk, and what is known about it.
  func text() -> String {
    let hasValues = rows.contains { $0.value != nil }
    let headings =
      ["k", "relative residual"] + (hasValues ? [criterion] : []) + ["", "change of support"]
    let cells = rows.map { row in
      [
        "\(row.point.sparsity)", row.point.solution.relativeResidual.significant(6),
      ] + (hasValues ? [value(row)] : []) + [row.isChosen ? "*" : "", change(row)]
    }
    let widths = headings.indices.map { place in
      ([headings] + cells).map { $0[place].count }.max() ?? 0
    }
    let table = ([headings] + cells).map { line in
      var text = ""
      for (place, cell) in line.enumerated().dropLast() {
        text += String(repeating: " ", count: widths[place] - cell.count) + cell + "  "
      }
      return text + (line.last ?? "") + "\n"
    }
    return table.joined() + "\n" + summary
  }

  private func value(_ row: Row) -> String {
    guard let value = row.value else { return "" }
    let error = row.standardError.map { " ± \($0.significant(3))" } ?? ""
    return value.significant(7) + error
  }

  /// `+12 +40 −7`, shortened where it is long.
  private func change(_ row: Row) -> String {
    let changes = row.entering.map { "+\($0)" } + row.leaving.map { "−\($0)" }
    return changes.prefix(8).joined(separator: " ") + (changes.count > 8 ? " …" : "")
  }

  private var summary: String {
    let solution = chosen.solution
    var lines: [(name: String, value: String)] = [
      ("chosen", "k = \(chosen.sparsity)" + (criterion == "none" ? "" : ", by \(criterion)")),
      ("support", ResultText.list(solution.support.map(String.init))),
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
    return ResultText.lines(lines)
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
