import CPUBackend
import Glibc
import Losses
import Solvers
import SparseCore
import TestSupport
import Testing

/// Minima on columns that are nearly dependent.
@Suite struct LossConditionTests {
  enum Kind: CaseIterable {
    case logistic, poisson, huber

    var loss: any Loss {
      get throws {
        switch self {
        case .logistic: LogisticLoss()
        case .poisson: PoissonLoss()
        case .huber: try HuberLoss(threshold: 0.8)
        }
      }
    }

    /// What is observed of a prediction, at random.
    func observed(_ η: Double, _ generator: inout SeededGenerator) -> Double {
      switch self {
      case .logistic: generator.uniform() < 1 / (1 + exp(-η)) ? 1 : 0
      case .poisson: (exp(η) * 2 * generator.uniform()).rounded()
      case .huber: η + generator.normal() / max(generator.uniform(), 0.05)
      }
    }
  }

  private func fit(
    _ columns: [[Double]], _ y: [Double], _ kind: Kind, hasIntercept: Bool
  ) throws -> SparseSolution {
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    let problem = try RecoveryProblem(
      matrix: .double(
        Matrix(rows: y.count, columns: columns.count, columnMajor: columns.flatMap { $0 })),
      observation: y, model: model, loss: kind.loss)
    return try FixedSupport(Array(columns.indices)).solve(
      problem, sparsity: columns.count, on: CPUBackend())
  }

  /// Two columns that differ by little have the span of one of them and their difference: the loss is the same, but for
  /// what rounding the columns has made of the difference, 2⁻⁵² beside `distance`, and the square root of the loss follows.
  @Test(arguments: Kind.allCases, [1e-4, 1e-6, 1e-8, 1e-10])
  func nearlyEqualColumns(kind: Kind, distance: Double) throws {
    var generator = SeededGenerator(seed: 5)
    let a = (0..<200).map { _ in generator.normal() }
    let b = (0..<200).map { _ in generator.normal() }
    let y = b.map { kind.observed(1.2 * $0, &generator) }
    let near = try fit(
      [a, zip(a, b).map { $0 + distance * $1 }], y, kind, hasIntercept: true)
    let apart = try fit([a, b], y, kind, hasIntercept: true)
    #expect(abs(near.loss - apart.loss) <= 200 * Double.ulpOfOne / distance * apart.loss)
    #expect(near.warnings.isEmpty && apart.warnings.isEmpty)
  }

  /// Columns far from zero without an intercept: their differences, and hardly anything beside a constant.
  @Test(arguments: Kind.allCases, [1e4, 1e6, 1e8])
  func columnsFarFromZero(kind: Kind, offset: Double) throws {
    var generator = SeededGenerator(seed: 6)
    let columns = (0..<3).map { _ in (0..<80).map { _ in generator.normal() } }
    let y = (0..<80).map { kind.observed(columns[0][$0] - columns[1][$0], &generator) }
    let far = columns.map { $0.map { $0 + offset } }
    // Of one column and what the others differ from it by, without rounding as far as the columns have it.
    let differences = far.dropFirst().map { zip($0, far[0]).map { $0 - $1 } }
    let turned = [far[0].map { $0 / offset }] + differences
    let (given, other) = (
      try fit(far, y, kind, hasIntercept: false), try fit(turned, y, kind, hasIntercept: false)
    )
    #expect(abs(given.loss - other.loss) <= 200 * Double.ulpOfOne * offset * other.loss)
    #expect(given.warnings.isEmpty && other.warnings.isEmpty)
  }

  /// Blurred columns, of which six are nearly dependent, and labels that they nearly separate: every fit ends, none by a
  /// failure of the loss, and the loss is that of the coefficients told.
  @Test func blurredColumns() throws {
    let (rows, count) = (60, 40)
    let columns = (0..<count).map { j in
      (0..<rows).map { i in
        let distance = (Double(i) / Double(rows - 1) - Double(j) / Double(count - 1)) / 0.06
        return exp(-distance * distance / 2)
      }
    }
    let y = "000111111111111111111111111111111111111111111111011111100010".map {
      $0 == "1" ? 1.0 : 0
    }
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: rows, columns: count, columnMajor: columns.flatMap { $0 })),
      observation: y, loss: LogisticLoss())
    var losses: [Double] = []
    for (solver, k) in [
      (SEA(), 6), (CoSaMP(debiases: true), 4), (Splicing(), 6), (Portfolio(), 6),
    ] as [(any Solver, Int)] {
      let solution = try solver.solve(problem, sparsity: k, on: CPUBackend())
      #expect(solution.warnings == [.unboundedFit(loss: "logistic")])
      let η = (0..<rows).map { i in
        zip(solution.support, solution.coefficients).reduce(0) { $0 + $1.1 * columns[$1.0][i] }
      }
      let loss = LogisticLoss().evaluate(η, y, weights: y.map { _ in 1 }).value
      let size = zip(solution.support, solution.coefficients).reduce(0) { $0 + abs($1.1) }
      // Each η is off by some roundings of its terms, and the loss by no more for each row.
      #expect(abs(solution.loss - loss) <= 60 * 8 * Double.ulpOfOne * size)
      losses.append(solution.loss)
    }
    #expect(losses[3] <= losses[0] * (1 + 1e-10) && losses[3] <= losses[2] * (1 + 1e-10))
    // Where the descent stood still before.
    #expect(losses[3] < 1.6)
  }
}
