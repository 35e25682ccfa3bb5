import CPUBackend
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// Tall tables solved on as many rows as they have columns.
@Suite struct ReductionTests {
  static let models: [RecoveryModel] = {
    func model(_ change: (inout RecoveryModel) -> Void) -> RecoveryModel {
      var model = RecoveryModel()
      change(&model)
      return model
    }
    let weights = (0..<700).map { Double($0 % 4) / 2 }
    return [
      RecoveryModel(), model { $0.hasIntercept = true }, model { $0.weights = weights },
      model {
        $0.isStandardized = true
        $0.ridge = 20
      },
      model {
        $0.hasIntercept = true
        $0.included = [2, 7]
        $0.excluded = [4]
        $0.weights = weights
      },
      model { $0.isNonnegative = true },
      model {
        $0.isStandardized = true
        $0.isNonnegative = true
        $0.ridge = 3
        $0.weights = weights
      },
      model {
        $0.isStandardized = true
        $0.included = [1]
        $0.ridge = 50
      },
    ]
  }()

  /// Every size of support by the exhaustive search, as on the whole table.
  @Test(arguments: models.indices, [true, false])
  func solutionsAreThoseOfTheTable(number: Int, normalize: Bool) throws {
    let (tall, model) = (try Tall(), Self.models[number])
    let problem = try RecoveryProblem(
      matrix: .double(tall.matrix), observation: tall.observation, normalize: normalize,
      model: model)
    let reduction = try #require(try Reduction(problem, .on))
    #expect(reduction.problem.rows <= 14)
    for k in model.included.count + 1...5 {
      let expected = try Exhaustive().solve(problem, sparsity: k, on: CPUBackend())
      let found = try Exhaustive().solve(
        reduction.problem, sparsity: k - reduction.includedCount, on: CPUBackend())
      expectSame(try reduction.solution(found), expected)
    }
  }

  /// Several observations in one pass, each on its own and with one support.
  @Test(arguments: models.indices) func severalObservationsShareAPass(number: Int) throws {
    let (tall, model) = (try Tall(), Self.models[number])
    var generator = SeededGenerator(seed: 17)
    let other = (0..<700).map {
      1e3 * (tall.matrix[$0, 3] - tall.matrix[$0, 8] + generator.normal())
    }
    let observations = [tall.observation, other]
    let problem = try RecoveryProblem(
      matrix: .double(tall.matrix), observation: tall.observation, model: model)
    let reduction = try #require(try Reduction(problem, observations: observations, .on))
    let k = model.included.count + 2
    for (place, y) in observations.enumerated() {
      let expected = try Exhaustive().solve(problem.observing(y), sparsity: k, on: CPUBackend())
      let found = try Exhaustive().solve(
        reduction.problem.observing(reduction.observations[place]),
        sparsity: k - reduction.includedCount, on: CPUBackend())
      expectSame(try reduction.solution(found, of: place), expected)
    }
    let backend = CPUBackend()
    let expected = try Joint(Exhaustive()).solve(
      problem, observations: observations, sparsity: k,
      with: backend.load(problem.atoms, precision: .double))
    let found = try Joint(Exhaustive()).solve(
      reduction.problem, observations: reduction.observations,
      sparsity: k - reduction.includedCount,
      with: backend.load(reduction.problem.atoms, precision: .double))
    for place in expected.indices {
      expectSame(try reduction.solution(found[place], of: place), expected[place])
    }
  }

  /// In any unit, in single precision, and with NaN in rows of weight 0.
  @Test(arguments: [1e-150, 1, 1e150])
  func unitsDoNotMatter(unit: Double) throws {
    var tall = try Tall(unit: unit)
    tall.weights[9] = 0
    var model = RecoveryModel()
    model.hasIntercept = true
    model.weights = tall.weights
    var entries = (0..<12).flatMap { j in Array(tall.matrix.column(j)) }
    entries[9 + 3 * 700] = .nan
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 700, columns: 12, columnMajor: entries)),
      observation: tall.observation, model: model)
    let reduction = try #require(try Reduction(problem, .on))
    let expected = try OMP().solve(problem, sparsity: 4, on: CPUBackend())
    let found = try reduction.solution(
      OMP().solve(reduction.problem, sparsity: 4, on: CPUBackend()))
    #expect(found.support == expected.support)
    for (c, d) in zip(found.coefficients, expected.coefficients) { expectNear(c / d, 1, "ratio") }
    expectNear(found.residualNorm / expected.residualNorm, 1, "residual")
  }

  /// Columns with a condition of 10⁹ keep the digits that QR leaves them: a Gram matrix would leave none.
  @Test func illConditionedTablesKeepTheirDigits() throws {
    var generator = SeededGenerator(seed: 8)
    let (a, b) = (
      (0..<3000).map { _ in generator.normal() }, (0..<3000).map { _ in generator.normal() }
    )
    let near = zip(a, b).map { $0 + 1e-9 * $1 }
    let y = zip(a, near).map { 2 * $0 - $1 }
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 3000, columns: 3, columnMajor: a + near + b)), observation: y)
    var model = RecoveryModel()
    model.excluded = [2]
    let pair = try RecoveryProblem(
      problem.atoms.operator, observation: y, model: model)
    let reduction = try #require(try Reduction(pair, .on))
    let found = try reduction.solution(
      FixedSupport([0, 1]).solve(reduction.problem, sparsity: 2, on: CPUBackend()))
    // cond(R) · 2⁻⁵² · a few.
    #expect(abs(found.coefficients[0] - 2) < 1e-5 && abs(found.coefficients[1] + 1) < 1e-5)
  }

  /// The errors held out are those of the folds solved one by one on the table.
  @Test(arguments: models.indices) func foldsAreThoseOfTheTable(number: Int) throws {
    let (tall, model) = (try Tall(), Self.models[number])
    var validation = CrossValidation(path: SparsityPath(solver: OMP()), folds: 5)
    func errors(_ rule: TableReduction) throws -> CrossValidationErrors {
      validation.reduction = rule
      let found = try validation.run(
        DenseMatrix.double(tall.matrix), observation: tall.observation, model: model,
        sparsities: model.included.count...6, on: CPUBackend())
      return try #require(found)
    }
    let (found, expected) = (try errors(.on), try errors(.off))
    #expect(found.sparsities == expected.sparsities)
    for (f, e) in zip(found.folds.joined(), expected.folds.joined()) {
      expectNear(f / e, 1, "error")
    }
  }

  /// What cannot be reduced is refused where it must be, and else solved as it is.
  @Test func obstacles() throws {
    func refusal(
      _ matrix: Matrix<Double>, _ y: [Double], _ model: RecoveryModel = RecoveryModel()
    ) throws -> String {
      let problem = try RecoveryProblem(matrix: .double(matrix), observation: y, model: model)
      #expect(try Reduction(problem, .auto) == nil)
      #expect(try Reduction(problem, .off) == nil)
      do {
        return try Reduction(problem, .on) == nil ? "none" : "reduced"
      } catch {
        return "\(error)"
      }
    }
    let tall = try Tall(rows: 40)
    #expect(try refusal(tall.matrix, tall.observation) == "reduced")
    let wide = try Tall(rows: 10)
    #expect(try refusal(wide.matrix, wide.observation).contains("more rows than 14"))
    // Columns included that depend on each other: the intercept and a constant.
    var entries = (0..<12).flatMap { Array(tall.matrix.column($0)) }
    entries.replaceSubrange(0..<40, with: [Double](repeating: 3, count: 40))
    var model = RecoveryModel()
    model.hasIntercept = true
    model.included = [0]
    let constant = try Matrix(rows: 40, columns: 12, columnMajor: entries)
    #expect(try refusal(constant, tall.observation, model).contains("depend on each other"))
    // A column that an intercept leaves a part in 10⁹ of.
    entries.replaceSubrange(0..<40, with: (0..<40).map { 1 + 1e-9 * Double($0 % 7) })
    model.included = []
    let flat = try Matrix(rows: 40, columns: 12, columnMajor: entries)
    #expect(try refusal(flat, tall.observation, model).contains("leave a part in"))
    // An operator that is no matrix in memory.
    let problem = try RecoveryProblem(
      ColumnsAlone(tall.matrix), observation: tall.observation)
    #expect(throws: RecoveryError.self) { try Reduction(problem, .on) }
  }

  /// The same bits again, and the same answer, for rows in several chunks.
  @Test func manyRowsInChunks() throws {
    let tall = try Tall(rows: 40_000, columns: 6)
    let problem = try RecoveryProblem(
      matrix: .double(tall.matrix), observation: tall.observation)
    let first = try #require(try Reduction(problem, .on))
    let again = try #require(try Reduction(problem, .on))
    #expect(first.problem.observation == again.problem.observation)
    let expected = try OMP().solve(problem, sparsity: 3, on: CPUBackend())
    expectSame(
      try first.solution(OMP().solve(first.problem, sparsity: 3, on: CPUBackend())), expected)
  }
}

/// Tables taken in panel after panel.
@Suite struct ReducedTableTests {
  /// What solutions are compared on.
  private static let backend = CPUBackend()

  /// The rows of a table in panels of these sizes, one after another.
  private func reduced(
    _ tall: Tall, _ weights: [Double]?, panels: [Int]
  ) throws -> ReducedTable {
    var whole = ReducedTable(columns: tall.matrix.columns)
    var first = 0
    for count in panels {
      let rows = first..<min(first + count, tall.matrix.rows)
      let panel = try Matrix(
        rows: rows.count, columns: tall.matrix.columns,
        columnMajor: (0..<tall.matrix.columns).flatMap { j in rows.map { tall.matrix[$0, j] } })
      var part = ReducedTable(columns: tall.matrix.columns)
      try part.add(
        .double(panel), observations: [Array(tall.observation[rows])],
        weights: weights.map { Array($0[rows]) })
      try whole.add(part)
      first = rows.upperBound
    }
    return whole
  }

  /// Under every model a support has the same coefficients and loss on the few rows, and the same criteria where weights
  /// count rows.
  @Test(arguments: ReductionTests.models.indices, [[700], [1, 2, 300, 397], [699, 1]])
  func solutionsAreThoseOfTheTable(number: Int, panels: [Int]) throws {
    let (tall, model) = (try Tall(), ReductionTests.models[number])
    let table = try reduced(tall, model.weights, panels: panels)
    #expect(table.rows == (model.weights == nil ? 700 : 525) && table.width == 14)
    let contents = try table.contents()
    var few = model
    few.weights = Array(repeating: contents.weight, count: contents.matrix.rows)
    few.weightsAreFrequencies = true
    let problem = try RecoveryProblem(
      matrix: .double(tall.matrix), observation: tall.observation, model: model)
    let small = try RecoveryProblem(
      matrix: contents.matrix, observation: contents.observations[0], model: few)
    #expect(small.sampleSize == Int(table.totalWeight.rounded()))
    for k in model.included.count + 1...4 {
      let expected = try Exhaustive().solve(problem, sparsity: k, on: Self.backend)
      let found = try Exhaustive().solve(small, sparsity: k, on: Self.backend)
      #expect(found.support == expected.support)
      for (c, d) in zip(found.coefficients, expected.coefficients) {
        expectNear(c, d, "coefficient")
      }
      expectNear(found.intercept ?? 0, expected.intercept ?? 0, "intercept")
      expectNear(found.residualNorm / expected.residualNorm, 1, "residual")
      expectNear(found.relativeResidual, expected.relativeResidual, "relative residual")
      guard model.weights == nil else { continue }
      expectNear(
        try InformationCriterion.ebic().value(of: found, for: small),
        try InformationCriterion.ebic().value(of: expected, for: problem), "criterion")
    }
  }

  /// Columns and weights of any size; those of one panel may be far from those of another.
  @Test(arguments: [1e-150, 1e150]) func unitsMayChangeFromPanelToPanel(unit: Double) throws {
    var generator = SeededGenerator(seed: 5)
    var table = ReducedTable(columns: 2)
    var sums = [[Double]](repeating: [0, 0, 0, 0], count: 4)
    for scale in [1, unit, 1e3] {
      let rows = (0..<50).map { _ in
        [1, generator.normal() * scale, generator.normal(), generator.normal()]
      }
      try table.add(
        .double(Matrix(rows: 50, columns: 2, columnMajor: rows.map { $0[1] } + rows.map { $0[2] })),
        observations: [rows.map { $0[3] }])
      for row in rows {
        for i in 0..<4 {
          for j in 0..<4 {
            sums[i][j] += row[i] * row[j] / (i == 1 ? unit : 1) / (j == 1 ? unit : 1)
          }
        }
      }
    }
    let contents = try table.contents()
    func entry(_ i: Int, _ j: Int) -> Double {
      switch j {
      case 0: 1
      case 3: contents.observations[0][i]
      default: contents.matrix[i, j - 1] / (j == 1 ? unit : 1)
      }
    }
    for p in 0..<4 {
      for q in 0..<4 {
        let sum = (0..<4).reduce(0) { $0 + contents.weight * entry($1, p) * entry($1, q) }
        let size = (sums[p][p] * sums[q][q]).squareRoot()
        #expect(abs(sum - sums[p][q]) <= 1e-12 * size, "\(p), \(q)")
      }
    }
  }

  @Test func whatIsRefused() throws {
    var table = ReducedTable(columns: 2)
    let matrix = try Matrix(rows: 2, columns: 2, columnMajor: [1, 2, 3, 4])
    #expect(throws: RecoveryError.self) { try table.contents() }
    #expect(throws: RecoveryError.observationLength(expected: 2, found: 1)) {
      try table.add(.double(matrix), observations: [[1]])
    }
    #expect(throws: RecoveryError.weightsLength(expected: 2, found: 1)) {
      try table.add(.double(matrix), observations: [[1, 2]], weights: [1])
    }
    #expect(throws: RecoveryError.nonFiniteObservation(index: 1, value: .infinity)) {
      try table.add(.double(matrix), observations: [[1, .infinity]])
    }
    let holed = try Matrix(rows: 2, columns: 2, columnMajor: [1, 2, .infinity, 4])
    #expect(throws: RecoveryError.nonFiniteMatrix(row: 0, column: 1, value: .infinity)) {
      try table.add(.double(holed), observations: [[1, 2]])
    }
    #expect(throws: RecoveryError.self) {
      try table.add(ReducedTable(columns: 3))
    }
    #expect(throws: RecoveryError.self) {
      try table.add(.double(matrix), observations: [[1, 2]], weights: [-1, 1])
    }
    #expect(table.rows == 0)
    try table.add(.double(matrix), observations: [[.nan, 2]], weights: [0, 1])
    #expect(table.rows == 1 && table.totalWeight == 1)
  }
}

/// A table with columns far from zero, which depend on each other as those of data do.
fileprivate struct Tall {
  let matrix: Matrix<Double>
  let observation: [Double]
  var weights: [Double]

  init(rows: Int = 700, columns: Int = 12, seed: UInt64 = 3, unit: Double = 1) throws {
    var generator = SeededGenerator(seed: seed)
    let shared = (0..<rows).map { _ in generator.normal() }
    var entries: [Double] = []
    for j in 0..<columns {
      entries += shared.map { unit * (generator.normal() + 0.6 * $0 + Double(j % 4) * 3) }
    }
    matrix = try Matrix(rows: rows, columns: columns, columnMajor: entries)
    observation = (0..<rows).map { i in
      7 + 2 * entries[i] / unit - entries[i + 5 * rows] / unit + generator.normal()
    }
    weights = (0..<rows).map { Double($0 % 4) / 2 }
  }
}

/// |found − expected| within rounding: the columns have a condition of some hundreds.
private func expectNear(_ found: Double, _ expected: Double, _ what: String) {
  #expect(abs(found - expected) <= 1e-10 * max(abs(expected), 1e-3), "\(what)")
}

private func expectSame(_ found: SparseSolution, _ expected: SparseSolution) {
  #expect(found.support == expected.support)
  for (c, d) in zip(found.coefficients, expected.coefficients) { expectNear(c, d, "coefficient") }
  for (c, d) in zip(found.atomCoefficients.coefficients, expected.atomCoefficients.coefficients) {
    expectNear(c, d, "coefficient of an atom")
  }
  #expect((found.intercept == nil) == (expected.intercept == nil))
  expectNear(found.intercept ?? 0, expected.intercept ?? 0, "intercept")
  expectNear(found.residualNorm / expected.residualNorm, 1, "residual")
  expectNear(found.relativeResidual, expected.relativeResidual, "relative residual")
  expectNear(found.lossNorm, expected.lossNorm, "loss")
  #expect(found.warnings == expected.warnings)
  #expect(found.optimalityGap == expected.optimalityGap)
}
