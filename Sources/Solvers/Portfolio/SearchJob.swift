import Dispatch
import LeastSquares
import SparseCore
import Synchronization

/// One search among the many of a round. It works on the host alone, so that it may run on any thread.
struct SearchJob: Sendable {
  /// What is searched by.
  enum Method: Sendable {
    /// A walk from a support.
    case walk(from: [Int], patience: Int, bansNeighbours: Bool, isIndependent: Bool)
    /// Runs of message passing, and a short walk from what they name if it is nearly as good as the best
    /// squared loss known, `leader`.
    case messages([VAMPRun], VectorAMP, leader: Double)
  }

  /// The best that a job found.
  struct Finding: Sendable, Equatable {
    /// In ascending order.
    var support: [Int]
    /// The squared loss.
    var loss: Double
    /// How many exchanges were made.
    var steps = 0
    /// What found it.
    var solver = Tabu.name
    /// Whether a walk found it from nothing that was known. Unlike runs of message passing share their
    /// fixed points, right or wrong.
    var isIndependent = false
  }

  let method: Method
  let problem: RecoveryProblem
  let sets: HostWorkingSets
  /// The squared loss at which nothing is left to explain.
  let explained: Double
  let generator: SeededGenerator

  /// Nil when `mayGoOn` said no.
  func run(while mayGoOn: () -> Bool) throws(RecoveryError) -> Finding? {
    switch method {
    case .walk(let support, let patience, let bansNeighbours, let isIndependent):
      var sets = sets
      var walk = SwapWalk(
        problem, from: support, explained: explained, patience: patience,
        bansNeighbours: bansNeighbours, generator: generator)
      guard try !walk.advance(.max / 2, on: &sets, while: mayGoOn) else { return nil }
      return Finding(
        support: walk.best.support, loss: walk.best.loss, steps: walk.steps,
        isIndependent: isIndependent)
    case .messages(let runs, let messages, let leader):
      return try pass(runs, messages, leader, while: mayGoOn)
    }
  }

  private func pass(
    _ runs: [VAMPRun], _ messages: VectorAMP, _ leader: Double, while mayGoOn: () -> Bool
  ) throws(RecoveryError) -> Finding? {
    var best = Finding(support: [], loss: .infinity)
    var polished: [Double] = []
    for run in runs {
      guard mayGoOn() else { return nil }
      let support = messages.support(messages(run), messages.sparsity)
      guard !support.isEmpty else { continue }
      let norm = try problem.projection(onto: support).residualNorm
      var found = Finding(
        support: support, loss: norm * norm, solver: VAMP.name)
      let isKnown = polished.contains { abs(found.loss - $0) <= SwapWalk.leastChange * $0 }
      if found.loss > explained, found.loss < Self.promise * min(leader, best.loss), !isKnown {
        polished.append(found.loss)
        found = try polish(found, while: mayGoOn)
      }
      if found.loss < best.loss {
        (found.steps, best.steps) = (found.steps + best.steps, 0)
        best = found
      } else {
        best.steps += found.steps
      }
      if best.loss <= explained { break }
    }
    return best
  }

  /// A walk that goes on for 2 k + 50 steps without anything better.
  private func polish(
    _ found: Finding, while mayGoOn: () -> Bool
  ) throws(RecoveryError) -> Finding {
    var sets = sets
    let k = found.support.count
    var walk = SwapWalk(
      problem, from: found.support, explained: explained, patience: 2 * k + 50,
      bansNeighbours: false, generator: generator)
    _ = try walk.advance(.max / 2, on: &sets, while: mayGoOn)
    guard walk.best.loss < found.loss else { return found }
    return Finding(
      support: walk.best.support, loss: walk.best.loss, steps: walk.steps, solver: VAMP.name)
  }

  /// A support is worth a walk if its squared loss is at most this much larger than the best.
  private static var promise: Double { 1.3 }
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
