import LeastSquares
import SparseCore

/// One search among the many of a round. On working sets of the host it may run on any thread.
struct SearchJob: Sendable {
  /// What is searched by.
  enum Method: Sendable {
    /// A walk from a support.
    case walk(from: [Int], patience: Int, bansNeighbours: Bool, isIndependent: Bool)
    /// A descent from a support that nothing known led to; from a squared loss smaller than the best known, `leader`, a short walk.
    case descent(from: [Int], leader: Double)
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
  /// The squared loss at which nothing is left to explain.
  let explained: Double
  let generator: SeededGenerator

  /// Nil where `mayGoOn` said no before anything was evaluated; else the best until then.
  func run<Sets: WorkingSets>(
    on sets: inout Sets, while mayGoOn: () -> Bool = { true }
  ) throws(RecoveryError) -> Finding? {
    switch method {
    case .walk(let support, let patience, let bansNeighbours, let isIndependent):
      var found = try walk(support, patience, bansNeighbours, on: &sets, while: mayGoOn)
      found?.isIndependent = isIndependent
      return found
    case .descent(let support, let leader):
      return try descend(support, leader, on: &sets, while: mayGoOn)
    case .messages(let runs, let messages, let leader):
      return try pass(runs, messages, leader, on: &sets, while: mayGoOn)
    }
  }

  private func walk<Sets: WorkingSets>(
    _ support: [Int], _ patience: Int, _ bansNeighbours: Bool, target: Double? = nil,
    on sets: inout Sets, while mayGoOn: () -> Bool
  ) throws(RecoveryError) -> Finding? {
    var walk = SwapWalk(
      problem, from: support, explained: target ?? explained, patience: patience,
      bansNeighbours: bansNeighbours, generator: generator)
    let isCut = try walk.advance(.max / 2, on: &sets, while: mayGoOn)
    guard !isCut || walk.best.loss < .infinity else { return nil }
    return Finding(support: walk.best.support, loss: walk.best.loss, steps: walk.steps)
  }

  private func descend<Sets: WorkingSets>(
    _ support: [Int], _ leader: Double, on sets: inout Sets, while mayGoOn: () -> Bool
  ) throws(RecoveryError) -> Finding? {
    let target = max(explained, leader * (1 + SwapWalk.leastChange))
    var found = try walk(support, 0, false, target: target, on: &sets, while: mayGoOn)
    if let better = found, better.loss > explained, Elite.isBetter(better.loss, than: leader) {
      // Others will be compared with this, so that it has to be as good as it can be.
      let patience = Self.shortPatience(support.count)
      found = try walk(better.support, patience, false, on: &sets, while: mayGoOn) ?? better
      found?.steps += better.steps
    }
    found?.isIndependent = true
    return found
  }

  private func pass<Sets: WorkingSets>(
    _ runs: [VAMPRun], _ messages: VectorAMP, _ leader: Double, on sets: inout Sets,
    while mayGoOn: () -> Bool
  ) throws(RecoveryError) -> Finding? {
    var best = Finding(support: [], loss: .infinity)
    var polished: [Double] = []
    for run in runs {
      guard mayGoOn() else { return best.loss < .infinity ? best : nil }
      let support = messages.support(messages(run), messages.sparsity)
      guard !support.isEmpty else { continue }
      let norm = try problem.projection(onto: support).residualNorm
      var found = Finding(
        support: support, loss: norm * norm, solver: VAMP.name)
      let isKnown = polished.contains { abs(found.loss - $0) <= SwapWalk.leastChange * $0 }
      if found.loss > explained, found.loss < Self.promise * min(leader, best.loss), !isKnown {
        polished.append(found.loss)
        let patience = Self.shortPatience(support.count)
        let walked = try walk(support, patience, false, on: &sets, while: mayGoOn)
        if let walked, walked.loss < found.loss { found = walked }
        found.solver = VAMP.name
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

  /// For how many steps a short walk goes on without anything better: from what a run of message passing names, or what
  /// a descent found.
  static func shortPatience(_ sparsity: Int) -> Int { 2 * sparsity + 50 }

  /// A support is worth a walk if its squared loss is at most this much larger than the best.
  static var promise: Double { 1.3 }
}

extension SearchJob {
  /// What jobs find that run side by side, up to the first that leaves nothing to explain, and whether they were cut short, as
  /// ``SideBySide`` has it.
  static func run(
    _ jobs: [SearchJob], on sets: HostWorkingSets, workers: Int, until interruption: Interruption
  ) throws(RecoveryError) -> (findings: [Finding], areCut: Bool) {
    guard let explained = jobs.first?.explained else { return ([], false) }
    return try SideBySide.run(
      jobs.count, workers: workers, until: interruption, limit: 1,
      cost: { $0.loss <= explained ? 1 : 0 }
    ) { (place, _, interruption) throws(RecoveryError) in
      var own = sets
      return try jobs[place].run(on: &own) { interruption.reason == nil }
    }
  }
}
