import CPUBackend
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// The exact optimum, against plain loops and against figures found elsewhere.
@Suite struct ExhaustiveTests {
  @Test(arguments: 1...4, 1...7)
  func isTheBestOfAll(seed: UInt64, k: Int) throws {
    var generator = SeededGenerator(seed: seed)
    for (rows, columns) in [(12, 7), (5, 9)] {
      let entries = (0..<rows * columns).map { _ in generator.normal() }
      let matrix = try Matrix(rows: rows, columns: columns, columnMajor: entries)
      let y = (0..<rows).map { _ in generator.normal() }
      let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
      let expected = LiteralSearches(matrix, y).optimum(k)
      for backend in try everyBackend() {
        let solution = try Exhaustive().solve(problem, sparsity: k, on: backend)
        // More columns than rows explain everything: which ones is then up to rounding.
        if k < rows { #expect(solution.support == expected.support) }
        #expect(abs(solution.residualNorm - expected.residualNorm) < 1e-12)
      }
    }
  }

  /// Repeated columns, a sum of two others, and a zero column: rank 4 in 8 columns.
  @Test(arguments: 1...4, 1...8)
  func dependentColumnsDoNotHideTheOptimum(seed: UInt64, k: Int) throws {
    var generator = SeededGenerator(seed: seed)
    let free = (0..<4).map { _ in (0..<9).map { _ in generator.normal() } }
    let columns = [
      free[0], free[0], free[0].map { -2 * $0 }, free[1], [Double](repeating: 0, count: 9),
      zip(free[0], free[1]).map(+), free[2], free[3],
    ]
    let matrix = try Matrix(rows: 9, columns: 8, columnMajor: columns.flatMap { $0 })
    let y = (0..<9).map { _ in generator.normal() }
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    let solution = try Exhaustive().solve(problem, sparsity: k, on: CPUBackend())
    let expected = LiteralSearches(matrix, y).optimum(k)
    #expect(abs(solution.residualNorm - expected.residualNorm) < 1e-12)
    #expect(solution.support.count == min(k, 4))
  }

  /// Of two supports that explain nearly all, the one that explains all.
  @Test(arguments: 1...4) func exactRecoveryIsToldFromNearlyExact(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var columns = (0..<12).map { _ in (0..<20).map { _ in generator.normal() } }
    columns[2] = columns[9].map { $0 + 1e-8 * generator.normal() }
    let y = (0..<20).map { (i: Int) -> Double in
      columns[4][i] - 2 * columns[9][i] + columns[11][i]
    }
    let matrix = try Matrix(rows: 20, columns: 12, columnMajor: columns.flatMap { $0 })
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    let solution = try Exhaustive().solve(problem, sparsity: 3, on: CPUBackend())
    #expect(solution.support == [4, 9, 11])
    #expect(solution.stopReason == .residual)
  }

  @Test(arguments: 1...10) func diabetesOptima(k: Int) throws {
    let optima = [
      (k: [2], 0.809985), ([2, 8], 0.735197), ([2, 3, 8], 0.721053), ([2, 3, 4, 8], 0.712730),
      ([1, 2, 3, 6, 8], 0.700977), ([1, 2, 3, 4, 5, 8], 0.696503),
      ([1, 2, 3, 4, 5, 7, 8], 0.695492), ([1, 2, 3, 4, 5, 7, 8, 9], 0.694644),
      (Array(1...9), 0.694466), (Array(0...9), 0.694443),
    ]
    let problem = try exampleProblem("diabetes")
    let (support, relativeResidual) = optima[k - 1]
    // Local search finds every one of them, too.
    for solver in [Exhaustive(), ELS()] as [any Solver] {
      let solution = try solver.solve(problem, sparsity: k, on: CPUBackend())
      #expect(solution.support == support)
      #expect(abs(solution.relativeResidual - relativeResidual) < 5e-7)
      #expect(solution.stopReason == .converged)
    }
  }

  /// Columns with a coherence of 0.998.
  @Test(arguments: [
    ([20, 27], 0.556581), ([20, 21, 27], 0.535337), ([20, 21, 23, 27], 0.526600),
  ])
  func breastCancerOptima(support: [Int], relativeResidual: Double) throws {
    let problem = try exampleProblem("breast-cancer")
    for solver in [Exhaustive(), OLS()] as [any Solver] {
      let solution = try solver.solve(problem, sparsity: support.count, on: CPUBackend())
      #expect(solution.support == support)
      #expect(abs(solution.relativeResidual - relativeResidual) < 5e-7)
    }
  }

  @Test func tooManySupportsAreRefused() throws {
    let matrix = try MatrixEnsemble.gaussian(rows: 10, columns: 60).matrix(seed: 1)
    let y = [Double](repeating: 1, count: 10)
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    #expect(throws: RecoveryError.tooManySupports(count: 50_063_860, most: 10_000_000)) {
      try Exhaustive().solve(problem, sparsity: 6, on: CPUBackend())
    }
    #expect(Exhaustive.supports(60, 54) == 50_063_860)
    #expect(Exhaustive.supports(10, 10) == 1)
    #expect(Exhaustive.supports(100_000, 50_000) == .infinity)
  }

  /// The observer is asked now and then although nothing becomes better.
  @Test func anObserverStopsIt() throws {
    let matrix = try MatrixEnsemble.gaussian(rows: 30, columns: 40).matrix(seed: 3)
    var generator = SeededGenerator(seed: 3)
    let y = (0..<30).map { _ in generator.normal() }
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    var reports = 0
    let solution = try Exhaustive().solve(problem, sparsity: 5, on: CPUBackend()) {
      if !$0.isNew { reports += 1 }
      return reports == 2 ? .stop : .proceed
    }
    #expect(solution.stopReason == .interrupted)
    #expect(solution.iterations > 1 << 16)
    #expect(solution.iterations < 658_008)
    #expect(solution.matrixPasses == 0)
  }

  /// Two columns that differ by little explain together what is in their difference: exhaustive search sees it as far as
  /// doubles do; branch and bound, which goes by inner products, says that it proves nothing where they cannot tell.
  @Test(arguments: [1e-3, 1e-5, 1e-7, 1e-9], [false, true])
  func nearlyDependentColumnsDoNotHideTheOptimum(difference: Double, isTall: Bool) throws {
    var generator = SeededGenerator(seed: 4)
    let rows = isTall ? 60 : 9
    func column() -> [Double] { (0..<rows).map { _ in generator.normal() } }
    let (first, change) = (column(), column())
    let columns =
      [first] + (0..<4).map { _ in column() } + [zip(first, change).map { $0 + difference * $1 }]
    let y = zip(change, column()).map { 10 * $0 + 0.1 * $1 }
    let problem = try RecoveryProblem(
      matrix: .double(
        Matrix(rows: rows, columns: columns.count, columnMajor: columns.flatMap { $0 })),
      observation: y)
    for k in 2...3 {
      let found = try Exhaustive().solve(problem, sparsity: k, on: CPUBackend())
      #expect(Set([0, 5]).isSubset(of: found.support) && found.relativeResidual < 0.05)
      let bounded = try BranchAndBound().solve(problem, sparsity: k, on: CPUBackend())
      if bounded.optimalityGap == nil {
        #expect(bounded.warnings.contains(.nothingProved) && difference < 1e-5)
      } else {
        #expect(abs(bounded.lossNorm - found.lossNorm) <= 1e-6 * found.lossNorm)
      }
    }
  }
}
