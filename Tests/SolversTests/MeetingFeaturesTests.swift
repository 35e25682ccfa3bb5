import CPUBackend
import OpenCLBackend
import SparseCore
import SparseRecoveryTesting
import Testing

@testable import Solvers

/// Places where two features meet that once gave a wrong answer, one test each. `CrossingTests` looks
/// for others.
@Suite struct MeetingFeaturesTests {
  func gaussian(_ m: Int, _ n: Int, seed: UInt64) -> [[Double]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<n).map { _ in (0..<m).map { _ in generator.normal() } }
  }

  func matrix(_ columns: [[Double]]) throws -> DenseMatrix {
    .double(
      try Matrix(
        rows: columns[0].count, columns: columns.count, columnMajor: columns.flatMap { $0 }))
  }

  /// y = 2 a₃ − a₇ and a little noise.
  private func observation(_ columns: [[Double]], seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return columns[0].indices.map {
      2 * columns[3][$0] - columns[7][$0] + 0.1 * generator.normal()
    }
  }

  // MARK: Rows of weight 0

  /// Where data are missing people write a number that cannot be one.
  @Test(arguments: [1e16, 1e20, 9.97e36, 1e300, .nan, .infinity], 0..<4)
  func rowsOfWeightZeroAreNotThere(fill: Double, place: Int) throws {
    let columns = gaussian(40, 12, seed: 3)
    let y = observation(columns, seed: 4)
    let absent = [5, 9]
    var (filled, filledY) = (columns, y)
    var model = RecoveryModel()
    switch place {
    case 0: for i in absent { filled[4][i] = fill }
    case 1: for i in absent { for j in filled.indices { filled[j][i] = fill } }
    case 2: for i in absent { filledY[i] = fill }
    default:
      model.included = [2]
      for i in absent { filled[2][i] = fill }
    }
    let kept = (0..<40).filter { !absent.contains($0) }
    for hasIntercept in [false, true] {
      model.hasIntercept = hasIntercept
      let fewer = try RecoveryProblem(
        matrix: matrix(columns.map { c in kept.map { c[$0] } }), observation: kept.map { y[$0] },
        model: model)
      var weighted = model
      weighted.weights = (0..<40).map { absent.contains($0) ? 0 : 1 }
      let problem = try RecoveryProblem(
        matrix: matrix(filled), observation: filledY, model: weighted)
      for solver in [SEA(), OMP(), Portfolio()] as [any Solver] {
        let expected = try solver.solve(fewer, sparsity: 3, on: CPUBackend())
        for (backend, precision) in try everyBackend().map({ ($0, Precision.double) })
          + [(CPUBackend(), .single)]
        {
          let found = try solver.solve(problem, sparsity: 3, on: backend, precision: precision)
          #expect(found.support == expected.support)
          for (x, z) in zip(found.coefficients, expected.coefficients) {
            #expect(abs(x - z) <= 1e-13 * abs(z))
          }
          #expect(abs(found.residualNorm - expected.residualNorm) <= 1e-14 * expected.residualNorm)
          #expect(found.warnings.isEmpty)
        }
      }
    }
  }

  /// With weights far apart an atom is the weighted column, wherever it is fetched.
  @Test(.enabled(if: hasOpenCLDevice), arguments: 1...6)
  func steepWeightsVisitTheSameSupportsInEveryStorage(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let base = gaussian(60, 40, seed: seed)
    let columns = (0..<1500).map { j in
      (0..<60).map { base[j % 40][$0] + 0.05 * generator.normal() }
    }
    var model = RecoveryModel()
    model.weights = (0..<60).map { _ in Double.exp(4 * generator.normal()) }
    let y = (0..<60).map { (i: Int) -> Double in
      (0..<6).reduce(0) { $0 + columns[37 * $1 + 5][i] }
    }
    let problem = try RecoveryProblem(matrix: matrix(columns), observation: y, model: model)
    func visits(_ storage: AtomStorage) throws -> [[Int]] {
      var visited: [[Int]] = []
      var limits = Limits()
      limits.iterations = 60
      _ = try SEA(gradient: .blocked, limits: limits).solve(
        problem, sparsity: 6,
        on: OpenCLBackend(precision: .double, kernels: .native, storage: storage)
      ) {
        visited.append($0.support)
        return .proceed
      }
      return visited
    }
    let expected = try visits(.full)
    #expect(try visits(.half) == expected)
    #expect(try visits(.single) == expected)
  }

  /// What an intercept leaves of columns far from zero may be long where they were stored.
  @Test(.enabled(if: hasOpenCLDevice)) func storedColumnsMayBeLongerThanAtoms() throws {
    let columns = gaussian(50, 80, seed: 8).map { $0.map { $0 + 300 } }
    let y = observation(columns, seed: 9)
    var model = RecoveryModel()
    model.hasIntercept = true
    for weight in [1, 1e-6, 1e6] {
      model.weights = Array(repeating: weight, count: 50)
      let problem = try RecoveryProblem(matrix: matrix(columns), observation: y, model: model)
      for storage in [AtomStorage.full, .single, .half] {
        let found = try SEA().solve(
          problem, sparsity: 2, on: OpenCLBackend(precision: .double, storage: storage))
        #expect(found.support == [3, 7])
      }
    }
  }

  // MARK: One sparsity

  @Test(arguments: 1...6) func noSolverIsWorseThanItsStartWithColumnsIncluded(seed: UInt64) throws {
    let columns = gaussian(40, 30, seed: seed)
    var model = RecoveryModel()
    model.included = [1, 4]
    let y = observation(gaussian(40, 30, seed: seed + 100), seed: seed)
    let problem = try RecoveryProblem(matrix: matrix(columns), observation: y, model: model)
    for k in 3...6 {
      let start = try OMP().solve(problem, sparsity: k, on: CPUBackend())
      #expect(start.support.count == k)
      let solvers: [any Solver] = [
        ELS(), SEA(start: .solver(OMP())), SEA(start: .atoms(start.atomCoefficients)),
        OMPR(start: OMP()), Splicing(start: OMP()), ELS(start: .support(start.support)),
        SEA(start: .vector(start.dense(columns: 30))),
      ]
      for solver in solvers {
        let found = try solver.solve(problem, sparsity: k, on: CPUBackend())
        #expect(found.support.count == k)
        #expect(found.residualNorm <= start.residualNorm * (1 + 1e-14))
      }
    }
  }

  // MARK: Signs

  /// Three channels with positive spikes behind a causal kernel, and an intercept.
  @Test(arguments: 1...6) func jointPursuitsRespectSigns(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let columns = (0..<14).map { j in
      (0..<24).map { i in i < j ? 0 : Double.exp(-Double(i - j) / 3) }
    }
    var model = RecoveryModel()
    model.isNonnegative = true
    model.hasIntercept = true
    let observations = (0..<3).map { _ in
      (0..<24).map { i -> Double in
        let noise = 0.05 * generator.normal()
        return 1 + noise + columns[2][i] * 3 + columns[6][i] + columns[11][i] * 2
      }
    }
    let problem = try RecoveryProblem(
      matrix: matrix(columns), observation: observations[0], model: model)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    func solve(_ solver: any IterativeSolver) throws -> [SparseSolution] {
      try Joint(solver).solve(problem, observations: observations, sparsity: 3, with: engine)
    }
    func loss(_ solutions: [SparseSolution]) -> Double { solutions.reduce(0) { $0 + $1.loss } }
    let best = try solve(Exhaustive())
    // By definition: the best of all supports.
    var least = Double.infinity
    for a in 0..<14 {
      for b in a + 1..<14 {
        for c in b + 1..<14 {
          let fits = try observations.map {
            try FixedSupport([a, b, c]).solve(
              problem.observing($0), sparsity: 3, on: CPUBackend())
          }
          least = min(least, loss(fits))
        }
      }
    }
    #expect(abs(loss(best) - least) <= 1e-12 * least)
    for solver in [SEA(), OMP(), Exhaustive(), SP(), HTP()] as [any IterativeSolver] {
      let found = try solve(solver)
      #expect(found.allSatisfy { $0.support == found[0].support && $0.support.count <= 3 })
      #expect(found.allSatisfy { $0.coefficients.allSatisfy { $0 >= 0 } })
      #expect(loss(found) >= least * (1 - 1e-12))
      for place in found[0].support.indices {
        #expect(found.contains { $0.coefficients[place] > 0 })
      }
      #expect(loss(found) <= 1.05 * least)
    }
    #expect(try solve(SEA())[0].iterations == 1000)
  }

  @Test func whatSignsHoldAtZeroIsNotInTheSupport() throws {
    let columns = gaussian(20, 8, seed: 5)
    var model = RecoveryModel()
    model.isNonnegative = true
    let y = (0..<20).map { columns[2][$0] - columns[5][$0] + 0.5 * columns[6][$0] }
    let problem = try RecoveryProblem(matrix: matrix(columns), observation: y, model: model)
    for solver in [SEA(), OMP(), SP(), HTP(), Exhaustive(), Portfolio()] as [any Solver] {
      let found = try solver.solve(problem, sparsity: 8, on: CPUBackend())
      #expect(found.coefficients.allSatisfy { $0 > 0 })
      #expect(found.support.count < 8)
    }
    let path = try SparsityPath().solve(problem, sparsities: 0...8, on: CPUBackend())
    for point in path.points { #expect(point.solution.coefficients.allSatisfy { $0 > 0 }) }
  }

  /// Nothing to choose that may grow: the answer is empty.
  @Test func noCoefficientMayGrow() throws {
    let columns = [[1.0, 0, 0], [0, 1, 0]]
    var model = RecoveryModel()
    model.isNonnegative = true
    let problem = try RecoveryProblem(
      matrix: matrix(columns), observation: [-1, -1, 1], model: model)
    for solver in [SEA(), OMP(), Exhaustive(), Portfolio()] as [any Solver] {
      let found = try solver.solve(problem, sparsity: 2, on: CPUBackend())
      #expect(found.support.isEmpty && found.relativeResidual == 1)
    }
  }

  // MARK: Numbers beyond doubles

  @Test func resultsBeyondDoublesAreNamed() throws {
    let columns = gaussian(30, 12, seed: 6)
    let y = observation(columns, seed: 7).map { $0 * 1e150 }
    let problem = try RecoveryProblem(
      matrix: matrix(columns.map { $0.map { $0 * 1e-160 } }), observation: y)
    let error = RecoveryError.resultOverflow(.coefficient(column: 3))
    for solver in [SEA(), OMP(), Portfolio(), ELS()] as [any Solver] {
      #expect(throws: error) { try solver.solve(problem, sparsity: 2, on: CPUBackend()) }
    }
    #expect(throws: error) {
      try SparsityPath().solve(problem, sparsities: 1...3, on: CPUBackend())
    }
    // The columns alone are in order: coefficients of a tenth of the size are doubles.
    let smaller = try problem.observing(y.map { $0 * 1e-5 })
    let found = try Portfolio(rounds: 2).solve(smaller, sparsity: 2, on: CPUBackend())
    #expect(found.support == [3, 7] && found.coefficients.allSatisfy(\.isFinite))
    var model = RecoveryModel()
    model.ridge = 1
    #expect(throws: RecoveryError.penaltyOverflow(column: 0, ridge: 1)) {
      try RecoveryProblem(
        matrix: matrix(columns.map { $0.map { $0 * 1e-160 } }), observation: y, model: model)
    }
    let flat = try RecoveryProblem(
      matrix: matrix([Array(repeating: 1, count: 30)]),
      observation: (0..<30).map { $0 % 2 == 0 ? 1.7e308 : -1.7e308 })
    #expect(throws: RecoveryError.resultOverflow(.residualNorm)) {
      try OMP().solve(flat, sparsity: 1, on: CPUBackend())
    }
  }

  @Test func startsBeyondTheRangeOfTheEngineAreNamed() throws {
    let columns = gaussian(10, 4, seed: 6)
    let problem = try RecoveryProblem(
      matrix: matrix(columns.map { $0.map { $0 * 1e200 } }), observation: columns[0])
    let start = SEA(start: .vector([1e200, 0, 0, 0]))
    #expect(throws: RecoveryError.startOverflow(index: 0)) {
      try start.solve(problem, sparsity: 1, on: CPUBackend())
    }
    let single = SEA(start: .vector([1e-150, 0, 0, 0]))
    #expect(throws: RecoveryError.startOverflow(index: 0)) {
      try single.solve(problem, sparsity: 1, on: CPUBackend(), precision: .single)
    }
    #expect(throws: RecoveryError.self) {
      try SEA(start: .atoms(SparseVector(support: [4], coefficients: [1])))
        .solve(problem, sparsity: 1, on: CPUBackend())
    }
  }

  // MARK: Causes

  @Test func whyAColumnWasNoCandidateIsSaid() throws {
    let (a, b) = (gaussian(12, 1, seed: 1)[0], gaussian(12, 1, seed: 2)[0])
    let columns = [
      a, zip(a, b).map { $0 - 3 * $1 }, b, Array(repeating: 4.0, count: 12), a.map { _ in 0 },
      gaussian(12, 1, seed: 3)[0],
    ]
    var model = RecoveryModel()
    model.included = [0, 2]
    model.hasIntercept = true
    let y = gaussian(12, 1, seed: 4)[0]
    let problem = try RecoveryProblem(matrix: matrix(columns), observation: y, model: model)
    #expect(problem.atoms.explainedColumns == [1, 3] && problem.atoms.zeroColumns == [4])
    let found = try OMP().solve(problem, sparsity: 4, on: CPUBackend())
    #expect(
      found.warnings == [
        .zeroColumns([4]), .explainedColumns([1, 3]), .sparsityReduced(from: 4, to: 3),
      ])
    func refusal(_ columns: [[Double]], _ change: (inout RecoveryModel) -> Void) -> RecoveryError? {
      var model = RecoveryModel()
      change(&model)
      do {
        _ = try RecoveryProblem(
          matrix: matrix(columns), observation: Array(repeating: 1, count: columns[0].count),
          model: model)
        return nil
      } catch { return error as? RecoveryError }
    }
    #expect(
      refusal(columns) { $0.excluded = Set(0...5) }
        == .noUsableColumn(columns: 6, zero: 0, explained: 0, excluded: 6))
    #expect(
      refusal([[2], [3]]) { $0.hasIntercept = true }
        == .noUsableColumn(columns: 2, zero: 0, explained: 2, excluded: 0))
  }

  /// Columns equal but for their means are equal beside an intercept, also where subtracting the means
  /// costs most digits.
  @Test(arguments: [1e3, 1e6, 1e9]) func meansDoNotHideDependence(mean: Double) throws {
    var columns = gaussian(30, 6, seed: 12)
    columns[1] = columns[0].map { $0 + mean }
    var model = RecoveryModel()
    model.hasIntercept = true
    let y = (0..<30).map { columns[0][$0] + columns[3][$0] }
    let problem = try RecoveryProblem(matrix: matrix(columns), observation: y, model: model)
    let fit = try FixedSupport([0, 1, 3]).solve(problem, sparsity: 3, on: CPUBackend())
    #expect(fit.coefficients.allSatisfy { abs($0) < 10 })
    #expect(fit.warnings.contains(.dependentColumns(rank: 2, sparsity: 3)))
    for solver in [OLS(), ELS(), Exhaustive(), Portfolio()] as [any Solver] {
      let found = try solver.solve(problem, sparsity: 3, on: CPUBackend())
      #expect(found.relativeResidual < 1e-6 && found.coefficients.allSatisfy { abs($0) < 10 })
    }
  }
}

extension Double {
  /// eˣ, by its series at x / 2¹⁰.
  fileprivate static func exp(_ x: Double) -> Double {
    let small = x / 1024
    var (sum, term) = (1.0, 1.0)
    for i in 1...12 {
      term *= small / Double(i)
      sum += term
    }
    return (0..<10).reduce(sum) { power, _ in power * power }
  }
}
