import SparseCore

/// Whether a support that others found is the best there is, as far as a few nodes of a ``SearchTree`` tell.
///
/// The Gram matrix of all atoms, about 3 · n³ flops, and no pass over A; or some passes where they are too many for one.
struct RootProof: PortfolioMember {
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
  /// Where more than that would go into the bound of all supports, rounds of search are worth more: a quarter of what they take.
  private static var mostRootWork: Double { 3e8 }
  /// A few nodes may be all that a proof needs where the bound is this share of the best loss.
  private static var nearShare: Double { 0.9 }
  /// As much goes into them; or two passes with 32 columns, as a search of a
  /// large matrix takes many.
  private static func mostWork(_ problem: RecoveryProblem) -> Double {
    max(1e8, 64 * WideNodes.passWork(problem))
  }

  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    State(
      try SearchTree(
        workspace, atMost: search.atomCount, best: workspace.project(onto: support)))
  }

  /// The bound of all supports and what it leads to, then a few nodes of the tree.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    state.tree.toldAll()
    if let first = state.tree.takeStart() { return Step(first) }
    let few = Self.mostWork(workspace.problem)
    let most = state.tree.isAtRoot ? max(Self.mostRootWork, few) : few
    guard state.work < most, let norm = search.best?.residualNorm else {
      return .end(.converged)
    }
    let target = norm * norm * (1 - SearchTree.leastGap)
    let share = state.tree.isAtRoot ? SearchTree.promisingShare : Self.nearShare
    guard state.tree.bound < target, state.tree.isPromising(below: norm * norm, share) else {
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
