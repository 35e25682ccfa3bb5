import SparseCore

/// Descents from random supports, by which an easy answer is believed before any round.
extension RoundSearch {
  /// What comes before the rounds.
  enum Probing: Int {
    /// A few descents from random supports.
    case scouting
    /// Many more of them, since all agreed.
    case confirming
    /// Nothing.
    case over
  }

  /// So many probes are made before twenty: where one of them fails, the others would.
  private static var scouts: Int { 4 }
  /// Where scouts find something better, others are sent to that, so often at most.
  private static var mostBatches: Int { 4 }

  /// A batch of probes: scouts, or those that confirm what scouts agreed on, and a walk from the best. They count as hits only where
  /// all of them agree: of a problem whose best support is hard to find, many starts lead to another one.
  func probe(
    _ state: inout State, _ best: Elite.Member, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let plan = SearchPlan(
      workspace.problem, sparsity: search.atomCount, memory: workspace.cache.bytes,
      settings
    )
    let sets = try ProblemWorkingSets(workspace, sparsity: search.atomCount)
    guard case .host(let host) = sets else {
      state.probing = .over
      return .silent
    }
    let confirms = state.probing == .confirming
    let places = confirms ? 0...Self.believedHits : 1...Self.scouts
    let jobs = places.map { (place) -> SearchJob in
      var generator = generator(-1 - state.batches, place)
      let method: SearchJob.Method =
        place == 0
        ? .walk(
          from: best.support, patience: plan.patience(&generator), bansNeighbours: false,
          isIndependent: false)
        : .descent(
          from: Elite.random(plan.sparsity, of: plan.usable, &generator), leader: best.loss)
      return SearchJob(
        method: method, problem: workspace.problem, explained: search.explainedLoss,
        generator: generator)
    }
    workspace.forget()
    let interruption = search.interruption
    let (findings, isCut) = try SearchJob.run(
      jobs, on: host, workers: plan.workers, until: interruption)
    if isCut, let reason = interruption.reason {
      return try cut(reason, findings, workspace, search)
    }
    let agree = findings.allSatisfy { Elite.isSame($0.loss, best.loss) }
    let isBetter = findings.contains { Elite.isBetter($0.loss, than: best.loss) }
    state.batches += 1
    state.probing =
      if isBetter { state.batches < Self.mostBatches ? .scouting : .over } else {
        agree && !confirms ? .confirming : .over
      }
    return Step(
      try findings.map { (finding) throws(RecoveryError) in
        state.elite.insert(
          finding.support, finding.loss, isIndependent: finding.isIndependent && confirms && agree)
        return try candidate(finding, workspace)
      })
  }
}
