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

  /// The most columns to begin with: their matrices take 32 MB each, and with one core an elimination some seconds. Under
  /// another loss each of its models takes one.
  private static func mostColumns(_ problem: RecoveryProblem) -> Int {
    problem.hasSquaredLoss ? 2048 : 600
  }
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
    guard n <= min(problem.mostIndependentAtoms, mostColumns(problem)) else { return false }
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
    let order = try eliminationOrder(of: state.candidates, workspace)
    let left =
      if let order { Array(order.suffix(k)) } else { try strongest(k, workspace) }
    return Step(try workspace.project(onto: left.sorted()), stop: .converged)
  }

  /// The atoms in the order in which they are taken out, by their Gram matrix; that of all atoms is computed once.
  private func eliminationOrder(
    of candidates: [Int], _ workspace: Workspace
  ) throws(RecoveryError) -> [Int]? {
    let problem = workspace.problem
    func order(_ atoms: HostAtoms, _ gram: [Double]) throws(RecoveryError) -> [Int]? {
      var elimination = try Elimination([(gram, atoms.correlate(problem.scaledPlanes))])
      elimination?.reduce(to: 0)
      return elimination?.takenOut.map { candidates[$0] }
    }
    guard candidates == problem.atoms.usable, let atoms = try workspace.host.atoms() else {
      let atoms = try HostAtoms(candidates, of: problem)
      return try order(atoms, atoms.gram())
    }
    if let known = workspace.eliminationOrder { return known }
    let gram = if let known = try workspace.host.gram() { known } else { try atoms.gram() }
    let found = try order(atoms, gram)
    workspace.eliminationOrder = found
    return found
  }

  /// The atoms with the largest gradients at the null model, where a Gram matrix has no inverse.
  private func strongest(_ k: Int, _ workspace: Workspace) throws(RecoveryError) -> [Int] {
    try workspace.strongest(k, at: workspace.nullModel()).support
  }

  /// By the model at the support found last.
  private func refine(
    _ state: inout State, _ workspace: Workspace, _ k: Int
  ) throws(RecoveryError) -> Step {
    let before = state.supports.last ?? []
    var elimination = try workspace.minimizer.elimination(of: state.candidates, around: before)
    elimination?.reduce(to: k)
    let left =
      if let elimination { elimination.left.map { state.candidates[$0] } } else {
        try strongest(k, workspace)
      }
    let x = try workspace.project(onto: left.sorted())
    let isKnown = state.supports.contains(x.support)
    state.supports.append(x.support)
    let isLast = isKnown || state.supports.count == Self.mostModels
    return Step(x, stop: isLast ? .converged : nil)
  }
}
