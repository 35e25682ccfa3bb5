import CSparseRecovery
import SparseCore

/// Who watches a solve, if anybody does.
final class Watch {
  private let watch: UnsafeMutablePointer<sr_watch>?
  private let problem: RecoveryProblem
  private var evaluated: Int64 = 0
  private var best = Double.infinity

  /// - Parameter problem: what is solved, whose columns are reported.
  init(_ watch: UnsafeMutablePointer<sr_watch>?, of problem: RecoveryProblem) {
    self.watch = watch
    self.problem = problem
  }

  /// Whether the watcher wants what is under way to end, for any thread to ask; nil where there is none.
  var isCancelled: (@Sendable () -> Bool)? {
    guard let watch else { return nil }
    // It stays as long as the call that it was given to, and the field is read as atomic.
    nonisolated(unsafe) let shared = watch
    return { sri_watch_stop(shared) != 0 }
  }

  /// Tells the watcher of a support evaluated for an observation, and whether it wants to go on.
  func control(_ report: IterationReport, observation: Int = 0) -> SolveControl {
    guard let watch else { return .proceed }
    evaluated += 1
    best = min(best, report.bestRelativeResidual)
    sri_watch_note(watch, evaluated, best)
    guard sri_watch_stop(watch) == 0 else { return .stop }
    guard let observe = watch.pointee.observe else { return .proceed }
    let support = problem.givenColumns(report.support).map(Int64.init)
    let answer = support.withUnsafeBufferPointer { support in
      report.solver.withCString { solver in
        var record = sr_report(
          iteration: Int64(report.iteration), observation: Int64(observation),
          support: support.baseAddress, count: Int64(support.count),
          relative_residual: report.relativeResidual,
          best_relative_residual: report.bestRelativeResidual,
          seconds: report.elapsed / .seconds(1), is_new: report.isNew ? 1 : 0, reserved: 0,
          solver: solver)
        return observe(watch.pointee.context, &record)
      }
    }
    return answer == 0 ? .proceed : .stop
  }
}
