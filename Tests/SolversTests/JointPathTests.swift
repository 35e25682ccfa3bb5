import Glibc
import SparseRecovery
import Testing

@testable import Solvers

/// Paths of several observations with one support, and what is chosen from them.
@Suite struct JointPathTests {
  private let matrix: Matrix<Double>
  private let observations: [[Double]]
  private static let (rows, columns) = (32, 15)

  init() throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: Self.rows, columns: Self.columns), sparsity: 3, seed: 9))
    matrix = synthetic.matrix
    var generator = SeededGenerator(seed: 3)
    // One support, and a size of its own for each.
    observations = [1.0, 1e3, 0.02].map { size in
      (0..<Self.rows).map { i in
        let signal = synthetic.support.reduce(0) {
          $0 + synthetic.matrix[i, $1] * Double(1 + $1 % 3)
        }
        return size * (1 + signal + 0.3 * generator.normal())
      }
    }
  }

  private func model(_ variant: Int) -> RecoveryModel {
    var model = RecoveryModel()
    model.hasIntercept = variant >= 1
    if variant == 2 {
      model.weights = (0..<Self.rows).map { (i: Int) -> Double in
        i % 8 == 0 ? 0 : 1 + Double(i % 3)
      }
      model.included = [4]
    }
    if variant == 3 { model.ridge = 0.5 }
    return model
  }

  private func problem(_ model: RecoveryModel) throws -> RecoveryProblem {
    try RecoveryProblem(matrix: .double(matrix), observation: observations[0], model: model)
  }

  private func workspace(_ problem: RecoveryProblem) throws -> Workspace {
    Workspace(problem, on: try CPUBackend(threads: 1).load(problem.atoms, precision: .double))
  }

  /// Every point is that of the solver alone, or the one before where that is better.
  @Test(arguments: [0, 1, 2, 3]) func pointsAreThoseOfTheSolver(variant: Int) throws {
    let problem = try problem(model(variant))
    let least = problem.atoms.required.count
    for solver in [OMP(), HTP(), Exhaustive()] as [any IterativeSolver] {
      let path = try SparsityPath(solver: solver).solve(
        workspace(problem), jointly: observations, sparsities: least...4)
      #expect(path.stopReason == .converged && path.points.map(\.sparsity) == Array(least...4))
      var last = Double.infinity
      for point in path.points {
        #expect(point.solutions.count == 3)
        #expect(point.solutions.allSatisfy { $0.support == point.support })
        let squares = point.solutions.reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
        #expect(abs(point.residualNorm - squares.squareRoot()) <= 1e-14 * point.residualNorm)
        #expect(variant == 3 || point.residualNorm <= last)
        last = point.residualNorm
        guard point.sparsity > least else { continue }
        let alone = try Joint(solver).solve(
          workspace(problem), observations: observations, sparsity: point.sparsity)
        let own = alone.reduce(0) { $0 + $1.residualNorm * $1.residualNorm }.squareRoot()
        #expect(point.support == alone[0].support || variant == 3 || point.residualNorm <= own)
      }
      let first = try #require(path.points.first)
      #expect(
        first.support.count == least && (least > 0 || abs(first.relativeResidual - 1) < 1e-12))
    }
  }

  @Test func theTargetEndsThePath() throws {
    let problem = try problem(model(1))
    let path = try SparsityPath(solver: OMP(), targetResidual: 0.5).solve(
      workspace(problem), jointly: observations, sparsities: 1...9)
    let last = try #require(path.points.last)
    #expect(path.stopReason == .residual && last.relativeResidual <= 0.5)
    #expect(path.points.dropLast().allSatisfy { $0.relativeResidual > 0.5 })
    #expect(path.choice(reaching: 0.5, for: problem).sparsity == last.sparsity)
    #expect(
      path.choice(reaching: 0, for: problem).notices
        == [.unreached(target: 0, largest: last.sparsity)])
  }

  /// The criteria of vec Y = (I ⊗ A) vec X, written out: m · q rows, q coefficients a column, C(n, k) supports.
  @Test(arguments: [0, 1]) func criteriaAreThoseOfTheStackedProblem(variant: Int) throws {
    let problem = try problem(model(variant))
    let path = try SparsityPath(solver: Exhaustive()).solve(
      workspace(problem), jointly: observations, sparsities: 0...4)
    let count = Double(3 * Self.rows)
    let binomials = [1.0, 15, 105, 455, 1365]
    for (place, point) in path.points.enumerated() {
      var squares = 0.0
      for (y, solution) in zip(observations, point.solutions) {
        for i in y.indices {
          var fit = solution.intercept ?? 0
          for (j, x) in zip(solution.support, solution.coefficients) { fit += matrix[i, j] * x }
          squares += (y[i] - fit) * (y[i] - fit)
        }
      }
      let p = Double(3 * (point.support.count + variant))
      let likelihood = count * log(squares / count)
      let expected: [(InformationCriterion, Double)] = [
        (.aic, 2 * p), (.bic, p * log(count)),
        (.ebic(), p * log(count) + 2 * log(binomials[place])),
        (.gic, p * log(15) * log(log(count))),
      ]
      for (criterion, penalty) in expected {
        let value = try path.values(of: criterion, for: problem)[place]
        #expect(abs(value - likelihood - penalty) <= 1e-9 * abs(value))
      }
    }
    #expect(try path.choice(by: .bic, for: problem).sparsity <= 4)
  }

  private func heldOutError(
    _ solutions: [SparseSolution], _ rows: [Int], _ weights: [Double]
  ) -> Double {
    zip(observations, solutions).reduce(0) { total, pair in
      let (y, solution) = pair
      var (sum, weight) = (0.0, 0.0)
      for i in rows {
        var fit = solution.intercept ?? 0
        for (j, x) in zip(solution.support, solution.coefficients) { fit += matrix[i, j] * x }
        sum += weights[i] * (fit - y[i]) * (fit - y[i])
        weight += weights[i]
      }
      return total + sum / weight
    }
  }

  /// The solutions on some rows, each as often as it is named.
  private func copies(
    _ rows: [Int], _ model: RecoveryModel, _ path: SparsityPath, _ sparsities: ClosedRange<Int>
  ) throws -> [JointPath.Point] {
    var model = model
    model.weights = model.weights.map { weights in rows.map { weights[$0] } }
    let table = try Matrix(
      rows: rows.count, columns: Self.columns,
      columnMajor: (0..<Self.columns).flatMap { j in rows.map { matrix[$0, j] } })
    let problem = try RecoveryProblem(
      matrix: .double(table), observation: rows.map { observations[0][$0] }, model: model)
    return try path.solve(
      workspace(problem), jointly: observations.map { y in rows.map { y[$0] } },
      sparsities: sparsities
    ).points
  }

  /// Folds are loops over copies, and errors are summed over the observations.
  @Test(arguments: [0, 1, 2, 3]) func foldsAreLoopsOverCopies(variant: Int) throws {
    let model = model(variant)
    let path = SparsityPath(solver: OMP())
    let found = try #require(
      try CrossValidation(path: path, folds: 4, seed: 2).run(
        DenseMatrix.double(matrix), jointly: observations, model: model, sparsities: 1...3,
        on: CPUBackend(threads: 1)))
    let weights = model.weights ?? observations[0].map { _ in 1 }
    for (fold, heldOut) in zip(found.folds, found.rows.heldOut) {
      let kept = (0..<Self.rows).filter { weights[$0] > 0 && !heldOut.contains($0) }
      for (error, point) in zip(fold, try copies(kept, model, path, 1...3)) {
        let expected = heldOutError(point.solutions, heldOut, weights)
        #expect(abs(error - expected) <= 1e-10 * expected)
      }
    }
  }

  @Test(arguments: Resampling.Scheme.allCases, [1, 2]) func drawsAreLoopsOverCopies(
    scheme: Resampling.Scheme, variant: Int
  ) throws {
    let model = model(variant)
    let path = SparsityPath(solver: OMP())
    let found = try Resampling(scheme, draws: 3, path: path, seed: 4).run(
      DenseMatrix.double(matrix), jointly: observations, model: model, sparsities: 1...3,
      on: CPUBackend(threads: 1))
    let weights = model.weights ?? observations[0].map { _ in 1 }
    let rows = RowDraws(
      scheme, of: weights.indices.filter { weights[$0] > 0 }, total: Self.rows, seed: 4, needed: 4)
    for (number, parts) in found.draws.enumerated() {
      for (part, draw) in zip(parts, rows.draw(number)) {
        let kept = draw.counts.enumerated().flatMap { Array(repeating: $0, count: $1) }
        let points = try copies(kept, model, path, 1...3)
        #expect(part.supports == points.map(\.support))
        for (error, point) in zip(part.errors, points) {
          let expected = heldOutError(point.solutions, draw.heldOut, weights)
          #expect(abs(error - expected) <= 1e-10 * expected)
        }
      }
    }
  }

  /// On triangles the same, of folds and draws as well.
  @Test func reductionChangesNothing() throws {
    let problem = try problem(model(2))
    let reduction = try #require(try Reduction(problem, observations: observations, .on))
    let path = SparsityPath(solver: OMP())
    let plain = try path.solve(workspace(problem), jointly: observations, sparsities: 2...4)
    let reduced = try reduction.path(
      path.solve(
        workspace(reduction.problem), jointly: reduction.observations, sparsities: 1...3))
    for (a, b) in zip(plain.points, reduced.points) {
      #expect(a.sparsity == b.sparsity && a.support == b.support)
      #expect(abs(a.residualNorm - b.residualNorm) <= 1e-9 * a.residualNorm)
      #expect(abs(a.relativeResidual - b.relativeResidual) <= 1e-9)
    }
    func errors(_ rule: TableReduction) throws -> [[Double]] {
      var validation = CrossValidation(path: path, folds: 3)
      validation.reduction = rule
      return try #require(
        try validation.run(
          DenseMatrix.double(matrix), jointly: observations, model: model(1), sparsities: 1...3,
          on: CPUBackend(threads: 1))
      ).folds
    }
    for (a, b) in zip(try errors(.off).joined(), try errors(.on).joined()) {
      #expect(abs(a - b) <= 1e-9 * a)
    }
  }

  @Test func requestsThatCannotBe() throws {
    let problem = try problem(model(0))
    #expect(
      throws: RecoveryError.unsupportedModel(
        solver: "fixed", option: "one support for several observations")
    ) {
      try SparsityPath(solver: FixedSupport([0])).solve(
        workspace(problem), jointly: observations, sparsities: 1...3)
    }
    #expect(
      throws: RecoveryError.invalidOption(
        name: "observations", value: "none", expected: "at least one")
    ) {
      try SparsityPath(solver: OMP()).solve(workspace(problem), jointly: [], sparsities: 1...3)
    }
  }
}
