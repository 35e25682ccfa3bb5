import SparseRecovery
import Testing

/// Whether what rows are judged by is right itself: by identities, not by another solver.
@Suite struct OracleTests {
  private static let rows = RowTests.rows.enumerated().filter { $0.offset % 5 == 0 }.map(
    \.element)

  private func model(_ row: Row) -> (Trial, Oracle) {
    let trial = Trial(row)
    return (trial, trial.oracles[0])
  }

  /// The columns of the support, weighted, with the constant before them.
  private func design(_ trial: Trial, _ support: [Int]) -> [[Double]] {
    let table = trial.table
    let roots = (table.weights ?? Array(repeating: 1, count: table.rows)).map { $0.squareRoot() }
    let ones = trial.model.hasIntercept || trial.model.isStandardized ? [roots] : []
    return ones + support.map { j in zip(roots, table.columns[j]).map(*) }
  }

  /// At the minimum every slope is zero: Bᵀ(B c − z) + penalty · c = 0.
  @Test(arguments: rows) func fitsSolveTheNormalEquations(row: Row) {
    let (trial, oracle) = model(row)
    let support = (trial.model.included.sorted() + oracle.usable.suffix(3)).sorted()
    let fit = oracle.fit(support)
    guard fit.condition.isFinite else { return }
    let columns = design(trial, support)
    let roots = (trial.table.weights ?? Array(repeating: 1, count: trial.table.rows))
      .map { $0.squareRoot() }
    var residual = zip(roots, trial.table.observations[0]).map { -$0 * $1 }
    let x = (fit.intercept.map { [$0] } ?? []) + fit.coefficients
    for (x, column) in zip(x, columns) {
      for i in residual.indices { residual[i] += x * column[i] }
    }
    #expect(abs(norm(residual[...]) - fit.residualNorm) <= 1e-13 * fit.size)
    for (place, column) in columns.enumerated() {
      let number = place - (fit.intercept == nil ? 0 : 1)
      let isFree = number >= 0 && !trial.model.included.contains(support[number])
      let penalty = isFree ? penalty(trial, support[number]) : 0
      // The ridge is one more row of the column.
      let length = norm([norm(column[...]), penalty.squareRoot()][...])
      #expect(
        abs(dot(column, residual) + penalty * x[place]) <= 1e-13 * length * fit.size, "[\(row)]")
    }
  }

  /// λ, or λ times the variance, from the definition by sums of products.
  private func penalty(_ trial: Trial, _ j: Int) -> Double {
    guard trial.model.isStandardized else { return trial.model.ridge }
    let column = trial.table.columns[j]
    let weights = trial.table.weights ?? Array(repeating: 1, count: trial.table.rows)
    let total = weights.reduce(0, +)
    let mean = zip(weights, column).reduce(0) { $0 + $1.0 * $1.1 } / total
    let square = zip(weights, column).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } - total * mean * mean
    return trial.model.ridge * square / total
  }

  /// A residual is orthogonal to dependent columns as well, and no longer than the observation.
  @Test func dependentColumnsAreProjectedOut() {
    var generator = SeededGenerator(seed: 3)
    let base = (0..<3).map { _ in (0..<9).map { _ in generator.normal() } }
    let columns = base + [zip(base[0], base[1]).map(+), base[2].map { -$0 }]
    let z = (0..<9).map { _ in generator.normal() }
    let factorization = Factorization(columns, z)
    #expect(factorization.rank == 3)
    #expect(factorization.inverseNorm == .infinity)
    var residual = z
    for (x, column) in zip(factorization.coefficients, columns) {
      for i in residual.indices { residual[i] -= x * column[i] }
    }
    for column in columns { #expect(abs(dot(column, residual)) < 1e-14) }
  }

  /// ‖R⁻¹‖ of a design whose inverse is known.
  @Test func theConditionIsThatOfTheInverse() {
    let factorization = Factorization([[2, 0, 0], [0, 0, 0.5]], [1, 2, 3])
    #expect(factorization.coefficients == [0.5, 6])
    #expect(abs(factorization.inverseNorm - (0.25 + 4).squareRoot()) < 1e-15)
  }

  /// Nonnegative least squares over subsets meets the conditions of Karush, Kuhn and Tucker: no
  /// coefficient that is zero would grow, for the best subset and only for it.
  @Test(arguments: 1...20 as ClosedRange<UInt64>) func subsetsSolveNonnegativeLeastSquares(
    seed: UInt64
  ) throws {
    let row = try #require(Row("method: omp; signs: nonnegative; matrix: wide; weights: random"))
    let (trial, oracle) = model(row)
    var generator = SeededGenerator(seed: seed)
    let support = generator.sample(6, of: trial.table.columns.count)
    let wanted = oracle.nonnegativeLoss(support)
    var optima = 0
    for size in 0...6 {
      forEachSubset(size, of: support) { part in
        let fit = oracle.fit(part)
        guard fit.coefficients.allSatisfy({ $0 > 0 }) else { return }
        let columns = design(trial, part)
        let roots = trial.table.weights?.map { $0.squareRoot() } ?? []
        var residual = zip(roots, trial.table.observations[0]).map { -$0 * $1 }
        for (x, column) in zip(fit.coefficients, columns) {
          for i in residual.indices { residual[i] += x * column[i] }
        }
        let slopes = design(trial, support).map { dot($0, residual) }
        guard slopes.allSatisfy({ $0 > -1e-9 }) else { return }
        optima += 1
        #expect(abs(fit.loss - wanted) <= oracle.lossTolerance(fit.size))
      }
    }
    #expect(optima == 1)
  }

  /// Every subset once.
  @Test func subsetsAreEnumerated() {
    var seen: Set<[Int]> = []
    forEachSubset(3, of: [2, 3, 5, 7, 11]) { seen.insert($0) }
    #expect(seen.count == 10)
    #expect(numberOfSubsets(3, of: 5) == 10)
    #expect(numberOfSubsets(0, of: 5) == 1)
  }
}
