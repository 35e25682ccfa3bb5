public import SparseCore

/// Orthogonal matching pursuit: Pati, Rezaiifar and Krishnaprasad 1993; Tropp and Gilbert 2007.
///
/// Adds the atom most correlated with the residual, projects, and repeats until the support has k
/// atoms or nothing is left to explain.
public struct OMP: IterativeSolver {
  /// `omp`.
  public static let name = "omp"

  /// Every support on the way is the solution for its size.
  public static var pathRule: PathRule { .nested }

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption(
        "gradient", "how correlations are computed", expected: "one of auto, direct, gram, blocked"
      ) { omp, text in
        // Directly where a product of columns is missing.
        guard let gradient = Gradient(rawValue: text == "gram" ? "direct" : text) else {
          return false
        }
        omp.gradient = gradient
        return true
      }
    ]
  }

  /// When to stop before k atoms are found. OMP evaluates k supports, whatever the iterations here.
  public var limits: Limits
  /// How correlations are computed; the supports are the same.
  public var gradient: Gradient

  /// A pursuit within `limits`.
  public init(gradient: Gradient = .auto, limits: Limits = Limits()) {
    self.gradient = gradient
    self.limits = limits
  }

  /// Where a pursuit stands.
  public enum State: IterationState {
    /// The algorithm read plainly: the specification of the faster way.
    case direct(PointState)
    /// Steps foreseen.
    case blocked(BlockedPursuit)

    /// Writes which it is, and that.
    public func write(to writer: inout StateWriter) throws(RecoveryError) {
      switch self {
      case .direct(let point):
        writer.write(false)
        point.write(to: &writer)
      case .blocked(let pursuit):
        writer.write(true)
        pursuit.write(to: &writer)
      }
    }

    /// Reads which it is, and that.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      guard try reader.flag() else {
        self = .direct(try PointState(from: &reader))
        return
      }
      let problem = reader.workspace.problem
      try reader.require(problem.hasSquaredLoss && problem.atoms.groups == nil)
      self = .blocked(try BlockedPursuit(from: &reader))
    }
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// k supports.
  public func limits(sparsity: Int) -> Limits { limits.evaluating(max(sparsity, 1)) }

  /// x = 0; blocked, one pass over A.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    // Signs are told apart on the host only, and what is foreseen is least squares of one observation.
    if !workspace.problem.model.isNonnegative, workspace.problem.hasSquaredLoss,
      workspace.problem.planes == 1, workspace.problem.atoms.groups == nil,
      gradient.isBlocked(for: workspace.problem, sparsity: search.atomCount, on: workspace.engine)
    {
      return .blocked(try BlockedPursuit(workspace, sparsity: search.atomCount))
    }
    return .direct(try PointState(workspace))
  }

  /// One gradient, one pass over A where no Gram columns are at hand, and one projection; blocked, a
  /// fraction of these passes: see ``BlockedPursuit``.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    switch state {
    case .direct(var point):
      let x = point.x
      guard workspace.problem.atoms.groupCount(of: x.support) < search.groupCount else {
        return .end(.iterations)
      }
      // j ← argmax |a_jᵀ r| over j ∉ S, or the group that explains most
      let entering = try workspace.strongest(1, at: x).support
      guard !entering.isEmpty else { return .end(.residual) }
      // x ← argmin ‖A x − y‖₂ over supp(x) ⊂ S ∪ {j}
      point.x = try workspace.project(onto: x.support.union(entering))
      state = .direct(point)
      return Step(point.x)
    case .blocked(var pursuit):
      defer { state = .blocked(pursuit) }
      return try pursuit.step(search)
    }
  }
}

extension OMP {
  /// How the correlations with residuals are computed. Every way finds the same supports.
  public enum Gradient: String, Sendable, Codable, CaseIterable {
    /// `blocked` where it pays, else `direct`.
    case auto
    /// One residual after the other: one pass over A for each.
    case direct
    /// Steps foreseen on a working set of promising atoms, verified many in a pass: see
    /// ``BlockedPursuit``.
    case blocked

    /// Whether steps are foreseen.
    ///
    /// The passes saved read about k · m · n numbers, the Gram matrices of the working sets take some
    /// 4 · m · |W|² flops, and steps taken again |W| numbers of each state. Short columns in the cache are read in
    /// less time than the selections of a step take: blocked was faster from 400 rows or 32 MB of doubles on, and
    /// as long as k · n is more than |W|² for a thousand rows, more than 2 |W|² for half of them.
    func isBlocked(for problem: RecoveryProblem, sparsity: Int, on engine: any Engine) -> Bool {
      switch self {
      case .auto:
        let breadth = Foresight.breadth(problem, sparsity: sparsity)
        let isLong = problem.rows >= 400 || problem.rows * problem.columns >= 4 << 20
        return engine.residualsInPass > 1 && isLong
          && sparsity * problem.columns * min(problem.rows, 1000) >= 1000 * breadth * breadth
      case .direct: return false
      case .blocked: return true
      }
    }
  }
}
