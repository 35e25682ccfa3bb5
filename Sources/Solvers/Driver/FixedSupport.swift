public import SparseCore

/// No search: least squares, or the minimum of another loss, on a support that is given.
///
/// One projection, and no pass over A.
public struct FixedSupport: Solver {
  /// `fixed`.
  public static let name = "fixed"

  /// Columns of A as given. Those that may not be selected are left out, and what every support
  /// contains is part of it unasked. Of groups of columns all or none.
  public var support: [Int]

  /// Fits these columns.
  public init(_ support: [Int]) { self.support = support }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// Fits the support, of which no more than `sparsity` columns, or groups of them, may be usable.
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
      minimizesAnyLoss: minimizesAnyLoss, recoversGroups: recoversGroups)
    if let stop = search.triviality { return try search.solution(stop, workspace) }
    if let groups = atoms.groups {
      let count = groups.groups(of: usable).count
      guard groups.areWhole(usable), count <= search.groupCount else {
        throw .invalidOption(
          name: "support", value: "\(usable.count) columns of \(count) groups",
          expected: "whole groups, at most \(search.groupCount)")
      }
    }
    guard usable.count <= search.atomCount else {
      throw .invalidOption(
        name: "support", value: "\(usable.count) columns",
        expected: "at most \(search.atomCount)")
    }
    let stop = search.record(try workspace.project(onto: usable), observer: observer)
    return try search.solution(stop ?? .converged, workspace)
  }
}
