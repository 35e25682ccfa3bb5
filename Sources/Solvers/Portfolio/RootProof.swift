import SparseCore

/// Whether a support that others found is the best there is, as far as the first bound of a ``SearchTree`` tells.
///
/// The Gram matrix of all atoms, about 3 · n³ flops, and no pass over A.
struct RootProof: IterativeSolver {
  static let name = BranchAndBound.name

  /// The support, of atoms.
  var support: [Int]
  var limits: Limits

  /// Whether such a bound can tell anything, and costs less than a search: where all atoms are in one working set.
  static func applies(to workspace: Workspace) throws(RecoveryError) -> Bool {
    let problem = workspace.problem
    guard problem.atoms.usableColumns <= problem.mostIndependentAtoms else { return false }
    return try workspace.host.gram() != nil
  }

  /// Where the bound was not looked at yet.
  struct State: IterationState {
    var tree: SearchTree
    var isDone = false

    init(_ tree: SearchTree) { self.tree = tree }

    func write(to writer: inout StateWriter) {
      writer.write(isDone)
      tree.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(RecoveryError) {
      isDone = try reader.flag()
      tree = try SearchTree(from: &reader)
    }
  }

  /// It does.
  var recoversJointly: Bool { true }

  /// Only time, nothing left to explain, and the observer stop it before its own rule does.
  func limits(sparsity: Int) -> Limits { limits.evaluating(.max) }

  /// None: a portfolio compares its own.
  func facts(_ problem: RecoveryProblem) -> [(name: String, value: String)] { [] }

  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    State(try SearchTree(workspace, best: workspace.project(onto: support)))
  }

  /// The bound of all supports, and what it leads to.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if let first = state.tree.takeStart() { return Step(first) }
    guard !state.isDone, let norm = search.best?.residualNorm else { return .end(.converged) }
    let target = norm * norm * (1 - SearchTree.leastGap)
    let advance = try state.tree.advance(
      atMost: search.atomCount, below: target, on: workspace, until: search.interruption)
    guard let advance else { return search.cut() }
    state.isDone = true
    return Step(advance.found.map { Candidate($0) }, stop: .converged)
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
