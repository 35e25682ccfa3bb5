import SparseCore

/// Sweeps over a finished path, in which each sparsity learns from its neighbours.
///
/// k + 1 atoms without one, or k − 1 atoms with one more, may explain more than the k atoms that were found. Sweeps
/// back and forth go on until nothing changes; afterwards the loss does not rise with k.
struct PathSweeps {
  private let workspace: Workspace
  /// Of one sparsity; the time of the path is for its watch.
  private let limits: Limits
  private let watch: PathWatch
  private var growth: GrowingSupport

  init(_ workspace: Workspace, limits: Limits, _ watch: PathWatch, _ growth: GrowingSupport) {
    self.workspace = workspace
    var limits = limits.evaluating(.max)
    limits.time = nil
    self.limits = limits
    self.watch = watch
    self.growth = growth
  }

  /// Sweeps until nothing changes, or there is a reason to stop.
  mutating func improve(_ points: inout [SolutionPath.Point]) throws(RecoveryError) {
    repeat { try walkBack(&points) } while try walkForth(&points)
  }

  /// From the largest sparsity back: k + 1 atoms without the one that costs least, exchanged while that
  /// helps, where they explain more than the k atoms found before.
  private func walkBack(_ points: inout [SolutionPath.Point]) throws(RecoveryError) {
    for place in points.indices.dropLast().reversed() where watch.stop == nil {
      let (own, larger) = (points[place].solution, points[place + 1].solution)
      var fewer = PathProposals()
      let atoms = workspace.problem.atoms
      let count = atoms.groupCount(of: larger.atomCoefficients.support) - 1
      try fewer.shrink(larger.atomCoefficients.support, of: workspace, to: count)
      guard let support = fewer.supports(of: count).first,
        !support.isEmpty
      else { continue }
      let x = try workspace.project(onto: support)
      guard
        atoms.groupCount(of: x.support) <= atoms.groupCount(of: own.atomCoefficients.support),
        x.residualNorm < own.lossNorm * (1 - SwapWalk.leastChange)
      else { continue }
      let next = try exchanged([x], in: points[place])
      // What rounding tells apart would be told apart again and again.
      guard next.solution.lossNorm < own.lossNorm * (1 - SwapWalk.leastChange) else { continue }
      points[place] = next
    }
  }

  /// From the smallest sparsity on: where k − 1 atoms explain more than the k atoms found before, they take their
  /// place, with the best atom added and exchanged while that helps. Whether any did, and the way back may
  /// lead to something better.
  private mutating func walkForth(
    _ points: inout [SolutionPath.Point]
  ) throws(RecoveryError) -> Bool {
    let atoms = workspace.problem.atoms
    var hasChanged = false
    for place in points.indices.dropFirst() {
      let (smaller, own) = (points[place - 1].solution, points[place].solution)
      guard smaller.lossNorm < own.lossNorm * (1 - SwapWalk.leastChange) else { continue }
      let k = points[place].sparsity
      guard watch.stop == nil else {
        points[place] = points[place].replaced(by: smaller)
        continue
      }
      let x = try workspace.project(onto: smaller.atomCoefficients.support)
      let count = min(k - atoms.requiredCount, atoms.usableGroups)
      let entering =
        atoms.groupCount(of: x.support) < count ? try growth.bestEntry(at: x) : []
      let larger =
        entering.isEmpty ? [] : [try workspace.project(onto: x.support.union(entering))]
      let next = try exchanged([x] + larger, in: points[place])
      // Of what rounding leaves, k − 1 atoms may explain more than any k that come of them.
      points[place] =
        next.solution.lossNorm <= smaller.lossNorm
        ? next : points[place].replaced(by: smaller)
      hasChanged = true
    }
    return hasChanged && watch.stop == nil
  }

  /// The best of some supports for the sparsity of a point, exchanged while that helps.
  private func exchanged(
    _ found: [Iterate], in point: SolutionPath.Point
  ) throws(RecoveryError) -> SolutionPath.Point {
    var search = try Search(
      SparsityPath.name, workspace, sparsity: point.sparsity, limits: limits,
      minimizesAnyLoss: true, recoversGroups: true)
    for x in found { _ = search.record(x, observer: watch.observe) }
    var stop = watch.stop
    if stop == nil, let best = found.min(by: { $0.residualNorm < $1.residualNorm }) {
      stop = try exchange(from: best, &search)
    }
    return point.replaced(by: try search.solution(stop ?? .converged, workspace))
  }

  /// Exchanges atoms of x for as long as that helps; groups by splicing.
  private func exchange(
    from x: Iterate, _ search: inout Search
  ) throws(RecoveryError) -> StopReason {
    guard workspace.problem.atoms.groups == nil else {
      let splicing = Splicing(start: FixedSupport(x.support), limits: limits)
      let found = try splicing.solve(workspace, sparsity: search.sparsity) { report in
        _ = search.record(report, observer: watch.observe)
        return watch.stop == nil ? .proceed : .stop
      }
      return found.stopReason
    }
    guard workspace.problem.hasSquaredLoss else {
      var x = x
      var exchanges = LossExchanges(workspace, until: watch.interruption)
      while let next = try exchanges.better(than: x) {
        x = next
        if let stop = search.record(x, observer: watch.observe) { return stop }
      }
      return .converged
    }
    var sets = try ProblemWorkingSets(workspace, sparsity: x.support.count)
    return try Descent.finish(
      &search, workspace, on: &sets, after: .converged, observer: watch.observe)
  }
}

extension SolutionPath.Point {
  /// Another solution for the same sparsity, of which the same is proved.
  fileprivate func replaced(by other: SparseSolution) -> SolutionPath.Point {
    var other = other
    other.optimalityGap = solution.optimalityGap(of: other.lossNorm)
    return SolutionPath.Point(sparsity: sparsity, solution: other)
  }
}
