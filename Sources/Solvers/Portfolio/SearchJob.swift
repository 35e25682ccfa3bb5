import Dispatch
import LeastSquares
import SparseCore
import Synchronization

/// One search among the many of a round. It works on the host alone, so that it may run on any thread.
struct SearchJob: Sendable {
  /// What is searched by.
  enum Method: Sendable {
    /// A walk from a support.
    case walk(from: [Int], patience: Int, bansNeighbours: Bool)
  }

  /// The best that a job found.
  struct Finding: Sendable, Equatable {
    /// In ascending order.
    var support: [Int]
    /// The squared loss.
    var loss: Double
    /// How many exchanges were made.
    var steps = 0
  }

  let method: Method
  let problem: RecoveryProblem
  let sets: HostWorkingSets
  /// The squared loss at which nothing is left to explain.
  let explained: Double
  let generator: SeededGenerator

  /// How many exchanges are made before asking whether to go on: tens of microseconds to milliseconds.
  private static var stepsBetweenQuestions: Int { 64 }

  /// Nil when `mayGoOn` said no.
  func run(while mayGoOn: () -> Bool) throws(RecoveryError) -> Finding? {
    switch method {
    case .walk(let support, let patience, let bansNeighbours):
      var sets = sets
      var walk = SwapWalk(
        problem, from: support, explained: explained, patience: patience,
        bansNeighbours: bansNeighbours, generator: generator)
      while try walk.advance(Self.stepsBetweenQuestions, on: &sets) {
        guard mayGoOn() else { return nil }
      }
      return Finding(support: walk.best.support, loss: walk.best.loss, steps: walk.steps)
    }
  }
}

/// Jobs that run side by side, and whose findings do not depend on how many do.
enum SearchRound {
  /// The findings in the order of the jobs, up to the first that leaves nothing to explain: those behind
  /// it are given up.
  static func run(
    _ jobs: [SearchJob], workers: Int
  ) throws(RecoveryError) -> [SearchJob.Finding] {
    struct State: Sendable {
      var next = 0
      var last = Int.max
      var results: [Result<SearchJob.Finding, RecoveryError>?]
    }
    let state = Mutex(State(results: Array(repeating: nil, count: jobs.count)))
    DispatchQueue.concurrentPerform(iterations: max(1, min(workers, jobs.count))) { _ in
      while true {
        let place = state.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard place < jobs.count, state.withLock({ place <= $0.last }) else { return }
        let result: Result<SearchJob.Finding, RecoveryError>?
        do throws(RecoveryError) {
          result = try jobs[place].run { state.withLock { place <= $0.last } }.map { .success($0) }
        } catch {
          result = .failure(error)
        }
        state.withLock { state in
          state.results[place] = result
          if case .success(let finding) = result, finding.loss > jobs[place].explained { return }
          if result != nil { state.last = min(state.last, place) }
        }
      }
    }
    var findings: [SearchJob.Finding] = []
    for result in state.withLock({
      Array($0.results.prefix($0.last == .max ? jobs.count : $0.last + 1))
    }) {
      if let finding = try result?.get() { findings.append(finding) }
    }
    return findings
  }
}
