public import SparseCore

/// Branch and bound: the best support there is, with the proof that no other one is better.
///
/// A node of the tree has chosen some atoms and left out others. The perspective bound says how small the loss of any of its
/// supports can be; what cannot be smaller than the best support known is not looked at. Candidates that are in all or in
/// none of the better supports are settled by the same bound (Atamtürk and Gómez 2020); of the others one is chosen to
/// branch on. The node of the smallest bound comes first, so that this bound holds for all supports at any time (Bertsimas,
/// King and Mazumder 2016 by a general solver; Hazimeh, Mazumder and Saab 2022; Liu, Rosen, Zhong and Rudin 2023).
///
/// The bound needs columns that are not in the span of the others, or a ridge: where there are more columns than rows and no
/// ridge, nothing can be proved but by trying all supports.
public struct BranchAndBound: IterativeSolver {
  /// `bnb`.
  public static let name = "bnb"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption { $0.start = $1 },
      SolverOption("gap", "the share of the loss that need not be proved", fraction: \.gap),
    ]
  }

  /// Who finds the support that others have to be better than.
  public var start: any Solver
  /// The share of the loss that need not be proved: of a support whose loss is smaller by no more, the proof says nothing.
  public var gap: Double
  /// When to stop before there is a proof: by time, by a residual that leaves nothing to explain, or by the observer. The
  /// other limits have no say.
  public var limits: Limits

  /// A search that begins with what `start` finds.
  public init(
    start: any Solver = Portfolio(effort: .quick), gap: Double = 1e-9,
    limits: Limits = Limits()
  ) {
    self.start = start
    self.gap = gap
    self.limits = limits
  }

  /// It does.
  public var recoversJointly: Bool { true }

  /// As many as there are.
  public func limits(sparsity: Int) -> Limits { limits.evaluating(.max) }

  /// The most columns that may be selected: the matrices of a node take 32 MB each.
  static var mostColumns: Int { 2048 }
  /// So many supports are tried where no bound can be told from zero.
  private static var fewSupports: Double { 50_000 }

  /// - Throws: ``RecoveryError/unsupportedModel(solver:option:)`` for too many columns, and for more columns than rows
  ///   without a ridge; ``RecoveryError/invalidOption(name:value:expected:)``.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> SearchTree {
    let problem = workspace.problem
    guard gap >= 0, gap < 1 else {
      throw .invalidOption(name: "gap", value: "\(gap)", expected: "a number from 0 up to 1")
    }
    let (n, k) = (problem.atoms.usableColumns, search.atomCount)
    guard
      SearchTree.applies(to: problem, atMost: k, columns: Self.mostColumns)
        || n <= Self.mostColumns && Exhaustive.supports(n, k) <= Self.fewSupports
    else {
      throw .unsupportedModel(solver: Self.name, option: Self.refusal(of: problem, atMost: k))
    }
    return try SearchTree(
      workspace, atMost: k, best: workspace.start(start, search, observer: observer))
  }

  /// Why there would be no proof.
  private static func refusal(of problem: RecoveryProblem, atMost k: Int) -> String {
    let (n, rows) = (problem.atoms.usableColumns, problem.mostIndependentAtoms)
    if problem.model.ridge > 0 {
      return "\(n) columns and k = \(k); with a ridge, it takes any number of columns for k up to "
        + "\(WideNodes.mostSparsity), and \(mostColumns) for more"
    }
    if n > rows { return "\(n) columns, \(rows) rows and no ridge, where nothing can be proved" }
    return "\(n) columns; it takes at most \(mostColumns) without a ridge"
  }

  /// Some nodes, side by side.
  public func step(
    _ state: inout SearchTree, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    state.toldAll()
    if let first = state.takeStart() { return Step(first) }
    let norm = search.best?.residualNorm ?? .infinity
    let target = norm * norm * (1 - gap)
    guard state.bound < target else { return .end(.converged) }
    let advance = try state.advance(
      atMost: search.atomCount, below: target, on: workspace, until: search.interruption)
    guard let advance else { return search.cut() }
    return advance.found.isEmpty ? .silent : Step(advance.found.map { Candidate($0) })
  }

  /// Says how much of the loss is not proved.
  public func finish(
    _ state: inout SearchTree, _ workspace: Workspace, _ search: inout Search,
    after stop: StopReason, observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    guard let norm = search.best?.residualNorm, norm > 0 else { return stop }
    search.optimalityGap = state.gap(below: norm * norm, atLeast: gap)
    if state.isDoubtful { search.warn(.nothingProved) }
    return stop
  }
}
