import SparseRecovery
import Testing

/// The units of A, y and the weights have no say in what is found, however large or small: powers of two change no digit.
@Suite struct UnitTests {
  private static let (m, n, k) = (30, 8, 3)
  private let columns: [[Double]]
  private let y: [Double]

  init() throws {
    let (synthetic, _) = try draw(
      .gaussian(rows: Self.m, columns: Self.n), Self.k, snr: 20, seed: 5)
    columns = (0..<Self.n).map { j in (0..<Self.m).map { synthetic.matrix[$0, j] } }
    y = synthetic.observation
  }

  /// Squares of 2^±530 leave the range of a double.
  private static let exponents = [530, -660, 1000, -980]

  private func matrix(_ unit: Double) throws -> DenseMatrix {
    .double(
      try Matrix(
        rows: Self.m, columns: Self.n,
        columnMajor: columns.flatMap { column in column.map { $0 * unit } }))
  }

  private func problem(
    _ unit: Double, normalize: Bool = false, model: RecoveryModel = RecoveryModel()
  ) throws -> RecoveryProblem {
    try RecoveryProblem(
      matrix: matrix(unit), observation: y, normalize: normalize, model: model)
  }

  private func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  // MARK: Columns as they are

  @Test(arguments: Algorithm.all, exponents)
  func columnsThatAreNotNormalized(_ algorithm: Algorithm, exponent: Int) throws {
    let expected = try solve(algorithm, problem(1), Self.k)
    let found = try solve(algorithm, problem(power(exponent)), Self.k)
    #expect(expected.support.count == Self.k && found.support == expected.support)
    #expect(abs(found.relativeResidual - expected.relativeResidual) < 1e-13)
    for (f, e) in zip(found.coefficients, expected.coefficients) {
      #expect(abs(f * power(exponent) - e) < 1e-12 * abs(e))
    }
  }

  @Test(arguments: exponents) func everyBackendSeesTheSameColumns(exponent: Int) throws {
    let (given, extreme) = (try problem(1), try problem(power(exponent)))
    for backend in try everyBackend() {
      for solver in [OMP(), SEA(), IHT(), ELS()] as [any Solver] {
        let expected = try solver.solve(given, sparsity: Self.k, on: backend)
        #expect(
          try solver.solve(extreme, sparsity: Self.k, on: backend).support == expected.support)
      }
    }
  }

  /// Within 2^±256 columns are taken as they are.
  @Test(arguments: [0, 250, -250]) func ordinaryColumnsHaveTheFactorOne(exponent: Int) throws {
    #expect(try problem(power(exponent)).atoms.scale == Array(repeating: 1, count: Self.n))
  }

  /// Columns included are no atoms: they are fitted at last.
  @Test(arguments: exponents) func columnsIncluded(exponent: Int) throws {
    var model = RecoveryModel()
    model.included = [0, 3]
    model.hasIntercept = true
    let expected = try OMP().solve(problem(1, model: model), sparsity: 4, on: CPUBackend())
    for normalize in [false, true] {
      let found = try OMP().solve(
        problem(power(exponent), normalize: normalize, model: model), sparsity: 4, on: CPUBackend())
      #expect(found.support == expected.support)
      for (f, e) in zip(found.coefficients, expected.coefficients) {
        #expect(abs(f * power(exponent) - e) < 1e-12 * abs(e))
      }
    }
  }

  // MARK: What a solution is worth

  /// The unit of y, with an intercept or none.
  @Test(arguments: [530, -530, 1000, -900], [false, true])
  func measuresOfY(exponent: Int, hasIntercept: Bool) throws {
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    func measures(_ unit: Double) throws -> [Double?] {
      let problem = try RecoveryProblem(
        matrix: matrix(1), observation: y.map { $0 * unit }, model: model)
      let solution = try OMP().solve(problem, sparsity: Self.k, on: CPUBackend())
      let variance = ExplainedVariance(
        of: problem.observation, residualNorm: solution.residualNorm, problem)
      return [try MallowsCp(problem, on: CPUBackend()).value(of: solution), variance?.rSquared]
    }
    let (found, expected) = (try measures(power(exponent)), try measures(1))
    #expect(found[0] == expected[0])
    #expect((found[1] == nil) == !hasIntercept)
    if let f = found[1], let e = expected[1] { #expect(abs(f - e) < 1e-14) }
  }

  /// What no double can say is left out.
  @Test func shareBeyondTheLargestDouble() {
    #expect(ExplainedVariance(residualNorm: 1e200, of: [1, 2, 3]) == nil)
    #expect(ExplainedVariance(residualNorm: 1, of: [1, 2, 3])?.rSquared == 0.5)
  }

  // MARK: Errors held out

  /// Reduced to triangles, by rows, and of two observations with one support.
  @Test(arguments: [300, -300, 600, -600, 1000, -900], [TableReduction.on, .off])
  func crossValidationChoosesTheSame(exponent: Int, reduction: TableReduction) throws {
    var model = RecoveryModel()
    model.hasIntercept = true
    func run(_ unit: Double, jointly: Bool, weight: Double = 1) throws -> CrossValidationErrors {
      model.weights = (0..<Self.m).map { weight * Double($0 % 3) }
      var validation = CrossValidation(path: SparsityPath(solver: OMP()), folds: 5, seed: 3)
      validation.reduction = reduction
      let observation = y.map { $0 * unit }
      let found =
        jointly
        ? try validation.run(
          matrix(1), jointly: [observation, observation.reversed()], model: model,
          sparsities: 0...5, on: CPUBackend())
        : try validation.run(
          matrix(1), observation: observation, model: model, sparsities: 0...5, on: CPUBackend())
      return try #require(found)
    }
    for jointly in [false, true] {
      let (found, expected) = (
        try run(power(exponent), jointly: jointly), try run(1, jointly: jointly)
      )
      #expect(found.minimum == expected.minimum && expected.minimum > 0)
      #expect(found.oneStandardError == expected.oneStandardError)
      let unit = power(exponent)
      #expect(found.means == expected.means.map { $0 * unit * unit })
      #expect(found.folds == expected.folds.map { $0.map { $0 * unit * unit } })
      let weighted = try run(1, jointly: jointly, weight: power(exponent))
      #expect(weighted.minimum == expected.minimum)
      for (f, e) in zip(weighted.means, expected.means) { #expect(abs(f - e) < 1e-12 * e) }
    }
  }

  @Test(arguments: [600, -600]) func drawsAreComparedInTheSameWay(exponent: Int) throws {
    func run(_ unit: Double) throws -> ResampledPaths {
      try Resampling(.bootstrap, draws: 6, path: SparsityPath(solver: OMP()), seed: 2).run(
        matrix(1), observation: y.map { $0 * unit }, sparsities: 0...5, on: CPUBackend())
    }
    let (found, expected) = (try run(power(exponent)), try run(1))
    #expect(found.sparsityOfLeastError == expected.sparsityOfLeastError)
    let least = (0...5).min {
      (expected.heldOutError(at: $0)?.mean ?? 0) < (expected.heldOutError(at: $1)?.mean ?? 0)
    }
    #expect(expected.sparsityOfLeastError == least)
    #expect(found.heldOutError(at: 3)?.mean == (exponent > 0 ? .infinity : 0))
  }

  /// Huber's loss, with its threshold in the unit of y.
  @Test(arguments: [530, -565, 1000, -900]) func lossesInTheUnitOfY(exponent: Int) throws {
    let unit = power(exponent)
    func problem(_ unit: Double, _ model: RecoveryModel) throws -> RecoveryProblem {
      try RecoveryProblem(
        matrix: matrix(1), observation: y.map { $0 * unit }, model: model,
        loss: HuberLoss(threshold: 0.2 * unit))
    }
    func errors(_ unit: Double) throws -> CrossValidationErrors? {
      try CrossValidation(path: SparsityPath(solver: OMP()), folds: 5, seed: 3).run(
        matrix(1), observation: y.map { $0 * unit }, loss: HuberLoss(threshold: 0.2 * unit),
        sparsities: 0...5, on: CPUBackend())
    }
    for hasIntercept in [false, true] {
      var model = RecoveryModel()
      model.hasIntercept = hasIntercept
      model.ridge = 0.5
      for solver in [OMP(), Splicing(), Portfolio()] as [any Solver] {
        let expected = try solver.solve(problem(1, model), sparsity: Self.k, on: CPUBackend())
        let found = try solver.solve(problem(unit, model), sparsity: Self.k, on: CPUBackend())
        #expect(found.support == expected.support && found.support.count == Self.k)
        #expect(abs(found.relativeResidual - expected.relativeResidual) < 1e-9)
        for (f, e) in zip(found.coefficients, expected.coefficients) {
          #expect(abs(f / unit - e) < 1e-7 * abs(e))
        }
      }
    }
    let (found, expected) = (try #require(try errors(unit)), try #require(try errors(1)))
    #expect(found.minimum == expected.minimum && expected.minimum > 0)
    #expect(found.oneStandardError == expected.oneStandardError)
  }

  // MARK: Weights

  /// Weights whose squares, but not whose sum, overflow; and weights whose sum does.
  @Test func weights() throws {
    func solve(_ weight: Double) throws -> SparseSolution {
      var model = RecoveryModel()
      model.hasIntercept = true
      model.weights = Array(repeating: weight, count: Self.m)
      return try OMP().solve(problem(1, model: model), sparsity: Self.k, on: CPUBackend())
    }
    let expected = try solve(1)
    for weight in [1e306, 1e-306] {
      let found = try solve(weight)
      #expect(found.support == expected.support)
      let pairs =
        Array(zip(found.coefficients, expected.coefficients))
        + [(found.intercept ?? 0, expected.intercept ?? 1)]
      for (f, e) in pairs { #expect(abs(f - e) < 1e-12 * abs(e)) }
    }
    #expect(throws: RecoveryModel.weightOverflow) { try solve(1e308) }
    var table = ReducedTable(columns: Self.n)
    let weights = Array(repeating: 4e306, count: Self.m)
    try table.add(matrix(1), observations: [y], weights: weights)
    let whole = table
    #expect(throws: RecoveryModel.weightOverflow) { try table.add(whole) }
    #expect(throws: RecoveryModel.weightOverflow) {
      try table.add(matrix(1), observations: [y], weights: weights)
    }
  }
}
