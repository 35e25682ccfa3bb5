import LeastSquares
import SparseCore

/// Supports of many sizes that one run gives.
struct PathProposals {
  /// By the number of atoms, or groups: each is the one before with one more.
  private var grown: [Int: [Int]] = [:]
  /// By the number of atoms, or groups, one for each support shrunk from more.
  private var shrunk: [Int: [[Int]]] = [:]

  /// What is proposed for at most `count` atoms, or groups. A pursuit that ended with fewer had nothing left to
  /// explain.
  func supports(of count: Int) -> [[Int]] {
    let most = grown.keys.filter { $0 <= count }.max()
    return (most.flatMap { grown[$0] }.map { [$0] } ?? []) + shrunk[count, default: []]
  }

  /// Whether the pursuit went on from this very support, so that its next step is among the proposals.
  func growth(follows support: [Int]) -> Bool {
    grown.contains { $0.value == support && grown[$0.key + 1] != nil }
  }

  /// Keeps every support on the way of a pursuit that adds one atom, or group, a step.
  mutating func grow(
    _ workspace: Workspace, by pursuit: any Solver, sparsity: Int, _ observer: SolveObserver
  ) throws(RecoveryError) {
    var supports: [Int: [Int]] = [:]
    let atoms = workspace.problem.atoms
    _ = try pursuit.solve(workspace, sparsity: sparsity) { report in
      supports[atoms.groupCount(of: report.support)] = report.support
      return observer(report)
    }
    grown = supports
  }

  /// Backward elimination: takes out of `support`, one by one, the atom whose loss costs least; of groups the one that makes
  /// least of the prediction.
  ///
  /// About m · k² flops on the host for every atom taken out. Under another loss than least squares the costs are those
  /// of a second-order model, and each support is a fit; where there is no minimum, what seems to cost least is fitted
  /// before.
  ///
  /// - Parameter least: the size of the smallest support wanted, in atoms or in groups.
  mutating func shrink(
    _ support: [Int], of workspace: Workspace, to least: Int = 1
  ) throws(RecoveryError) {
    let problem = workspace.problem
    guard problem.atoms.groups == nil else {
      var x = try workspace.project(onto: support)
      for count in stride(
        from: problem.atoms.groupCount(of: support), through: max(least, 1), by: -1)
      {
        x = try workspace.pruned(x, to: count)
        shrunk[count, default: []].append(x.support)
      }
      return
    }
    guard problem.hasSquaredLoss else {
      var support = support.filter(problem.atoms.isUsable)
      while support.count >= max(least, 1) {
        shrunk[support.count, default: []].append(support)
        guard let model = try workspace.minimizer.model(onto: support),
          let weakest = try workspace.minimizer.weakest(of: support, model)
        else { return }
        support.remove(at: weakest)
      }
      return
    }
    var basis = OrthonormalBasis(rows: problem.rows)
    var atoms: [(index: Int, column: [Double])] = []
    for j in support where problem.atoms.isUsable(j) {
      let column = try problem.atoms.atom(j)
      guard
        let (direction, _) = basis.complement(
          of: column, cancellation: problem.atoms.cancellation(j))
      else { continue }
      basis.append(direction)
      atoms.append((j, column))
    }
    while atoms.count >= max(least, 1) {
      shrunk[atoms.count, default: []].append(atoms.map(\.index))
      guard
        let exits = ExitDirections(
          atoms.flatMap(\.column), basis, observation: problem.scaledObservation),
        let weakest = atoms.indices.min(by: {
          abs(exits.losses[$0]).selectionKey < abs(exits.losses[$1]).selectionKey
        })
      else { return }
      basis.remove(Reflection(onto: exits.direction(weakest)))
      atoms.remove(at: weakest)
    }
  }
}
