import SparseRecovery

/// Watches a solve: progress on a terminal, rows of the trace, and requests to stop.
final class SolveWatch {
  private let limits: Limits
  private let traces: Bool
  private let showsProgress: Bool
  private var rows: [TraceRow] = []
  private var lastShown = Duration.zero
  private var previousSupport: [Int]
  private let best: BestSupport
  /// The best supports seen, where they are wanted.
  private(set) var alternatives: Alternatives?

  /// - Parameters:
  ///   - previousSupport: the support that was evaluated before a break, or none.
  ///   - alternatives: what keeps the best supports seen.
  init(
    limits: Limits, traces: Bool, showsProgress: Bool, previousSupport: [Int], best: BestSupport,
    alternatives: Alternatives?
  ) {
    self.alternatives = alternatives
    self.limits = limits
    self.traces = traces
    self.showsProgress = showsProgress
    self.best = best
    self.previousSupport = previousSupport
  }

  /// The observer to solve with.
  func observe(_ report: IterationReport) -> SolveControl {
    best.note(report)
    alternatives?.note(report)
    if traces {
      rows.append(TraceRow(report, previousSupport: previousSupport))
      previousSupport = report.support
    }
    if showsProgress, report.elapsed - lastShown > .milliseconds(100) {
      lastShown = report.elapsed
      Console.status(progress(report))
    }
    return Interrupt.wasRequested ? .stop : .proceed
  }

  /// Removes the progress from the terminal.
  func finish() {
    if lastShown > .zero { Console.status("") }
  }

  /// Writes the trace as a text table.
  func writeTrace(to path: String, replacing: Bool) throws {
    try AtomicFile.write(to: path, replacing: replacing) { (file) throws(FileError) in
      try file.write(TraceRow.header)
      for row in rows { try file.write(row.line) }
    }
  }

  private func progress(_ report: IterationReport) -> String {
    let done = Double(report.iteration + 1)
    var left = report.elapsed.seconds * (Double(limits.iterations) / done - 1)
    if let time = limits.time { left = min(left, (time - report.elapsed).seconds) }
    return "\(report.solver): iteration \(report.iteration + 1) of \(limits.iterations), "
      + "best relative residual \(report.bestRelativeResidual.significant(4)), "
      + "\(max(left, 0).significant(2)) s left"
  }
}

/// One line of a trace.
private struct TraceRow {
  static let header =
    "solver,iteration,relative_residual,best_relative_residual,is_new,swaps,projection,seconds\n"

  let line: String

  /// - Parameter previousSupport: of the iteration before, to count what was swapped since.
  init(_ report: IterationReport, previousSupport: [Int]) {
    let swaps = Set(report.support).subtracting(previousSupport).count
    line =
      [
        report.solver, "\(report.iteration)", "\(report.relativeResidual)",
        "\(report.bestRelativeResidual)", report.isNew ? "1" : "0", "\(swaps)",
        report.projection?.rawValue ?? "remembered", report.elapsed.seconds.significant(6),
      ].joined(separator: ",") + "\n"
  }
}
