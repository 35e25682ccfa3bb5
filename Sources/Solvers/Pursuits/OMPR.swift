public import SparseCore

/// Orthogonal matching pursuit with replacement: Jain, Tewari and Dhillon 2011, arXiv:1106.2774.
///
/// The l atoms outside S that correlate most with the residual replace those l of S with the
/// smallest coefficients, for as long as the residual decreases: the form of Axiotis and Sviridenko
/// 2020, arXiv:2006.14571. With a step size η it is the form of Jain et al.: of x + η g on S and on
/// these atoms, with g = Aᵀ(y − A x), the k largest entries stay.
public struct OMPR: IterativeSolver {
  /// `ompr`.
  public static let name = "ompr"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption { $0.start = $1 },
      SolverOption("exchanges", "how many atoms are exchanged at once", \.exchanges),
      SolverOption("step-size", "η of the gradient step; none unless given", \.stepSize),
    ]
  }

  /// l, how many atoms to replace at once, at least 1. All k of them, with a step size, are ``HTP``.
  public var exchanges: Int
  /// The step size η > 0, or nil to replace exactly l atoms.
  public var stepSize: Double?
  /// What finds the first support, or nil for the k atoms that correlate most with y.
  public var start: (any Solver)?
  /// When to stop while the residual still decreases.
  public var limits: Limits

  /// Replacement within `limits`; the start has limits of its own.
  public init(
    exchanges: Int = 1, stepSize: Double? = nil, start: (any Solver)? = nil,
    limits: Limits = Limits()
  ) {
    self.exchanges = exchanges
    self.stepSize = stepSize
    self.start = start
    self.limits = limits
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// What `start` finds, or the k atoms that correlate most with y.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> StartedState {
    StartedState(try workspace.start(start, search, observer: observer))
  }

  /// One gradient and one projection an iteration, after what the start costs.
  public func step(
    _ state: inout StartedState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let (k, x) = (search.groupCount, state.x)
    let most = min(try valid(exchanges, "exchanges"), k)
    if let first = state.takeFirst() { return first }
    let support = try replace(
      x, workspace.negativeGradient(at: x, outside: most), k, most, workspace)
    guard support != x.support else { return .end(.converged) }
    state.x = try workspace.project(onto: support)
    return Step(state.x, stop: state.x.residualNorm < x.residualNorm ? nil : .converged)
  }

  /// The next support. The gradient vanishes on the support of x.
  private func replace(
    _ x: Iterate, _ g: NegativeGradient, _ k: Int, _ most: Int, _ workspace: Workspace
  ) throws(RecoveryError) -> [Int] {
    if let stepSize { return g.step(try valid(stepSize: stepSize), keeping: k).support }
    let entering = g.largest(most).support
    let stay = k - workspace.problem.atoms.groupCount(of: entering)
    return try workspace.keeping(stay, of: x.vector).support.union(entering)
  }
}
