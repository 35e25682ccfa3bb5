import LeastSquares
import SparseRecovery
import Testing

/// What is fitted beside the plain least squares, against the same problem written out by hand.
@Suite struct ModelTests {
  private let rows = 40
  private let columns = 90
  private let matrix: Matrix<Double>
  private let observation: [Double]
  private let weights: [Double]

  init() throws {
    var generator = SeededGenerator(seed: 17)
    // Columns with means and lengths of their own.
    var entries: [Double] = []
    for j in 0..<90 {
      let (mean, size) = (3 * generator.normal(), Double(1 + j % 7))
      entries += (0..<40).map { _ in size * (mean + generator.normal()) }
    }
    let matrix = try Matrix(rows: 40, columns: 90, columnMajor: entries)
    self.matrix = matrix
    observation = (0..<40).map { i in
      5 + matrix[i, 4] - 0.5 * matrix[i, 33] + 0.25 * matrix[i, 71] + 0.3 * generator.normal()
    }
    weights = (0..<40).map { $0 % 5 == 0 ? 0 : 0.5 + generator.uniform() }
  }

  private func mapped(_ body: ([Double]) -> [Double]) throws -> Matrix<Double> {
    try Matrix(
      rows: rows, columns: columns,
      columnMajor: (0..<columns).flatMap { j in body((0..<rows).map { matrix[$0, j] }) })
  }

  private func solve(
    _ matrix: Matrix<Double>, _ y: [Double], _ model: RecoveryModel = RecoveryModel(), k: Int = 4,
    normalize: Bool = true, solver: any Solver = SEA(), backend: any Backend = CPUBackend()
  ) throws -> SparseSolution {
    let problem = try RecoveryProblem(
      matrix: .double(matrix), observation: y, normalize: normalize, model: model)
    return try solver.solve(problem, sparsity: k, on: backend)
  }

  private func expectAgreement(_ found: SparseSolution, _ expected: SparseSolution) {
    #expect(found.support == expected.support)
    let size = expected.coefficients.reduce(0) { $0 + abs($1) }
    for (x, z) in zip(found.coefficients, expected.coefficients) {
      #expect(abs(x - z) <= 1e-10 * size)
    }
    #expect(abs(found.residualNorm - expected.residualNorm) <= 1e-11 * expected.residualNorm)
  }

  @Test func interceptIsCentring() throws {
    func centred(_ v: [Double]) -> [Double] {
      let mean = v.reduce(0, +) / Double(v.count)
      return v.map { $0 - mean }
    }
    var model = RecoveryModel()
    model.hasIntercept = true
    let expected = try solve(mapped(centred), centred(observation))
    for backend in try everyBackend() {
      let found = try solve(matrix, observation, model, backend: backend)
      expectAgreement(found, expected)
      let fit = (0..<rows).map { i in
        zip(found.support, found.coefficients).reduce(0) { $0 + matrix[i, $1.0] * $1.1 }
      }
      let mean = zip(observation, fit).reduce(0) { $0 + $1.0 - $1.1 } / Double(rows)
      #expect(abs(try #require(found.intercept) - mean) <= 1e-10 * abs(mean))
    }
  }

  @Test(arguments: [SEA.Gradient.direct, .gram, .blocked]) func weightsScaleRows(
    gradient: SEA.Gradient
  ) throws {
    func scaled(_ v: [Double]) -> [Double] { zip(v, weights).map { $0 * $1.squareRoot() } }
    var model = RecoveryModel()
    model.weights = weights
    let expected = try solve(mapped(scaled), scaled(observation))
    for backend in try everyBackend() {
      expectAgreement(
        try solve(
          matrix, observation, model, solver: SEA(gradient: gradient), backend: backend), expected)
    }
  }

  /// Rows of weight zero might as well not be there.
  @Test func zeroWeightsLeaveRowsOut() throws {
    let kept = weights.indices.filter { weights[$0] > 0 }
    var model = RecoveryModel()
    model.weights = weights.map { $0 > 0 ? 1 : 0 }
    model.hasIntercept = true
    let found = try solve(matrix, observation, model)
    model.weights = nil
    let fewer = try Matrix(
      rows: kept.count, columns: columns,
      columnMajor: (0..<columns).flatMap { j in kept.map { matrix[$0, j] } })
    let expected = try solve(fewer, kept.map { observation[$0] }, model)
    expectAgreement(found, expected)
    #expect(abs(found.intercept! - expected.intercept!) <= 1e-10 * abs(expected.intercept!))
  }

  @Test func includedAndExcludedColumns() throws {
    var model = RecoveryModel()
    model.included = [7, 12]
    model.excluded = [33]
    for backend in try everyBackend() {
      for solver in [SEA(), OMP(), SP(), SEA(gradient: .direct)] as [any Solver] {
        let found = try solve(matrix, observation, model, k: 5, solver: solver, backend: backend)
        #expect(found.support.count == 5)
        #expect(found.support.contains(7) && found.support.contains(12))
        #expect(!found.support.contains(33))
        // All five coefficients are those of least squares on the support.
        let columns = found.support.map { j in (0..<rows).map { matrix[$0, j] } }
        let expected = try leastSquares(columns, observation)
        let size = expected.reduce(0) { $0 + abs($1) }
        for (x, z) in zip(found.coefficients, expected) { #expect(abs(x - z) <= 1e-9 * size) }
      }
    }
    // Nothing to choose: least squares on what is included.
    let found = try solve(matrix, observation, model, k: 2)
    #expect(found.support == [7, 12])
  }

  /// A ridge is least squares with a row √λ e_j below A for every column.
  @Test(arguments: [1e-6, 1, 1e4]) func ridgeAddsRows(ridge: Double) throws {
    let augmented = try Matrix(
      rows: rows + columns, columns: columns,
      columnMajor: (0..<columns).flatMap { j in
        let row = (0..<columns).map { (i: Int) -> Double in i == j ? ridge.squareRoot() : 0 }
        return Array(matrix.column(j)) + row
      })
    let y = observation + Array(repeating: 0, count: columns)
    var model = RecoveryModel()
    model.ridge = ridge
    let expected = try solve(augmented, y, normalize: false, solver: OMP(gradient: .direct))
    for backend in try everyBackend() {
      let found = try solve(
        matrix, observation, model, normalize: false, solver: OMP(), backend: backend)
      #expect(found.support == expected.support)
      let size = expected.coefficients.reduce(0) { $0 + abs($1) }
      for (x, z) in zip(found.coefficients, expected.coefficients) {
        #expect(abs(x - z) <= 1e-9 * size)
      }
    }
  }

  /// The coefficients of a nonnegative solution satisfy the conditions of Karush, Kuhn and Tucker.
  @Test func nonnegativeCoefficients() throws {
    var model = RecoveryModel()
    model.isNonnegative = true
    for backend in try everyBackend() {
      for solver in [SEA(), OMP(), SP(), HTP()] as [any Solver] {
        let found = try solve(matrix, observation, model, k: 6, solver: solver, backend: backend)
        #expect(found.coefficients.allSatisfy { $0 >= 0 })
        let r = (0..<rows).map { i in
          zip(found.support, found.coefficients).reduce(-observation[i]) {
            $0 + matrix[i, $1.0] * $1.1
          }
        }
        for (j, x) in zip(found.support, found.coefficients) {
          let column = (0..<rows).map { matrix[$0, j] }
          let gradient = zip(column, r).reduce(0) { $0 + $1.0 * $1.1 }
          let rounding =
            1e-11 * column.squaredNorm.squareRoot() * observation.squaredNorm.squareRoot()
          #expect(x > 0 ? abs(gradient) <= rounding : gradient >= -rounding)
        }
      }
    }
  }

  @Test func standardisedRidgeIgnoresUnits() throws {
    var model = RecoveryModel()
    model.isStandardized = true
    model.ridge = 3
    let expected = try solve(matrix, observation, model)
    let scaled = try Matrix(
      rows: rows, columns: columns,
      columnMajor: (0..<columns).flatMap { j in
        let (unit, offset) = (Double(1 << (j % 9)), Double(j % 3))
        return (0..<rows).map { matrix[$0, j] * unit + offset }
      })
    let found = try solve(scaled, observation, model)
    #expect(found.support == expected.support)
    for (place, j) in expected.support.enumerated() {
      let wanted = expected.coefficients[place] / Double(1 << (j % 9))
      #expect(abs(found.coefficients[place] - wanted) <= 1e-9 * abs(wanted))
    }
  }

  @Test func contradictionsAreRefusedByName() throws {
    func refusal(_ change: (inout RecoveryModel) -> Void, k: Int = 4) -> RecoveryError? {
      var model = RecoveryModel()
      change(&model)
      do {
        _ = try solve(matrix, observation, model, k: k)
        return nil
      } catch { return error as? RecoveryError }
    }
    #expect(
      refusal {
        $0.included = [3]
        $0.excluded = [3, 4]
      }
        == .invalidOption(
          name: "include", value: "column 3", expected: "columns that are not excluded as well"))
    #expect(
      refusal({ $0.included = [1, 2, 3] }, k: 2)
        == .invalidOption(
          name: "sparsity", value: "2", expected: "at least 3, the number of columns included"))
    #expect(
      refusal { $0.weights = [1, 2] } == .weightsLength(expected: 40, found: 2))
    #expect(
      refusal { $0.weights = Array(repeating: 0, count: 40) }
        == .invalidOption(name: "weights", value: "zeros only", expected: "one above 0"))
    #expect(
      refusal { $0.ridge = -1 }
        == .invalidOption(
          name: "ridge", value: "-1.0", expected: "a finite number of at least 0"))
    #expect(
      refusal { $0.excluded = [90] }
        == .invalidOption(
          name: "exclude", value: "column 90", expected: "columns from 0 to 89"))
  }
}
