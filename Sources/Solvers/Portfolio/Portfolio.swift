public import SparseCore

/// Several solvers in turn, and SEA from the best of what they find: the best loss is returned.
///
/// No solver is best everywhere: pursuits that merge many atoms lead on incoherent columns, SEA on
/// coherent ones, exact gains on data sets. SEA started from a solution is never worse than it, and
/// all of them share the atoms, projections and Gram columns of one ``LoadedProblem``.
///
/// Where every support can be tried, every one is, and the answer is the optimum, whatever the
/// model. Else cheap solvers run first; SEA explores from zero and from the best supports found; at
/// last atoms are swapped while that helps. It ends early when nothing is left to explain, and on large problems
/// when two of the first three agree and SEA finds nothing better nearby.
public struct Portfolio: ResumableSolver {
  /// `portfolio`.
  public static let name = "portfolio"

  /// How SEA explores; its start takes no part.
  public var sea: SEA
  /// How often SEA starts again from a perturbation of the best solution.
  public var restarts: Int
  /// What the perturbations are drawn from.
  public var seed: UInt64
  /// Whether atoms of the best support are swapped at last while that helps.
  public var polishes: Bool
  /// The limits of every attempt; the time is that of all together.
  public var limits: Limits

  /// A portfolio within `limits`.
  public init(
    sea: SEA = SEA(), restarts: Int = 0, seed: UInt64 = 1, polishes: Bool = true,
    limits: Limits = Limits()
  ) {
    self.sea = sea
    self.restarts = restarts
    self.seed = seed
    self.polishes = polishes
    self.limits = limits
  }

  /// On large problems about three times the cost of SEA from zero at most.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try solve(problem, sparsity: sparsity, resuming: nil, keeper: nil, observer: observer)
  }

  /// The same from a checkpoint, or handing out checkpoints: the solvers then share no Gram columns,
  /// so that what one finds does not depend on a break before it.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, resuming checkpoint: Checkpoint?,
    keeper: CheckpointKeeper<Checkpoint>?, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    let search = try Search(Self.name, problem, sparsity: sparsity, limits: limits)
    let restarts = try valid(restarts, "restarts", atLeast: 0)
    var record: PortfolioRecord?
    if keeper != nil || checkpoint != nil {
      try sea.gradient.resolved(for: problem.problem).requireCheckpoints()
      let facts = facts(problem, sparsity: sparsity)
      try checkpoint?.validate(facts, problem.problem, sparsity: search.atomCount)
      record = PortfolioRecord(facts, keeper: keeper, resuming: checkpoint)
    }
    if let stop = search.triviality { return try search.solution(stop, problem) }
    var attempts = Attempts(problem, sparsity: sparsity, limits: limits, record: record)
    let stop = try run(&attempts, problem.problem, search.atomCount, restarts, observer)
    if let solution = attempts.solution(stop ?? .converged) { return solution }
    // No attempt had a result that doubles can hold: this one says which number is beyond them.
    return try OMP(limits: limits).solve(problem, sparsity: sparsity, observer: observer)
  }

  /// Runs one solver after the other, until there is a reason to stop.
  private func run<E: Engine>(
    _ attempts: inout Attempts<E>, _ problem: RecoveryProblem, _ k: Int, _ restarts: Int,
    _ observer: Observer
  ) throws(RecoveryError) -> StopReason? {
    let few = problem.model.isNonnegative ? Self.fewSignedSupports : Self.fewSupports
    if Exhaustive.supports(problem.atoms.usableColumns, k) <= few {
      return try attempts.run(observer) { Exhaustive(limits: $0) }
    }
    let isLarge = problem.presentRows * problem.columns >= Self.largeSize
    for make in isLarge ? Self.quick : Self.quick + Self.thorough {
      if let stop = try attempts.run(observer, make) { return stop }
    }
    // Two of three agree: if there were anything better nearby, a hundred iterations would show it.
    let agree = attempts.agree([SP.name, OMP.name, CoSaMP.name])
    let patience = isLarge && agree ? 100 : nil
    if patience == nil {
      if let stop = try attempts.run(observer, { exploring(.zero, $0) }) { return stop }
    }
    for leader in attempts.leaders(isLarge ? 1 : 4) {
      let start = SEA.Start.atoms(leader.solution.atomCoefficients)
      let stop = try attempts.run(from: leader.name, observer) {
        exploring(start, $0, patience: patience)
      }
      if let stop { return stop }
    }
    for restart in 0..<restarts {
      let start = SEA.Start.atoms(perturbed(attempts.best, problem, restart))
      let stop = try attempts.run(from: "restart \(restart + 1)", observer) { exploring(start, $0) }
      if let stop { return stop }
    }
    guard polishes, patience == nil, let best = attempts.best else { return nil }
    let support = best.solution.atomCoefficients.support
    return try attempts.run(from: best.name, observer) {
      ELS(start: .support(support), limits: $0)
    }
  }

  private func exploring(_ start: SEA.Start, _ limits: Limits, patience: Int? = nil) -> SEA {
    var sea = sea
    sea.start = start
    sea.limits = limits
    if let patience { sea.limits.stagnation = min(limits.stagnation ?? patience, patience) }
    return sea
  }

  /// What runs before SEA: the cheapest first, unlike ones early.
  private static let quick: [@Sendable (Limits) -> any Solver] = [
    { SP(limits: $0) }, { OMP(limits: $0) }, { CoSaMP(debiases: true, limits: $0) },
  ]
  /// What runs as well where a pass over A costs little.
  private static let thorough: [@Sendable (Limits) -> any Solver] = [
    { OLS(limits: $0) }, { GOMP(limits: $0) }, { FoBa(limits: $0) }, { CoSaMP(limits: $0) },
    { NIHT(limits: $0) }, { AIHT(limits: $0) }, { HTP(limits: $0) }, { FHTP(limits: $0) },
    { OMPR(start: OMP(limits: $0), limits: $0) }, { Splicing(limits: $0) },
    { ELS(start: .solver(OMP(limits: $0)), limits: $0) },
    { ELS(start: .solver(OLS(limits: $0)), limits: $0) },
  ]

  /// So many supports are tried one by one: some hundredths of a second.
  private static var fewSupports: Double { 1e5 }
  /// With signs, where many of them take a projection.
  private static var fewSignedSupports: Double { 1e4 }
  /// From so many entries of A on, a pass over A is what counts.
  private static var largeSize: Int { 1 << 20 }

  /// The best solution with every coefficient scaled at random, and as many other atoms brought in.
  private func perturbed<E: Engine>(
    _ best: Attempts<E>.Found?, _ problem: RecoveryProblem, _ restart: Int
  ) -> SparseVector {
    var generator = SeededGenerator(seed: seed &+ UInt64(restart))
    guard let x = best?.solution.atomCoefficients else {
      return SparseVector(support: [], coefficients: [])
    }
    var entries = Dictionary(
      uniqueKeysWithValues: zip(x.support, x.coefficients.map { $0 * generator.uniform() }))
    for (j, size) in zip(generator.sample(x.support.count, of: problem.columns), x.coefficients)
    where entries[j] == nil && problem.atoms.isUsable(j) {
      entries[j] = abs(size) * generator.normal()
    }
    let support = entries.keys.sorted()
    return SparseVector(support: support, coefficients: support.compactMap { entries[$0] })
  }
}
