public import SparseCore

/// Several solvers in turn, and a search in rounds from the best of what they find: the best loss is
/// returned.
///
/// No solver is best everywhere: message passing leads on incoherent columns, tabu search on coherent
/// ones and on data, and where the columns are many a cheap pursuit finds what there is to find. All of
/// them share the atoms, projections and Gram columns of one ``Workspace``.
///
/// Where every support can be tried, every one is, and the answer is the optimum, whatever the model.
/// Else cheap solvers run first, then message passing, then rounds of walks and message passing from
/// unlike starts, on all cores, with explorations by SEA between them; of a table, a bound on the loss of all
/// supports ends it where it proves the best, and else branch and bound has a part of every round. It ends early when
/// nothing is left to explain, and on large problems when two of the first three agree and SEA finds nothing better nearby.
/// Several observations with one support are searched by the same members. Under another loss than least squares the cheap
/// solvers run, then splicing, SEA from the best of them, exchanges of one atom from each, and rounds of exchanges from unlike
/// starts. Groups of columns are found by the same, with rounds of walks over exchanges of groups, or of splicing.
public struct Portfolio: ResumableSolver {
  /// `portfolio`.
  public static let name = "portfolio"

  /// It ends by a rule of its own, and what others lead to may be better.
  public static var pathRule: PathRule { .improved }

  /// It does, with those of its members that do.
  public var minimizesAnyLoss: Bool { true }

  /// It does, with those of its members that do.
  public var recoversJointly: Bool { true }

  /// It does, with those of its members that do.
  public var recoversGroups: Bool { true }

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("effort", "how long it searches", choice: \.effort),
      SolverOption("rounds", "rounds of search; by the size of the problem unless given", \.rounds),
      SolverOption("seed", "what random starts are drawn from", seed: \.seed),
      SolverOption("threads", "searches at once; the cores unless given", \.threads),
      SolverOption("gradient", "how SEA computes gradients", choice: \.sea.gradient),
      SolverOption("step-size", "η of SEA", \.sea.stepSize),
    ]
  }

  /// How long it searches.
  public var effort: Effort
  /// How many rounds of search there are, or nil for what the effort says. Equal numbers give equal
  /// answers, whatever the number of cores.
  public var rounds: Int?
  /// What random starts and tenures are drawn from.
  public var seed: UInt64
  /// How SEA explores; its start takes no part.
  public var sea: SEA
  /// The limits of every solver; the time is that of all together, and the search looks at it between two
  /// rounds.
  public var limits: Limits
  /// How many searches of a round run at once, or nil for one a core. The answer does not depend on it.
  public var threads: Int?

  /// Under another loss than least squares, what fits of an exhaustive search take before it is given up: three times
  /// what they do where each takes as many steps as most.
  var mostFitWork = 3 * Self.fitsNanoseconds

  /// How many sparsities of a path share the rounds that the effort says.
  private var share = 1

  /// A portfolio within `limits`.
  public init(
    effort: Effort = .normal, rounds: Int? = nil, seed: UInt64 = 1, sea: SEA = SEA(),
    limits: Limits = Limits(), threads: Int? = nil
  ) {
    self.threads = threads
    self.effort = effort
    self.rounds = rounds
    self.seed = seed
    self.sea = sea
    self.limits = limits
  }

  /// Each of the sparsities has as large a part of the rounds of ``Effort/normal``, two searches at least.
  public func shared(by sparsities: Int) -> Portfolio {
    var part = self
    part.share = max(sparsities, 1)
    return part
  }

  /// How long a thorough search goes on unless told otherwise.
  public static let thoroughTime = Duration.seconds(10)

  /// On large problems about three times the cost of SEA from zero at most; else some seconds of a
  /// processor, or what is asked for.
  ///
  /// From a checkpoint, or handing out checkpoints, the solvers share no Gram columns, so that what one
  /// finds does not depend on a break before it.
  ///
  /// - Throws: what ``Solver/solve(_:sparsity:observer:)`` throws; also for fewer than 1 round.
  public func solve(
    _ workspace: Workspace, sparsity: Int, resuming checkpoint: CompositeCheckpoint?,
    keeper: CheckpointKeeper<CompositeCheckpoint>?, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    var limits = limits
    if effort == .thorough, rounds == nil { limits.time = limits.time ?? Self.thoroughTime }
    let search = try Search(
      Self.name, workspace, sparsity: sparsity, limits: limits, minimizesAnyLoss: minimizesAnyLoss,
      recoversJointly: recoversJointly, recoversGroups: recoversGroups)
    if let rounds { _ = try valid(rounds, "rounds") }
    var record: CompositeRecord?
    if keeper != nil || checkpoint != nil {
      record = try CompositeRecord(
        Self.name, facts(workspace, sparsity: sparsity), keeper: keeper, resuming: checkpoint)
    }
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    var attempts = Attempts(workspace, sparsity: sparsity, limits: limits, record: record)
    let stop = try run(&attempts, workspace, search, observer)
    if let solution = attempts.solution(stop ?? .converged) { return solution }
    // No attempt had a result that doubles can hold, or the loss failed them all: this one says why.
    return try OMP(limits: limits).solve(workspace, sparsity: sparsity, observer: observer)
  }

  /// What its searches in rounds are told.
  private var settings: SearchSettings {
    SearchSettings(rounds: rounds, share: share, effort: effort, seed: seed, threads: threads)
  }

  /// Runs one solver after the other, until there is a reason to stop.
  private func run(
    _ attempts: inout Attempts, _ workspace: Workspace, _ search: Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason? {
    let (problem, k) = (workspace.problem, search.atomCount)
    if Exhaustive.supports(problem.atoms.usableGroups, search.groupCount)
      <= fewSupports(problem, k)
    {
      let stop = try attempts.run(observer) {
        var exhaustive = Exhaustive(limits: $0)
        exhaustive.mostWork = mostFitWork
        return exhaustive
      }
      guard stop == nil, !attempts.latestConverged else { return stop }
    }
    let isLarge = problem.presentRows * problem.columns >= Self.largeSize
    guard problem.hasSquaredLoss, problem.atoms.groups == nil else {
      return try runPursuits(&attempts, workspace, isLarge: isLarge, observer)
    }
    for make in isLarge ? Self.pursuits : Array(Self.pursuits.prefix(2)) {
      if let stop = try attempts.run(observer, make) { return stop }
    }
    if let stop = try eliminate(&attempts, workspace, observer) { return stop }
    guard effort != .quick else { return nil }
    let proves = try RootProof.applies(to: workspace, sparsity: k)
    if proves, let support = attempts.best?.solution.atomCoefficients.support {
      let stop = try attempts.run(observer) { RootProof(support: support, limits: $0) }
      if let stop { return stop }
    }
    if isLarge, effort == .normal, attempts.agree([SP.name, OMP.name, CoSaMP.name]),
      let leader = attempts.best
    {
      // Two of three agree: if there were anything better nearby, a hundred iterations would show it.
      return try explore(from: leader, &attempts, problem, observer)
    }
    var passesMessages = false
    if try workspace.host.atoms() != nil || effort == .thorough {
      if let stop = try attempts.run(observer, { AMP(limits: $0) }) { return stop }
      passesMessages = !attempts.latestDiverged
    }
    let elite = attempts.elite
    return try attempts.run(observer) { limits in
      RoundSearch(
        elite: elite, settings: settings, passesMessages: passesMessages, proves: proves, sea: sea,
        limits: limits)
    }
  }

  /// The members that minimise any loss and select groups: the pursuits, then SEA from the best of them, exchanges from all,
  /// and a search in rounds.
  private func runPursuits(
    _ attempts: inout Attempts, _ workspace: Workspace, isLarge: Bool, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason? {
    // On large problems two that agree are enough, and exchanges tell whether there is anything better nearby.
    var isSettled: Bool { isLarge && attempts.agree([SP.name, OMP.name, CoSaMP.name]) }
    for make in Self.pursuits where !isSettled {
      let stop = try attempts.run(observer) { make($0.stagnating(after: Self.patience)) }
      if let stop { return stop }
    }
    if let stop = try eliminate(&attempts, workspace, observer) { return stop }
    guard effort != .quick else { return nil }
    if let stop = try attempts.run(observer, { Splicing(limits: $0) }) { return stop }
    guard let leader = attempts.best else { return nil }
    if !isSettled, let stop = try explore(from: leader, &attempts, workspace.problem, observer) {
      return stop
    }
    guard workspace.problem.atoms.groups == nil else {
      let isHuge =
        workspace.problem.presentRows * workspace.problem.columns >= Self.hugeSize
      guard !isSettled || !isHuge || effort == .thorough else { return nil }
      let elite = attempts.elite
      return try attempts.run(observer) { limits in
        GroupSearch(elite: elite, settings: settings, limits: limits)
      }
    }
    let starts = attempts.elite.members.map(\.support)
    let stop = try attempts.run(observer) {
      var descent = LossDescent(starts: starts, limits: $0)
      if effort == .normal { descent.mostWork = descentWork(workspace.problem, starts) }
      return descent
    }
    if let stop { return stop }
    guard !isSettled || effort == .thorough else { return nil }
    let elite = attempts.elite
    return try attempts.run(observer) { limits in
      LossSearch(elite: elite, settings: settings, limits: limits)
    }
  }

  /// What columns explain together and none of them alone shows in an elimination from all of them.
  private func eliminate(
    _ attempts: inout Attempts, _ workspace: Workspace, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason? {
    guard workspace.problem.atoms.groups == nil, try Backward.takesAll(workspace) else {
      return nil
    }
    return try attempts.run(observer) { Backward(limits: $0) }
  }

  /// SEA near what another solver found.
  private func explore(
    from leader: Attempts.Found, _ attempts: inout Attempts, _ problem: RecoveryProblem,
    _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason? {
    let patience = problem.atoms.groups == nil ? Self.patienceOfSEA : Self.patienceOfSEAOnGroups
    return try attempts.run(from: leader.name, observer) { limits in
      var sea = sea
      sea.start = .atoms(leader.solution.atomCoefficients)
      sea.limits = limits.stagnating(after: patience)
      return sea
    }
  }

  /// What a portfolio depends on, beside what SEA does. Limits of iterations end single solvers, so
  /// that others would leave others behind.
  private func facts(_ workspace: Workspace, sparsity: Int) -> [ProblemFact] {
    var sea = sea
    sea.start = .zero
    return ProblemFact.problem(workspace.problem, sparsity: sparsity)
      + sea.facts(workspace.problem).map { ProblemFact($0.name, $0.value) }
      + ProblemFact.place(workspace)
      + [
        ProblemFact("effort", effort.rawValue),
        ProblemFact("rounds", rounds.map { "\($0)" } ?? "any"), ProblemFact("share", "\(share)"),
        ProblemFact("seed", "\(seed)"),
      ] + ProblemFact.limits(limits)
  }

  /// What runs first, the cheapest first: the last where A is large, to tell which of two is right. Where
  /// it is not, dependent columns can cost CoSaMP more than the whole search.
  private static let pursuits: [@Sendable (Limits) -> any IterativeSolver] = [
    { SP(limits: $0) }, { OMP(limits: $0) }, { CoSaMP(debiases: true, limits: $0) },
  ]

  /// Under another loss than least squares pursuits end after so many iterations without a better support: CoSaMP by its own
  /// rule only where a set comes back, which on noise it hardly does, and each of its fits is one of 3k atoms.
  private static var patience: Int { 10 }
  /// SEA near a support ends after so many; on groups, where each is a pass over A, sooner.
  private static var patienceOfSEA: Int { 100 }
  private static var patienceOfSEAOnGroups: Int { 20 }
  /// So many supports are tried one by one: some hundredths of a second, and some tenths where each is fitted.
  private func fewSupports(_ problem: RecoveryProblem, _ k: Int) -> Double {
    guard problem.hasSquaredLoss else {
      return Self.fitsNanoseconds / FitWork(problem).usualFit(of: k)
    }
    guard problem.atoms.groups == nil else {
      return Self.fitsNanoseconds / FitWork(problem).projection(onto: k)
    }
    return problem.model.isNonnegative ? Self.fewSignedSupports : Self.fewUnsignedSupports
  }

  /// What descents over exchanges take at most: what a search takes afterwards, and so many fits of ten steps. They are fewer
  /// but where supports are nearly dependent or separate labels, of which a fit may take hundreds of steps.
  private func descentWork(_ problem: RecoveryProblem, _ starts: [[Int]]) -> Double {
    let largest = starts.map(\.count).max() ?? 0
    return LossSearch.descentNanoseconds / Double(share)
      + Self.fewFits * FitWork(problem).usualFit(of: largest)
  }

  private static var fewFits: Double { 200 }
  private static var fewUnsignedSupports: Double { 1e5 }
  /// With signs, where many of them take a projection.
  private static var fewSignedSupports: Double { 1e4 }
  /// Of all fits together.
  private static var fitsNanoseconds: Double { 3e8 }
  /// From so many entries of A on, a pass over A is what counts.
  private static var largeSize: Int { 1 << 20 }
  /// From so many on, the Gram matrix of a working set of groups takes longer than all pursuits.
  private static var hugeSize: Int { 1 << 24 }
}

/// How long a portfolio searches.
public enum Effort: String, Sendable, Codable, CaseIterable {
  /// Cheap solvers, one after another: a few dozen passes over A.
  case quick
  /// These, message passing, and a number of rounds of search that depends on the size of the problem:
  /// about a second of a processor where nothing ends it before.
  case normal
  /// Rounds of search until the time limit, ten seconds unless given.
  case thorough
}

/// What a portfolio tells a search in rounds.
struct SearchSettings: Sendable {
  /// How many rounds there are, or nil for what the effort says.
  var rounds: Int?
  /// How many searches share the work that the effort says.
  var share = 1
  var effort = Effort.normal
  /// What random starts are drawn from.
  var seed: UInt64 = 1
  /// How many jobs of a round run at once, or nil for one a core. What is found does not depend on it.
  var threads: Int?

  /// Whether the work ends it, and not a number of rounds or the time.
  var isBounded: Bool { effort == .normal && rounds == nil }

  /// How many jobs run at once, each of which holds so many bytes of some memory.
  func workers(holding bytes: Int = 0, of memory: Int = .max) -> Int {
    max(1, min(threads ?? AvailableCores.count, memory / max(bytes, 1)))
  }
}
