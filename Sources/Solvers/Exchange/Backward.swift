import LeastSquares
public import SparseCore

/// Backward elimination: least squares on all columns, of which one after another is taken out, each time the one without which
/// the loss grows least (Efroymson 1960).
///
/// It sees what columns explain together and none of them alone, such as the difference of two that are nearly equal:
/// methods that let one column enter after another do not. Where there are more columns than rows, it begins with those that
/// OMP selects, four times as many as wanted. Under another loss than least squares it goes by the second-order model of
/// the loss, first at the null model, then at what it found, until it finds that again.
public struct Backward: IterativeSolver {
  /// `backward`.
  public static let name = "backward"

  /// None.
  public static var options: [SolverOption<Self>] { [] }

  /// When to stop before its own rule does.
  public var limits: Limits

  /// An elimination within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }

  /// The most columns to begin with: their matrices take 32 MB each.
  private static var mostColumns: Int { 2048 }
  /// So many times k columns are selected to begin with, where not all can be.
  private static var breadth: Int { 4 }
  /// So often the model is made again at most.
  private static var mostModels: Int { 8 }

  /// What to take out of, and what was found.
  public struct State: IterationState {
    /// The atoms to begin with.
    var candidates: [Int]
    /// The supports found so far, the latest last.
    var supports: [[Int]] = []

    init(_ candidates: [Int]) { self.candidates = candidates }

    /// Writes both.
    public func write(to writer: inout StateWriter) {
      writer.write(candidates)
      writer.write(supports) { $0.write($1) }
    }

    /// Reads both.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      candidates = try reader.support(atMost: reader.workspace.problem.columns)
      supports = try reader.array { (reader) throws(RecoveryError) in
        try reader.support(atMost: reader.atomCount)
      }
    }
  }

  /// Whether it begins with all columns: no more than can be told apart, all of them on the host.
  static func takesAll(_ workspace: Workspace) throws(RecoveryError) -> Bool {
    let problem = workspace.problem
    let n = problem.atoms.usableColumns
    guard n <= min(problem.mostIndependentAtoms, mostColumns) else { return false }
    return try workspace.host.atoms() != nil
  }

  /// The atoms to begin with: all, or what OMP selects.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    let problem = workspace.problem
    if try Self.takesAll(workspace) { return State(problem.atoms.usable) }
    let k = search.atomCount
    let most = max(min(Self.breadth * k, problem.mostIndependentAtoms / 2), k)
    let grown = try OMP(limits: limits).solve(
      workspace, sparsity: min(most, problem.atoms.usableColumns) + problem.atoms.required.count
    ) { _ in search.interruption.reason == nil ? .proceed : .stop }
    return State(grown.atomCoefficients.support)
  }

  /// All of an elimination: m · n² + 3 · n³ flops on the host, and a projection.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let (problem, k) = (workspace.problem, search.atomCount)
    guard state.candidates.count > k else {
      return Step(try workspace.project(onto: state.candidates), stop: .converged)
    }
    guard problem.hasSquaredLoss else { return try refine(&state, workspace, k) }
    var elimination = try leastSquares(on: state.candidates, workspace)
    elimination?.reduce(to: k)
    let x = try workspace.project(onto: left(of: elimination, state, workspace, k))
    return Step(x, stop: .converged)
  }

  /// What is left, or where there is no Gram matrix with an inverse the atoms with the largest gradients.
  private func left(
    of elimination: Elimination?, _ state: State, _ workspace: Workspace, _ k: Int
  ) throws(RecoveryError) -> [Int] {
    if let elimination { return elimination.left.map { state.candidates[$0] } }
    return try workspace.strongest(k, at: workspace.nullModel()).support.sorted()
  }

  /// By the Gram matrix of these atoms.
  private func leastSquares(
    on candidates: [Int], _ workspace: Workspace
  ) throws(RecoveryError) -> Elimination? {
    let problem = workspace.problem
    if candidates == problem.atoms.usable, let atoms = try workspace.host.atoms() {
      let gram = if let known = try workspace.host.gram() { known } else { try atoms.gram() }
      return try Elimination([(gram, atoms.correlate(problem.scaledPlanes))])
    }
    let atoms = try HostAtoms(candidates, of: problem)
    return try Elimination([(atoms.gram(), atoms.correlate(problem.scaledPlanes))])
  }

  /// By the model at the support found last.
  private func refine(
    _ state: inout State, _ workspace: Workspace, _ k: Int
  ) throws(RecoveryError) -> Step {
    let before = state.supports.last ?? []
    var elimination = try workspace.minimizer.elimination(of: state.candidates, around: before)
    elimination?.reduce(to: k)
    let x = try workspace.project(onto: left(of: elimination, state, workspace, k))
    let isKnown = state.supports.contains(x.support)
    state.supports.append(x.support)
    let isLast = isKnown || state.supports.count == Self.mostModels
    return Step(x, stop: isLast ? .converged : nil)
  }
}
