import Dispatch
import SparseCore
import Synchronization

/// Jobs that run side by side, and whose findings do not depend on how many do.
enum SideBySide {
  /// The findings in the order of the jobs, up to the first with which their costs come to `limit`: those behind it are given
  /// up and do not count. And whether jobs were cut short: their findings are the best until then.
  ///
  /// - Parameters:
  ///   - workers: how many run at once, at least 1.
  ///   - limit: above 0.
  ///   - cost: of a finding, at least 0.
  ///   - job: gets its place, the number of the worker that runs it, and what ends it early. Nil where it was ended before
  ///   anything was found.
  static func run<Finding: Sendable>(
    _ count: Int, workers: Int, until interruption: Interruption, limit: Double,
    cost: @Sendable (Finding) -> Double,
    _ job: @Sendable (_ place: Int, _ worker: Int, Interruption) throws(RecoveryError) -> Finding?
  ) throws(RecoveryError) -> (findings: [Finding], areCut: Bool) {
    let state = Mutex(State<Finding>(count))
    let isOver: @Sendable (Int) -> Bool = { place in
      let isInterrupted = interruption.reason != nil
      return state.withLock { state in
        guard place <= state.last else { return true }
        state.areCut = state.areCut || isInterrupted
        return isInterrupted
      }
    }
    DispatchQueue.concurrentPerform(iterations: max(1, min(workers, count))) { worker in
      while true {
        let place = state.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard place < count, !isOver(place) else { return }
        let end = Interruption(deadline: nil) { isOver(place) }
        let result = Result { () throws(RecoveryError) in try job(place, worker, end) }
        state.withLock { $0.note(result, at: place, limit: limit, cost: cost) }
      }
    }
    let end = state.withLock { $0 }
    var findings: [Finding] = []
    for result in end.results.prefix(end.last == .max ? count : end.last + 1) {
      if let finding = try result?.get() ?? nil { findings.append(finding) }
    }
    return (findings, end.areCut)
  }

  private struct State<Finding: Sendable>: Sendable {
    var next = 0
    /// The last place that counts, as far as is known.
    var last = Int.max
    var areCut = false
    /// What has ended. A job may have found nothing.
    var results: [Result<Finding?, RecoveryError>?]
    /// So many of the first have ended, and what they cost.
    private var ended = 0
    private var sum = 0.0

    init(_ count: Int) { results = Array(repeating: nil, count: count) }

    /// What failed ends all behind it.
    mutating func note(
      _ result: Result<Finding?, RecoveryError>, at place: Int, limit: Double,
      cost: (Finding) -> Double
    ) {
      func price(_ result: Result<Finding?, RecoveryError>) -> Double {
        if case .success(let finding) = result { finding.map(cost) ?? 0 } else { .infinity }
      }
      results[place] = result
      if price(result) >= limit { last = min(last, place) }
      while ended < min(results.count, last), let result = results[ended] {
        sum += price(result)
        if sum >= limit { last = min(last, ended) }
        ended += 1
      }
    }
  }
}

/// What jobs side by side share and one at a time may use.
final class Turns: Sendable {
  private let mutex = Mutex(())

  /// Waits until nobody else has it.
  func take<Result: Sendable>(
    _ body: () throws(RecoveryError) -> Result
  ) throws(RecoveryError) -> Result {
    try mutex.withLock { (_) throws(RecoveryError) in try body() }
  }
}
