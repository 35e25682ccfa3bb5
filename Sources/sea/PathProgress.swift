import SparseRecovery

/// Watches the solves of a path: progress on a terminal, and Ctrl-C.
final class PathProgress {
  private let isShown: Bool
  private let begin = ContinuousClock.now
  private var lastShown = Duration.zero

  init(isShown: Bool) { self.isShown = isShown }

  /// The observer to solve with.
  func observe(_ report: IterationReport) -> SolveControl {
    let elapsed = ContinuousClock.now - begin
    if isShown, elapsed - lastShown > .milliseconds(100) {
      lastShown = elapsed
      Console.status(
        "\(report.solver): \(report.support.count) columns, relative residual "
          + "\(report.relativeResidual.significant(4)), \(elapsed.seconds.significant(3)) s")
    }
    return Interrupt.wasRequested ? .stop : .proceed
  }

  /// Removes the progress from the terminal.
  func finish() {
    if lastShown > .zero { Console.status("") }
  }
}
