import SparseCore

/// One run of a ``SparsityPath``.
struct PathSearch {
  let path: SparsityPath
  let workspace: Workspace
  let sparsities: ClosedRange<Int>
  let watch: PathWatch
  /// Nil where nobody asked for checkpoints.
  private let record: CompositeRecord?
  private var proposals = PathProposals()
  var growth: GrowingSupport
  /// How many more supports SEA may evaluate below the largest sparsity.
  var iterationsLeft: Int
  private var latest: Iterate?
  /// What the solver found afresh for the largest sparsity, where that was wanted early.
  private var largest: Found?

  /// The atoms that a solver found, and of which squared loss it proved that no support has a smaller one; 0 of none.
  private struct Found {
    let support: [Int]
    let bound: Double
  }

  /// Checks the request.
  init(
    _ path: SparsityPath, _ workspace: Workspace, _ sparsities: ClosedRange<Int>,
    _ watch: PathWatch, _ record: CompositeRecord?
  ) throws(RecoveryError) {
    if let solver = path.solver, !solver.minimizesAnyLoss {
      try workspace.problem.requireSquaredLoss(for: type(of: solver).name)
    }
    if let solver = path.solver, !solver.recoversGroups {
      try workspace.problem.requireSingleColumns(for: type(of: solver).name)
    }
    for k in [sparsities.upperBound, sparsities.lowerBound] {
      _ = try Search(
        SparsityPath.name, workspace, sparsity: k, limits: path.limits, leastSparsity: 0,
        minimizesAnyLoss: true, recoversGroups: true)
    }
    var path = path.ending(with: watch)
    path.solver = path.solver?.shared(by: sparsities.count)
    self.path = path
    self.workspace = workspace
    self.sparsities = sparsities
    self.watch = watch
    self.record = record
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
    if rule == .improved, stop == nil {
      var sweeps = PathSweeps(workspace, limits: path.limits, watch, growth)
      try sweeps.improve(&points)
      stop = watch.stop
    }
    if stop == .interrupted { record?.keepInterrupted() }
    return SolutionPath(
      points: points, stopReason: stop ?? .converged,
      matrixPasses: workspace.matrixPasses - passesBefore, checkpoint: record?.checkpoint)
  }

  /// What can be known about many sparsities at once.
  private mutating func propose() throws(RecoveryError) {
    guard sparsities.upperBound > 0 else { return }
    var limits = path.limits
    limits.time = nil
    // Beyond the target nothing is needed.
    limits.tolerance = max(limits.tolerance, path.targetResidual ?? 0)
    switch rule {
    case .nested: if let pursuit = path.solver { try grow(by: pursuit) }
    // Of one sparsity alone the answer is that of the solver.
    case .improved where sparsities.count > 1 && path.targetResidual == nil:
      try grow(by: forwardSelection(limits))
      guard watch.stop == nil else { return }
      largest = try solveAfresh(sparsities.upperBound)
      guard let largest else { return }
      try proposals.shrink(largest.support, of: workspace)
    case nil:
      try grow(by: forwardSelection(limits))
      guard path.targetResidual == nil else { return }
      for part in [1, 2, 4] where sparsities.upperBound / part >= max(sparsities.lowerBound, 1) {
        guard watch.stop == nil else { return }
        limits.iterations = max(path.limits.iterations / part, 1)
        let sea = SEA(limits: limits)
        let found = try member(sea, sparsity: sparsities.upperBound / part, on: workspace)
        try proposals.shrink(found.support, of: workspace)
      }
    default: break
    }
  }

  /// Forward selection knows no penalty, no signs, no groups and no other loss.
  private func forwardSelection(_ limits: Limits) -> any Solver {
    workspace.problem.model.isPlain && workspace.problem.hasSquaredLoss
      && workspace.problem.atoms.groups == nil
      ? OLS(limits: limits) : OMP(limits: limits)
  }

  private mutating func grow(by pursuit: any Solver) throws(RecoveryError) {
    // Cheap enough to be done again after a break.
    try proposals.grow(workspace, by: pursuit, sparsity: sparsities.upperBound, watch.observe)
  }

  /// What the solver finds for k with nothing known before: as alone, bit by bit. Nil once there is
  /// a reason to stop.
  private func solveAfresh(_ k: Int) throws(RecoveryError) -> Found? {
    guard let solver = path.solver, rule != .nested else { return nil }
    if k == sparsities.upperBound, let largest { return largest }
    guard watch.stop == nil else { return nil }
    let apart = workspace.apart()
    let found = try member(solver, sparsity: k, on: apart)
    workspace.add(apart)
    return found
  }

  /// What a solver finds for k, or had found before a break.
  private func member(
    _ solver: any Solver, sparsity k: Int, on workspace: Workspace
  ) throws(RecoveryError) -> Found {
    let passesBefore = workspace.matrixPasses
    let known = try record?.next(workspace) { (r) throws(CheckpointError) in
      (try r.ints(), try r.double(), try r.int())
    }
    if let (support, bound, passes) = known {
      guard workspace.problem.isSupport(support),
        workspace.problem.atoms.groupCount(of: support) <= k, bound >= 0, passes >= 0,
        passes < 1 << 48
      else { throw .contradictoryCheckpoint(of: SparsityPath.name) }
      workspace.matrixPasses += passes
      return Found(support: support, bound: bound)
    }
    let solution =
      if let record {
        try record.solve(solver, workspace, sparsity: k, observer: watch.observe)
      } else {
        try solver.solve(workspace, sparsity: k, observer: watch.observe)
      }
    let bound = solution.optimalityGap.map { (1 - $0) * solution.lossNorm * solution.lossNorm }
    let found = Found(support: solution.atomCoefficients.support, bound: bound ?? 0)
    if watch.stop == nil {
      record?.add(workspace) {
        $0.write(found.support)
        $0.write(found.bound)
        $0.write(workspace.matrixPasses - passesBefore)
      }
    }
    return found
  }

  /// The best support for k that the proposals, the solution before and the solver lead to.
  private mutating func solve(_ k: Int) throws(RecoveryError) -> SparseSolution {
    var limits = path.limits.evaluating(.max)
    limits.time = nil
    var search = try Search(
      SparsityPath.name, workspace, sparsity: k, limits: limits, leastSparsity: 0,
      minimizesAnyLoss: true, recoversGroups: true)
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    // First, so that of equal supports it is the one kept.
    let own = try solveAfresh(k)
    // With checkpoints, nothing depends on the last bits of what a resumed path does not do again.
    if record != nil { workspace.forget() }
    let candidates = try (own.map { [$0.support] } ?? []) + candidates(search.groupCount)
    var stop = StopReason.converged
    // A path that was stopped asks for no results: they belong to points that it does not come to.
    let known =
      watch.stop == nil
      ? try record?.next(workspace) { (r) throws(CheckpointError) in try KnownPoint(from: &r) }
      : nil
    if let known {
      try restore(known, &search)
      stop = known.stop
    } else {
      stop = try solve(k, among: candidates, own: own?.support, &search)
      if watch.stop == nil {
        let known = KnownPoint(
          search: search.state(passes: workspace.matrixPasses), stop: stop,
          iterationsLeft: iterationsLeft)
        record?.add(workspace) { known.write(to: &$0) }
      }
    }
    if record != nil { workspace.forget() }
    if let bound = own?.bound, bound > 0, let norm = search.best?.residualNorm, norm > 0 {
      search.optimalityGap = max(1 - bound / (norm * norm), 0)
    }
    latest = try workspace.project(onto: search.best?.support ?? [])
    return try search.solution(watch.stop ?? stop, workspace)
  }

  /// Finds the best for k among supports that are known, and explores from there where that may pay.
  private mutating func solve(
    _ k: Int, among candidates: [[Int]], own: [Int]?, _ search: inout Search
  ) throws(RecoveryError) -> StopReason {
    for support in candidates {
      _ = search.record(try workspace.project(onto: support), observer: watch.observe)
    }
    if let latest { _ = search.record(latest, observer: watch.observe) }
    if search.best == nil {
      let x = try workspace.start(nil, search, observer: watch.observe)
      _ = search.record(x, observer: watch.observe)
    }
    let isImproved = rule == .improved && search.best?.support != own
    guard path.solver == nil || isImproved, watch.stop == nil else { return .converged }
    return try explore(k, &search)
  }

  /// Takes what was known of a point before a break.
  private mutating func restore(
    _ known: KnownPoint, _ search: inout Search
  ) throws(RecoveryError) {
    guard known.search.isPossible(workspace.problem, sparsity: search.atomCount),
      (0...path.limits.iterations).contains(known.iterationsLeft)
    else { throw .contradictoryCheckpoint(of: SparsityPath.name) }
    search.resume(known.search)
    iterationsLeft = known.iterationsLeft
    workspace.matrixPasses = search.passesBefore + known.search.matrixPasses
  }

  /// What a checkpoint keeps of a point that is solved.
  private struct KnownPoint {
    let search: SearchState
    let stop: StopReason
    let iterationsLeft: Int

    func write(to writer: inout WordWriter) {
      search.write(to: &writer)
      writer.write(stop.rawValue)
      writer.write(iterationsLeft)
    }

    init(search: SearchState, stop: StopReason, iterationsLeft: Int) {
      self.search = search
      self.stop = stop
      self.iterationsLeft = iterationsLeft
    }

    init(from reader: inout WordReader) throws(CheckpointError) {
      search = try SearchState(from: &reader)
      stop = try reader.stopReason()
      iterationsLeft = try reader.int()
    }
  }

  /// SEA from the best support so far, for its share of the iterations.
  private mutating func explore(
    _ k: Int, _ search: inout Search
  ) throws(RecoveryError) -> StopReason {
    guard let best = search.best, !search.isExplained(by: best.residualNorm) else {
      return .residual
    }
    let share = iterationsLeft / (sparsities.upperBound - k + 1)
    guard share > 0,
      workspace.problem.atoms.groupCount(of: best.support) == search.groupCount
    else { return .iterations }
    let x = try workspace.project(onto: best.support)
    if workspace.problem.hasSquaredLoss { try growth.prepareGramColumns(of: x) }
    var sea = SEA(
      start: .atoms(x.vector),
      gradient: workspace.cache.capacity >= 4 * k ? .gram : .auto, limits: path.limits)
    sea.limits.iterations = share
    sea.limits.time = nil
    let watch = watch
    // With checkpoints, on columns of its own: a resumed path has no others.
    let place = record == nil ? workspace : workspace.apart()
    let found = try sea.solve(place, sparsity: k) { report in
      _ = search.record(report, observer: watch.observe)
      return watch.stop == nil ? .proceed : .stop
    }
    if record != nil { workspace.add(place) }
    iterationsLeft -= found.iterations
    return found.stopReason
  }

  /// Supports of at most `count` atoms, or groups, that follow from others.
  private mutating func candidates(_ count: Int) throws(RecoveryError) -> [[Int]] {
    var supports = proposals.supports(of: count)
    if let latest, workspace.problem.atoms.groupCount(of: latest.support) < count,
      rule != .nested, !proposals.growth(follows: latest.support)
    {
      let entering = try growth.bestEntry(at: latest)
      if !entering.isEmpty { supports.append(latest.support.union(entering)) }
    }
    return supports
  }

  /// How the path is made of its solver; nil for warm starts alone.
  private var rule: PathRule? { path.solver.map { type(of: $0).pathRule } }
}
