public import SparseCore

/// The supports that explain an observation next best: what else might have been the answer.
///
/// In plain least squares these are, besides supports that somebody has seen, the best of all k · (n − k) that one swap
/// leads to, judged exactly. Under a ridge, with signs, groups or another loss they are of those seen.
public struct Alternatives {
  /// How many are wanted.
  public let count: Int
  /// The supports seen.
  private var seen: Set<[Int]> = []
  private var ranking: [(support: [Int], relativeResidual: Double)] = []

  /// - Parameter count: how many are wanted; fewer than one count as one, and more than 2³¹ as that.
  public init(count: Int) { self.count = min(max(count, 1), 1 << 31) }

  /// Notes a support that a solver reports. O(count).
  public mutating func note(_ report: IterationReport) {
    let residual = report.relativeResidual
    // One more than wanted: the result itself may be among them.
    guard ranking.count <= count || residual < ranking[count].relativeResidual,
      seen.insert(report.support).inserted
    else { return }
    let place = ranking.firstIndex { $0.relativeResidual > residual } ?? ranking.count
    ranking.insert((report.support, residual), at: place)
    if ranking.count > count + 1 { seen.remove(ranking.removeLast().support) }
  }

  /// The best other supports of as many columns as `solution`, or groups, the best first: each a solution of the same
  /// problem.
  ///
  /// ⌈(k + 1) / ``Engine/residualsInPass``⌉ passes over A and 2 · n · k² flops for the swaps; about m · k² flops for each
  /// solution.
  ///
  /// - Throws: what ``ELS`` throws.
  public func besides(
    _ solution: SparseSolution, _ workspace: Workspace
  ) throws(RecoveryError) -> [SparseSolution] {
    let problem = workspace.problem
    func size(_ support: [Int]) -> Int {
      problem.atoms.groupCount(of: support.filter(problem.atoms.isUsable))
        + problem.atoms.requiredCount
    }
    let wanted = size(solution.support)
    var supports: Set<[Int]> = []
    func add(_ support: [Int]) { supports.insert(Set(support + problem.atoms.required).sorted()) }
    for (support, _) in ranking { add(support) }
    let atoms = solution.atomCoefficients.support
    if problem.model.isPlain, problem.hasSquaredLoss, problem.atoms.groups == nil, !atoms.isEmpty {
      let exchange = try Exchange(workspace, from: workspace.project(onto: atoms))
      // Dependent atoms say nothing of swaps.
      if exchange.iterate.support == atoms {
        for support in try exchange.neighbours(count) { add(support) }
      }
    }
    supports.remove(solution.support)
    var found: [SparseSolution] = []
    let others = supports.filter { size($0) == wanted }
    for support in others.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      found.append(
        try FixedSupport(support).solve(workspace, sparsity: wanted) { _ in .proceed })
    }
    return Array(
      found.filter { size($0.support) == wanted }.sorted { $0.lossNorm < $1.lossNorm }
        .prefix(count))
  }
}
