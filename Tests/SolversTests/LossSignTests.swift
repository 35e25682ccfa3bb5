import CPUBackend
import Glibc
import LeastSquares
import Losses
import Solvers
import SparseCore
import TestSupport
import Testing

/// Minima of other losses over coefficients that must not be negative.
@Suite struct LossSignTests {
  private static let losses: [any Loss] = [
    LogisticLoss(), PoissonLoss(), BoundedLogisticLoss(), OtherSquaredLoss(),
  ]

  private func problem(
    _ loss: any Loss, seed: UInt64, ridge: Double = 0
  ) throws -> (RecoveryProblem, LossSample) {
    let sample = try LossSample(rows: 50, columns: 9, seed: seed)
    var model = RecoveryModel()
    model.hasIntercept = true
    model.isNonnegative = true
    model.ridge = ridge
    model.weights = (0..<50).map { Double($0 % 4) }
    let y =
      switch loss {
      case is PoissonLoss: sample.numbers.map { min(max($0, 0), 6).rounded() }
      case is OtherSquaredLoss: sample.numbers
      default: sample.labels
      }
    return (
      try RecoveryProblem(
        matrix: .double(sample.matrix), observation: y, model: model, loss: loss), sample
    )
  }

  /// Projected gradient descent in plain loops, with steps halved until the loss falls by what the step promises:
  /// Bertsekas 1976.
  private func descend(
    _ support: [Int], _ problem: RecoveryProblem, _ sample: LossSample
  ) -> (c: [Double], objective: Double) {
    let columns = support.map(sample.column) + [[Double](repeating: 1, count: 50)]
    let weights = problem.model.weights ?? []
    func evaluate(_ c: [Double]) -> (LossPoint, Double) {
      let η = (0..<50).map { i in zip(columns, c).reduce(0) { $0 + $1.0[i] * $1.1 } }
      let point = problem.loss.evaluate(η, problem.observation, weights: weights)
      let squares = c.dropLast().reduce(0) { $0 + $1 * $1 }
      return (point, point.value + problem.model.ridge * squares / 2)
    }
    var c = columns.map { _ in 0.0 }
    var (point, value) = evaluate(c)
    var t = 1.0
    for _ in 0..<20_000 {
      let g = columns.indices.map { p in
        (0..<50).reduce(p < support.count ? problem.model.ridge * c[p] : 0) {
          $0 + columns[p][$1] * point.gradient[$1]
        }
      }
      t *= 2
      while t > 1e-12 {
        let next = c.indices.map { p in
          let moved = c[p] - t * g[p]
          return p < support.count ? max(moved, 0) : moved
        }
        let step = zip(next, c).map { $0 - $1 }
        let promised =
          zip(g, step).reduce(0) { $0 + $1.0 * $1.1 }
          + step.reduce(0) { $0 + $1 * $1 } / (2 * t)
        let (there, least) = evaluate(next)
        if least <= value + promised {
          (c, point, value) = (next, there, least)
          break
        }
        t /= 2
      }
      if t <= 1e-12 { break }
    }
    return (c, value)
  }

  /// The fit on a support is where projected gradients end: these leave a gradient of some 10⁻⁸, and of losses its square
  /// over the curvature.
  @Test(arguments: losses.indices, [0, 0.5]) func fitsAgainstGradients(
    number: Int, ridge: Double
  ) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let (problem, sample) = try problem(Self.losses[number], seed: seed, ridge: ridge)
      var minimizer = LossMinimizer(problem)
      for support in [[0, 2, 5, 8], [1, 2, 3], [2], [0, 1, 2, 3, 4, 5, 6, 7, 8]] {
        let fit = try minimizer.minimize(onto: support)
        let norm = fit.projection.residualNorm
        let (c, objective) = descend(support, problem, sample)
        #expect(norm * norm / 2 <= objective * (1 + 1e-12))
        #expect(norm * norm / 2 >= objective * (1 - 1e-9))
        for (place, j) in support.enumerated() {
          let x = fit.projection.coefficients[place] * problem.atoms.scale[j]
          #expect(x >= 0 && abs(x - c[place]) < 1e-5)
        }
      }
    }
  }

  /// Karush, Kuhn and Tucker: a coefficient is above zero where the slope, less that of the ridge, is none, and zero
  /// where it would fall; to the rounding of sums of 50 terms.
  @Test(arguments: losses.indices, [0, 0.5]) func slopesAtTheMinimum(
    number: Int, ridge: Double
  ) throws {
    var held = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      let (problem, _) = try problem(Self.losses[number], seed: seed, ridge: ridge)
      var minimizer = LossMinimizer(problem)
      let support = Array(0..<9)
      let fit = try minimizer.minimize(onto: support)
      // A plane may tell the labels of few rows apart; where it nearly does, a majorant ends at the bound of steps.
      guard fit.isAttained, ridge > 0 || !(problem.loss is BoundedLogisticLoss) else { continue }
      let projection = fit.projection
      let size =
        projection.residual.norm + (try minimizer.minimize(onto: []).projection.residual.norm)
      for (j, c) in zip(support, projection.coefficients) {
        let atom = try problem.atoms.atom(j)
        let slope =
          zip(atom, projection.residual).reduce(0) { $0 + $1.0 * $1.1 } - problem.penalty(j) * c
        #expect(c >= 0 && slope <= 1e-11 * size)
        if c > 0 { #expect(slope >= -1e-11 * size) } else { held += 1 }
      }
    }
    #expect(held > 20 || number == 2)
  }

  /// With signs too Newton's method makes of least squares what the projection does, whatever solves it.
  @Test(arguments: LossTests.solvers.indices) func isTheProjection(number: Int) throws {
    var solver = LossTests.solvers[number]
    if solver is SEA { solver = SEA(gradient: .direct) }
    solver.limits.iterations = 60
    let (other, sample) = try problem(OtherSquaredLoss(), seed: 11)
    let squares = try RecoveryProblem(
      matrix: .double(sample.matrix), observation: sample.numbers, model: other.model)
    func solve(_ problem: RecoveryProblem) throws -> SparseSolution? {
      do { return try solver.solve(problem, sparsity: 4, on: CPUBackend()) } catch RecoveryError
        .unsupportedModel
      {
        return nil
      }
    }
    let (mine, its) = (try solve(squares), try solve(other))
    #expect(mine?.support == its?.support)
    // Of another loss a model is made until it leads to the same support again.
    #expect(mine?.iterations == its?.iterations || solver is Backward)
    for (a, b) in zip(mine?.coefficients ?? [], its?.coefficients ?? []) {
      #expect(a > 0 && abs(a - b) < 1e-10)
    }
  }

  /// Labels that only a plane with a negative coefficient separates have a minimum; those that another one does have none.
  @Test func separableLabels() throws {
    var generator = SeededGenerator(seed: 1)
    let columns = (0..<5).map { _ in (0..<30).map { _ in generator.normal() } }
    var model = RecoveryModel()
    model.isNonnegative = true
    for sign in [1.0, -1] {
      let problem = try RecoveryProblem(
        matrix: .double(
          Matrix(rows: 30, columns: 5, columnMajor: columns.flatMap { $0 })),
        observation: columns[3].map { sign * $0 > 0 ? 1 : 0 }, model: model, loss: LogisticLoss())
      let solution = try Portfolio().solve(problem, sparsity: 2, on: CPUBackend())
      #expect(solution.warnings == (sign > 0 ? [.unboundedFit(loss: "logistic")] : []))
      #expect(solution.support.contains(3) == (sign > 0))
      #expect(solution.coefficients.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  /// The same column twice, and columns that point away from y: no coefficient is negative, and each support has the loss of
  /// its best part.
  @Test func dependentColumns() throws {
    let sample = try LossSample(rows: 40, columns: 4, seed: 2)
    let column = sample.column(0)
    var model = RecoveryModel()
    model.isNonnegative = true
    let columns = [column, sample.column(2), column, column.map { -$0 }]
    let twice = try RecoveryProblem(
      matrix: .double(Matrix(rows: 40, columns: 4, columnMajor: columns.flatMap { $0 })),
      observation: sample.labels, model: model, loss: LogisticLoss())
    let one = try FixedSupport([0]).solve(twice, sparsity: 1, on: CPUBackend())
    #expect(one.coefficients.count == 1)
    for support in [[0, 2], [0, 3], [0, 1, 2, 3]] {
      let fit = try FixedSupport(support).solve(twice, sparsity: 4, on: CPUBackend())
      #expect(fit.coefficients.allSatisfy { $0 > 0 })
      #expect(fit.loss <= one.loss * (1 + 1e-12))
    }
  }
}
