public import SparseCore

/// No search: least squares, or the minimum of another loss, on a support that is given.
///
/// One projection, and no pass over A.
public struct FixedSupport: Solver {
  /// `fixed`.
  public static let name = "fixed"

  /// Columns of A as given. Those that may not be selected are left out, and what every support
  /// contains is part of it unasked.
  public var support: [Int]

  /// Fits these columns.
  public init(_ support: [Int]) { self.support = support }

  /// It does.
  public var minimizesAnyLoss: Bool { true }

  /// Fits the support, of which no more than `sparsity` columns may be usable.
  public func solve(
    _ workspace: Workspace, sparsity: Int, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution {
    let (columns, atoms) = (workspace.problem.columns, workspace.problem.atoms)
    guard support.allSatisfy((0..<columns).contains) else {
      throw .invalidOption(
        name: "support", value: "\(support)", expected: "columns from 0 to \(columns - 1)")
    }
    let usable = Set(support.filter(atoms.isUsable)).sorted()
    var search = try Search(
      Self.name, workspace, sparsity: sparsity, limits: Limits(),
      minimizesAnyLoss: minimizesAnyLoss)
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    guard usable.count <= search.atomCount else {
      throw .invalidOption(
        name: "support", value: "\(usable.count) columns",
        expected: "at most \(search.atomCount)")
    }
    let stop = search.record(try workspace.project(onto: usable), observer: observer)
    return try search.solution(stop ?? .converged, workspace)
  }
}
