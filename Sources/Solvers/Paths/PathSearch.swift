import SparseCore

/// One run of a ``SparsityPath``.
struct PathSearch {
  let path: SparsityPath
  let workspace: Workspace
  let sparsities: ClosedRange<Int>
  let watch: PathWatch
  private var proposals = PathProposals()
  var growth: GrowingSupport
  /// How many more supports SEA may evaluate below the largest sparsity.
  var iterationsLeft: Int
  private var latest: Iterate?
  /// What the solver found afresh for the largest sparsity, where that was wanted early.
  private var largest: SparseSolution?

  /// Checks the request.
  init(
    _ path: SparsityPath, _ workspace: Workspace, _ sparsities: ClosedRange<Int>,
    _ watch: PathWatch
  ) throws(RecoveryError) {
    for k in [sparsities.upperBound, sparsities.lowerBound] {
      _ = try Search(
        SparsityPath.name, workspace, sparsity: k, limits: path.limits, leastSparsity: 0)
    }
    self.path = path
    self.workspace = workspace
    self.sparsities = sparsities
    self.watch = watch
    growth = GrowingSupport(workspace)
    iterationsLeft = path.limits.iterations
  }

  /// Solves from the smallest sparsity on, until there is a reason to stop.
  mutating func run() throws(RecoveryError) -> SolutionPath {
    let passesBefore = workspace.matrixPasses
    try propose()
    var points: [SolutionPath.Point] = []
    var stop: StopReason?
    for k in sparsities where stop == nil {
      let solution = try solve(k)
      points.append(SolutionPath.Point(sparsity: k, solution: solution))
      let isReached = path.targetResidual.map { solution.relativeResidual <= $0 } ?? false
      stop = isReached ? .residual : watch.stop
    }
    if path.solver is Portfolio, stop == nil { try improve(&points) }
    return SolutionPath(
      points: points, stopReason: stop ?? .converged,
      matrixPasses: workspace.matrixPasses - passesBefore)
  }

  /// From the largest sparsity back: k + 1 atoms without the one that costs least, exchanged while that
  /// helps, where they explain more than the k atoms found before.
  private mutating func improve(_ points: inout [SolutionPath.Point]) throws(RecoveryError) {
    for place in points.indices.dropLast().reversed() {
      let (own, larger) = (points[place].solution, points[place + 1].solution)
      var fewer = PathProposals()
      let count = larger.atomCoefficients.support.count - 1
      try fewer.shrink(larger.atomCoefficients.support, of: workspace.problem, to: count)
      guard let support = fewer.supports(of: count).first,
        !support.isEmpty
      else { continue }
      let x = try workspace.project(onto: support)
      guard x.support.count <= own.atomCoefficients.support.count,
        x.residualNorm < own.lossNorm * (1 - SwapWalk.leastChange)
      else { continue }
      var search = try Search(
        SparsityPath.name, workspace, sparsity: points[place].sparsity,
        limits: path.limits.evaluating(.max))
      _ = search.record(x, observer: watch.observe)
      var sets = try ProblemWorkingSets(workspace, sparsity: x.support.count)
      let stop = try Descent.finish(
        &search, workspace, on: &sets, after: .converged, observer: watch.observe)
      points[place] = SolutionPath.Point(
        sparsity: points[place].sparsity, solution: try search.solution(stop, workspace))
    }
  }

  /// What can be known about many sparsities at once.
  private mutating func propose() throws(RecoveryError) {
    guard sparsities.upperBound > 0 else { return }
    var limits = path.limits
    limits.time = nil
    // Beyond the target nothing is needed.
    limits.tolerance = max(limits.tolerance, path.targetResidual ?? 0)
    switch path.solver {
    case let pursuit? where isPursuit: try grow(by: pursuit)
    // Of one sparsity alone the answer is that of the solver.
    case is Portfolio where sparsities.count > 1 && path.targetResidual == nil:
      try grow(by: forwardSelection(limits))
      guard watch.stop == nil else { return }
      largest = try solveAfresh(sparsities.upperBound)
      guard let largest else { return }
      try proposals.shrink(largest.atomCoefficients.support, of: workspace.problem)
    case nil:
      try grow(by: forwardSelection(limits))
      guard path.targetResidual == nil else { return }
      for part in [1, 2, 4] where sparsities.upperBound / part >= max(sparsities.lowerBound, 1) {
        guard watch.stop == nil else { return }
        limits.iterations = max(path.limits.iterations / part, 1)
        let found = try SEA(limits: limits)
          .solve(workspace, sparsity: sparsities.upperBound / part, observer: watch.observe)
        try proposals.shrink(found.atomCoefficients.support, of: workspace.problem)
      }
    default: break
    }
  }

  /// Forward selection knows no penalty and no signs.
  private func forwardSelection(_ limits: Limits) -> any Solver {
    workspace.problem.model.isPlain ? OLS(limits: limits) : OMP(limits: limits)
  }

  private mutating func grow(by pursuit: any Solver) throws(RecoveryError) {
    try proposals.grow(workspace, by: pursuit, sparsity: sparsities.upperBound, watch.observe)
  }

  /// What the solver finds for k with nothing known before: as alone, bit by bit. Nil once there is a
  /// reason to stop.
  private func solveAfresh(_ k: Int) throws(RecoveryError) -> SparseSolution? {
    guard let solver = path.solver, !isPursuit else { return nil }
    if k == sparsities.upperBound, let largest { return largest }
    guard watch.stop == nil else { return nil }
    let apart = workspace.apart()
    let found = try solver.solve(apart, sparsity: k, observer: watch.observe)
    workspace.add(apart)
    return found
  }

  /// The best support for k that the proposals, the solution before and the solver lead to.
  private mutating func solve(_ k: Int) throws(RecoveryError) -> SparseSolution {
    var limits = path.limits.evaluating(.max)
    limits.time = nil
    var search = try Search(
      SparsityPath.name, workspace, sparsity: k, limits: limits, leastSparsity: 0)
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    // First, so that of equal supports it is the one kept.
    let own = try solveAfresh(k)?.atomCoefficients.support
    for support in try (own.map { [$0] } ?? []) + candidates(search.atomCount) {
      _ = search.record(try workspace.project(onto: support), observer: watch.observe)
    }
    if let latest { _ = search.record(latest, observer: watch.observe) }
    if search.best == nil {
      let x = try workspace.start(nil, search, observer: watch.observe)
      _ = search.record(x, observer: watch.observe)
    }
    var stop = StopReason.converged
    let isImproved = path.solver is Portfolio && search.best?.support != own
    if path.solver == nil || isImproved, watch.stop == nil { stop = try explore(k, &search) }
    latest = try workspace.project(onto: search.best?.support ?? [])
    return try search.solution(watch.stop ?? stop, workspace)
  }

  /// Supports of at most `count` atoms that follow from others.
  private mutating func candidates(_ count: Int) throws(RecoveryError) -> [[Int]] {
    var supports = proposals.supports(of: count)
    if let latest, latest.support.count < count, !isPursuit,
      !proposals.growth(follows: latest.support),
      let atom = try growth.bestEntry(at: latest)
    {
      supports.append(latest.support.inserting(atom))
    }
    return supports
  }

  private var isPursuit: Bool { path.solver is OMP || path.solver is OLS }
}
