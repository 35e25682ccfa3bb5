import LeastSquares
public import SparseCore

/// Tries every support of k columns, or groups of columns: the exact optimum, for small problems and as a touchstone for
/// other solvers. It takes the whole model: a ridge, signs and other losses too.
public struct Exhaustive: IterativeSolver {
  /// `exhaustive`.
  public static let name = "exhaustive"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("most-supports", "how many supports it tries at most", \.mostSupports)
    ]
  }

  /// When to stop before all supports are tried: by time, by a residual that leaves nothing to
  /// explain, or by the observer. The other limits have no say.
  public var limits: Limits
  /// The most supports to try.
  public var mostSupports: Int
  /// Where every support is fitted, what fits may take by the model of ``FitWork`` before it gives up: of labels that
  /// nearly every support separates a fit takes hundreds of Newton steps.
  var mostWork = Double.infinity

  /// A search through at most `mostSupports` supports.
  public init(limits: Limits = Limits(), mostSupports: Int = 10_000_000) {
    self.limits = limits
    self.mostSupports = mostSupports
  }

  /// Where a search through all supports stands.
  public enum State: IterationState {
    /// Least squares, of which most supports take some flops.
    case tree(SupportTree)
    /// Another loss, or groups of columns: each support is fitted.
    case fits(SupportFits)

    /// Writes it.
    public func write(to writer: inout StateWriter) {
      switch self {
      case .tree(let tree): tree.write(to: &writer)
      case .fits(let fits): fits.write(to: &writer)
      }
    }

    /// Reads that of the problem.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      self =
        Exhaustive.sharesWork(on: reader.workspace.problem)
        ? .tree(try SupportTree(from: &reader)) : .fits(try SupportFits(from: &reader))
    }
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// Whether supports share the work of what they have in common.
  private static func sharesWork(on problem: RecoveryProblem) -> Bool {
    problem.hasSquaredLoss && problem.atoms.groups == nil
  }

  /// As many as there are.
  public func limits(sparsity: Int) -> Limits { limits.evaluating(.max) }

  /// - Throws: ``RecoveryError/tooManySupports(count:most:)``.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    try requireFew(workspace.problem, search.groupCount)
    return Self.sharesWork(on: workspace.problem)
      ? .tree(try SupportTree(workspace.problem, atomCount: search.atomCount))
      : .fits(SupportFits(workspace.problem, count: search.groupCount))
  }

  /// About 6 · p flops a support, p = min(m, n + 1), or n + 1 with a ridge, and none of them on the
  /// engine; with signs, a projection for every support that could be better without them.
  /// 8 · p · n · k bytes. The observer hears of every support that is better than those before, and of
  /// the best one again every 65536 supports. Under another loss, and of groups, a fit a support on all threads, and the
  /// best of 64 at a time.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    switch state {
    case .tree(var tree):
      defer { state = .tree(tree) }
      let found = try tree.next { (support) throws(RecoveryError) in
        let x = try workspace.project(onto: support)
        return x.residualNorm * x.residualNorm
      }
      guard let found else { return .end(.converged) }
      return Step([
        Candidate(
          found.best, residualNorm: found.squaredLoss.squareRoot(), untold: found.tried - 1)
      ])
    case .fits(var fits):
      guard fits.isComplete || fits.work < mostWork else { return .end(.iterations) }
      defer { state = .fits(fits) }
      guard let found = try fits.report(workspace) else { return .end(.converged) }
      return Step([Candidate(found.best, untold: found.tried - 1)])
    }
  }

  /// Where all were tried, none is better; but of losses without a minimum.
  public func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search,
    after stop: StopReason, observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    if case .fits(let fits) = state, !fits.areAttained { return stop }
    if stop == .converged { search.optimalityGap = 0 }
    return stop
  }

  /// - Throws: ``RecoveryError/tooManySupports(count:most:)``.
  func requireFew(_ problem: RecoveryProblem, _ groupCount: Int) throws(RecoveryError) {
    let count = Self.supports(problem.atoms.usableGroups, groupCount)
    guard count <= Double(mostSupports) else {
      throw .tooManySupports(count: count, most: mostSupports)
    }
  }

  /// n! / (k! (n − k)!), infinite beyond the range of a double.
  static func supports(_ n: Int, _ k: Int) -> Double {
    let k = min(k, n - k)
    return (0..<max(k, 0)).reduce(1) { count, i in
      (count * Double(n - i) / Double(i + 1)).rounded()
    }
  }
}
