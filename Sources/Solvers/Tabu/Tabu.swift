import LeastSquares
public import SparseCore

/// Tabu search over exchanges of one atom: Glover 1989; for regression Drezner, Marcoulides and Salhi
/// 1999.
///
/// Walks one after another: the first from the atoms that correlate most with the observation, the
/// others from the best with a part replaced, from what two good supports share, and from random ones. At
/// the end no exchange of one atom for any of the n columns lowers the loss of the best support.
public struct Tabu: Solver {
  /// `tabu`.
  public static let name = "tabu"

  /// What tenures and starts are drawn from: equal seeds visit equal supports.
  public var seed: UInt64
  /// When to stop. An iteration is an exchange.
  public var limits: Limits

  /// A search within `limits`.
  public init(seed: UInt64 = 1, limits: Limits = Limits()) {
    self.seed = seed
    self.limits = limits
  }

  /// About two nanoseconds for each of the k · |W| exchanges that a step looks at, where |W| is n up to 600
  /// atoms and about 16 · k beyond. Working sets are chosen again every 300 steps, on the host or, where A
  /// has more than four million entries, by (2 · k + 1) / ``Engine/residualsInPass`` passes over A.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let x = try problem.start(nil, search, observer: observer)
      if let stop = search.record(x, observer: observer) { return stop }
      guard !x.support.isEmpty else { return .converged }
      return try walk(from: x, problem, &search, observer)
    }
  }

  private func walk<E: Engine>(
    from x: Iterate, _ problem: LoadedProblem<E>, _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    var sets = ProblemWorkingSets(problem, sparsity: search.atomCount)
    var generator = SeededGenerator(seed: seed)
    let usable = problem.problem.atoms.usable
    let count = search.atomCount
    var elite = Elite()
    var start = x.support
    if start.count < count {
      elite.insert(start, x.residualNorm * x.residualNorm)
      start = elite.start(2, of: count, among: usable, &generator)
    }
    guard count < usable.count else { return .converged }
    var number = 0
    while true {
      var walk = SwapWalk(
        problem.problem, from: start, explained: search.explainedLoss,
        patience: SwapWalk.patience(sparsity: count, &generator), bansNeighbours: number % 2 == 1,
        generator: SeededGenerator(seed: generator.next()))
      var stop: StopReason?
      var goesOn = true
      while goesOn, stop == nil {
        let before = walk.steps
        goesOn = try walk.advance(min(Self.stepsInReport, search.iterationsLeft), on: &sets)
        search.skip(max(walk.steps - before - 1, 0))
        stop = search.record(try problem.project(onto: walk.best.support), observer: observer)
      }
      elite.insert(walk.best.support, walk.best.loss)
      if let stop {
        return try Descent.finish(&search, problem, on: &sets, after: stop, observer: observer)
      }
      start = elite.start(number, of: count, among: usable, &generator)
      number += 1
    }
  }

  /// Some tens of milliseconds at k · |W| = 10⁵.
  private static var stepsInReport: Int { 300 }
}
