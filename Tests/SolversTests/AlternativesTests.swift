import SparseRecovery
import SyntheticProblems
import Testing

@testable import Solvers

/// The next best supports against all that there are.
@Suite struct AlternativesTests {
  private func problem(
    _ model: RecoveryModel = RecoveryModel(), columns: Int = 9, seed: UInt64 = 5
  ) throws -> RecoveryProblem {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .toeplitz(rows: 25, columns: columns, correlation: 0.7), sparsity: 3, snr: 5,
        seed: seed))
    return try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model)
  }

  /// Every support of a size, with its residual.
  private func all(_ size: Int, of problem: RecoveryProblem) throws -> [[Int]: Double] {
    var residuals: [[Int]: Double] = [:]
    func add(_ support: [Int], from first: Int) throws {
      guard support.count < size else {
        let solution = try FixedSupport(support).solve(
          problem, sparsity: size, on: ReferenceBackend())
        if solution.support.count == size { residuals[solution.support] = solution.residualNorm }
        return
      }
      for j in first..<problem.columns { try add(support + [j], from: j + 1) }
    }
    try add([], from: 0)
    return residuals
  }

  /// Of one exchange, where nothing was seen.
  @Test(arguments: [1, 4, 18, 50], [false, true])
  func areTheBestOfOneExchange(count: Int, isWide: Bool) throws {
    var model = RecoveryModel()
    model.hasIntercept = isWide
    if isWide { (model.included, model.excluded) = ([2], [7]) }
    let problem = try problem(model, columns: isWide ? 300 : 9, seed: UInt64(count))
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let workspace = Workspace(problem, on: engine)
    let solution = try OLS().solve(workspace, sparsity: 3) { _ in .proceed }
    let found = try Alternatives(count: count).besides(solution, workspace)
    var expected: [(support: [Int], residual: Double)] = []
    for leaving in solution.support where leaving != 2 || !isWide {
      for j in 0..<problem.columns
      where !solution.support.contains(j) && (j != 7 || !isWide) {
        let support = (solution.support.filter { $0 != leaving } + [j]).sorted()
        let other = try FixedSupport(support).solve(problem, sparsity: 3, on: CPUBackend())
        expected.append((support, other.residualNorm))
      }
    }
    expected.sort { $0.residual < $1.residual }
    #expect(found.count == min(count, expected.count))
    for (own, other) in zip(found, expected) {
      #expect(own.support == other.support)
      #expect(abs(own.residualNorm - other.residual) < 1e-12 * other.residual)
    }
  }

  /// Of all supports, where all were seen: no exchange finds some of them.
  @Test(arguments: [0, 0.5]) func areTheBestOfThoseSeen(ridge: Double) throws {
    var model = RecoveryModel()
    model.ridge = ridge
    let problem = try problem(model)
    let workspace = Workspace(
      problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    var alternatives = Alternatives(count: 20)
    var seen: [[Int]: Double] = [:]
    for (support, _) in try all(3, of: problem).sorted(by: {
      $0.key.lexicographicallyPrecedes($1.key)
    }) {
      _ = try FixedSupport(support).solve(workspace, sparsity: 3) { report in
        seen[report.support] = report.relativeResidual
        alternatives.note(report)
        // Twice is once.
        alternatives.note(report)
        return .proceed
      }
    }
    #expect(seen.count == 84)
    let best = try #require(seen.min { $0.value < $1.value }).key
    let solution = try FixedSupport(best).solve(workspace, sparsity: 3) { _ in .proceed }
    let found = try alternatives.besides(solution, workspace)
    let expected = seen.filter { $0.key != best }.sorted { $0.value < $1.value }.prefix(20)
    #expect(found.map(\.support) == expected.map(\.key))
    if ridge == 0 {
      let apart = found.filter { Set($0.support).intersection(best).count < 2 }
      #expect(!apart.isEmpty)
    }
  }

  @Test func ofNothingThereIsNone() throws {
    let problem = try problem()
    let workspace = Workspace(
      problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    let all = try OLS().solve(workspace, sparsity: 9) { _ in .proceed }
    #expect(try Alternatives(count: 3).besides(all, workspace).isEmpty)
    let some = try OLS().solve(workspace, sparsity: 3) { _ in .proceed }
    #expect(try Alternatives(count: -1).besides(some, workspace).count == 1)
    let zero = try problem.observing(Array(repeating: 0, count: 25))
    let nothing = Workspace(zero, on: try CPUBackend().load(zero.atoms, precision: .double))
    let empty = try OLS().solve(nothing, sparsity: 3) { _ in .proceed }
    #expect(try Alternatives(count: 3).besides(empty, nothing).isEmpty)
  }
}
