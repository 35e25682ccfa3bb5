import SparseCore

/// Passes reports of all solves of a path on to the observer, and keeps the reason to end the path.
final class PathWatch {
  /// Why the path must end, or nil while it may go on.
  private(set) var stop: StopReason?

  private let observer: SolveObserver
  private let deadline: ContinuousClock.Instant?

  /// - Parameter before: how long the path had taken before a break.
  init(_ observer: @escaping SolveObserver, time: Duration?, before: Duration = .zero) {
    self.observer = observer
    deadline = time.map { ContinuousClock.now + $0 - before }
  }

  func observe(_ report: IterationReport) -> SolveControl {
    if observer(report) == .stop {
      stop = .interrupted
    } else if let deadline, stop == nil, ContinuousClock.now >= deadline {
      stop = .time
    }
    return stop == nil ? .proceed : .stop
  }
}
