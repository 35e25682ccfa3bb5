import SparseCore

/// One run of a ``SparsityPath``.
struct PathSearch<E: Engine> {
  let path: SparsityPath
  let problem: LoadedProblem<E>
  let sparsities: ClosedRange<Int>
  let watch: PathWatch
  private var proposals = PathProposals()
  var growth: GrowingSupport<E>
  /// How many more supports SEA may evaluate below the largest sparsity.
  var iterationsLeft: Int
  private var latest: Iterate?

  /// Checks the request.
  init(
    _ path: SparsityPath, _ problem: LoadedProblem<E>, _ sparsities: ClosedRange<Int>,
    _ watch: PathWatch
  ) throws(RecoveryError) {
    for k in [sparsities.upperBound, sparsities.lowerBound] {
      _ = try Search(SparsityPath.name, problem, sparsity: k, limits: path.limits)
    }
    self.path = path
    self.problem = problem
    self.sparsities = sparsities
    self.watch = watch
    growth = GrowingSupport(problem)
    iterationsLeft = path.limits.iterations
  }

  /// Solves from the smallest sparsity on, until there is a reason to stop.
  mutating func run() throws(RecoveryError) -> SolutionPath {
    let passesBefore = problem.matrixPasses
    try propose()
    var points: [SolutionPath.Point] = []
    var stop: StopReason?
    for k in sparsities where stop == nil {
      let solution = try solve(k)
      points.append(SolutionPath.Point(sparsity: k, solution: solution))
      let isReached = path.targetResidual.map { solution.relativeResidual <= $0 } ?? false
      stop = isReached ? .residual : watch.stop
    }
    return SolutionPath(
      points: points, stopReason: stop ?? .converged,
      matrixPasses: problem.matrixPasses - passesBefore)
  }

  /// What can be known about many sparsities at once.
  private mutating func propose() throws(RecoveryError) {
    var limits = path.limits
    limits.time = nil
    // Beyond the target nothing is needed.
    limits.tolerance = max(limits.tolerance, path.targetResidual ?? 0)
    let pursuit: (any Solver)? =
      switch path.solver {
      case is OMP, is OLS: path.solver
      case .some: nil
      // Forward selection knows no penalty and no signs.
      case nil: problem.problem.model.isPlain ? OLS(limits: limits) : OMP(limits: limits)
      }
    if let pursuit {
      try proposals.grow(
        problem, by: pursuit, sparsity: sparsities.upperBound, watch.observe)
    }
    guard path.solver == nil, path.targetResidual == nil else { return }
    for part in [1, 2, 4] where sparsities.upperBound / part >= sparsities.lowerBound {
      guard watch.stop == nil else { return }
      limits.iterations = max(path.limits.iterations / part, 1)
      let found = try SEA(limits: limits)
        .solve(problem, sparsity: sparsities.upperBound / part, observer: watch.observe)
      try proposals.shrink(found.support, of: problem.problem)
    }
  }

  /// The best support for k that the proposals, the solution before and the solver lead to.
  private mutating func solve(_ k: Int) throws(RecoveryError) -> SparseSolution {
    var limits = path.limits.evaluating(.max)
    limits.time = nil
    var search = try Search(SparsityPath.name, problem, sparsity: k, limits: limits)
    guard !search.isTrivial else { return try search.solution(.residual, problem) }
    if let latest { _ = search.record(latest, observer: watch.observe) }
    for support in try candidates(search.sparsity, k) {
      _ = search.record(try problem.project(onto: support), observer: watch.observe)
    }
    if search.best == nil {
      let x = try problem.start(nil, sparsity: search.sparsity, observer: watch.observe)
      _ = search.record(x, observer: watch.observe)
    }
    var stop = StopReason.converged
    if path.solver == nil, watch.stop == nil { stop = try explore(k, &search) }
    latest = try problem.project(onto: search.best?.support ?? [])
    return try search.solution(watch.stop ?? stop, problem)
  }

  /// Supports of at most `count` atoms to judge at sparsity `k`.
  private mutating func candidates(
    _ count: Int, _ k: Int
  ) throws(RecoveryError) -> [[Int]] {
    var supports = proposals.supports(of: count)
    if let latest, latest.support.count < count, !isPursuit,
      !proposals.growth(follows: latest.support),
      let atom = try growth.bestEntry(at: latest)
    {
      supports.append(latest.support.inserting(atom))
    }
    if let solver = path.solver, !isPursuit, watch.stop == nil {
      let found = try solver.solve(problem, sparsity: k, observer: watch.observe)
      supports.append(found.support.filter(problem.problem.atoms.isUsable))
    }
    return supports
  }

  private var isPursuit: Bool { path.solver is OMP || path.solver is OLS }
}
