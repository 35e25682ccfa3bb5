import SparseCore

/// Whether a support that others found is the best there is, as far as the first bound of a ``SearchTree`` tells.
///
/// The Gram matrix of all atoms, about 3 · n³ flops, and no pass over A; or some passes where they are too many for one.
struct RootProof: IterativeSolver {
  static let name = BranchAndBound.name

  /// The support, of atoms.
  var support: [Int]
  var limits: Limits

  /// Whether such a bound can tell anything, and costs less than a search: where all atoms are in one working set, or a few
  /// passes over A lead to it.
  static func applies(to workspace: Workspace, sparsity k: Int) throws(RecoveryError) -> Bool {
    let problem = workspace.problem
    if WideNodes.apply(to: problem, atMost: k) { return true }
    guard problem.atoms.usableColumns <= min(problem.mostIndependentAtoms, mostColumns) else {
      return false
    }
    return try workspace.host.gram() != nil
  }

  /// The bound, and the work that went into it.
  struct State: IterationState {
    var tree: SearchTree
    /// As of ``SearchTree/Advance``.
    var work = 0.0

    init(_ tree: SearchTree) { self.tree = tree }

    func write(to writer: inout StateWriter) {
      writer.write(work)
      tree.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(RecoveryError) {
      work = try reader.double()
      tree = try SearchTree(from: &reader)
    }
  }

  /// The eigenvalues of their Gram matrix take some hundredths of a second.
  private static var mostColumns: Int { 600 }
  /// Where more than that would go into it, rounds of search are worth more: a quarter of what they take.
  private static var mostWork: Double { 3e8 }

  /// It does.
  var recoversJointly: Bool { true }

  /// Only time, nothing left to explain, and the observer stop it before its own rule does.
  func limits(sparsity: Int) -> Limits { limits.evaluating(.max) }

  /// None: a portfolio compares its own.
  func facts(_ problem: RecoveryProblem) -> [(name: String, value: String)] { [] }

  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    State(
      try SearchTree(
        workspace, atMost: search.atomCount, best: workspace.project(onto: support)))
  }

  /// The bound of all supports, and what it leads to, until there is something to branch on.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    state.tree.toldAll()
    if let first = state.tree.takeStart() { return Step(first) }
    guard state.tree.isAtRoot, state.work < Self.mostWork, let norm = search.best?.residualNorm
    else { return .end(.converged) }
    let target = norm * norm * (1 - SearchTree.leastGap)
    guard state.tree.bound < target, state.tree.isPromising(below: norm * norm) else {
      return .end(.converged)
    }
    let advance = try state.tree.advance(
      atMost: search.atomCount, below: target, on: workspace, until: search.interruption)
    guard let advance else { return search.cut() }
    state.work += advance.work
    return advance.found.isEmpty ? .silent : Step(advance.found.map { Candidate($0) })
  }

  /// Says what is proved.
  func finish(
    _ state: inout State, _ workspace: Workspace, _ search: inout Search,
    after stop: StopReason, observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    guard let norm = search.best?.residualNorm, norm > 0 else { return stop }
    search.optimalityGap = state.tree.gap(below: norm * norm)
    return stop
  }
}
