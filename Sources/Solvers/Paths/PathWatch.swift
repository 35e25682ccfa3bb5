import SparseCore

/// Passes reports of all solves of a path on to the observer, and keeps the reason to end the path.
final class PathWatch {
  private let observer: SolveObserver
  /// What the solves under way ask, which have no time of their own.
  let interruption: Interruption
  private var reason: StopReason?

  /// - Parameter before: how long the path had taken before a break.
  init(
    _ observer: @escaping SolveObserver, time: Duration?, before: Duration = .zero,
    isCancelled: (@Sendable () -> Bool)? = nil
  ) {
    self.observer = observer
    interruption = Interruption(
      deadline: time.map { ContinuousClock.now + $0 - before }, isCancelled: isCancelled)
  }

  /// Why the path must end, or nil while it may go on.
  var stop: StopReason? {
    if reason == nil { reason = interruption.reason }
    return reason
  }

  func observe(_ report: IterationReport) -> SolveControl {
    if observer(report) == .stop { reason = .interrupted }
    return stop == nil ? .proceed : .stop
  }
}

extension SparsityPath {
  /// The same, whose solves end when the watch says so, in the middle of an iteration as well.
  func ending(with watch: PathWatch) -> SparsityPath {
    var path = self
    let interruption = watch.interruption
    path.limits.isCancelled = { interruption.reason != nil }
    if var solver = solver as? any ResumableSolver {
      solver.limits.isCancelled = path.limits.isCancelled
      path.solver = solver
    }
    return path
  }
}
