import CPUBackend
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// Steps with exact gains, against trying every step.
@Suite struct ExchangeTests {
  private func synthetic(
    _ ensemble: MatrixEnsemble, _ k: Int, snr: Double? = 15, seed: UInt64
  ) throws -> (SyntheticProblem, RecoveryProblem) {
    try draw(ensemble, k, snr: snr, seed: seed)
  }

  private func visits(
    _ solver: some Solver, _ problem: RecoveryProblem, _ k: Int, _ backend: any Backend,
    precision: Precision = .double
  ) throws -> [[Int]] {
    var visited: [[Int]] = []
    _ = try solver.solve(problem, sparsity: k, on: backend, precision: precision) {
      if $0.solver == type(of: solver).name { visited.append($0.support) }
      return .proceed
    }
    return visited
  }

  static let ensembles: [MatrixEnsemble] = [
    .gaussian(rows: 20, columns: 45), .toeplitz(rows: 25, columns: 40, correlation: 0.95),
    .deconvolution(size: 48, width: 2),
  ]

  @Test(arguments: 1...4, ensembles) func forwardStepsAreTheBest(
    seed: UInt64, ensemble: MatrixEnsemble
  ) throws {
    let (synthetic, problem) = try synthetic(ensemble, 6, seed: seed)
    let expected = LiteralSearches(synthetic.matrix, synthetic.observation).forward(6)
    for backend in try everyBackend() {
      #expect(try visits(OLS(), problem, 6, backend) == expected)
    }
  }

  @Test(arguments: 1...4, ensembles) func swapsAreTheBest(
    seed: UInt64, ensemble: MatrixEnsemble
  ) throws {
    let (synthetic, problem) = try synthetic(ensemble, 6, seed: seed)
    var generator = SeededGenerator(seed: seed)
    // A poor start, so that there is something to do.
    let start = generator.sample(6, of: ensemble.columns)
    let expected = LiteralSearches(synthetic.matrix, synthetic.observation)
      .exchanges(from: start)
    #expect(expected.count > 3)
    for backend in try everyBackend() {
      #expect(try visits(ELS(start: .support(start)), problem, 6, backend) == expected)
    }
  }

  /// Columns of very different length, taken as they are.
  @Test(arguments: 1...4) func columnsNeedNotBeNormalised(seed: UInt64) throws {
    let (synthetic, _) = try synthetic(.gaussian(rows: 20, columns: 30), 5, seed: seed)
    let matrix = try Matrix<Double>(rows: 20, columns: 30) { target in
      for j in 0..<30 {
        for i in 0..<20 { target[i + j * 20] = synthetic.matrix[i, j] * Double(1 + j * j) }
      }
    }
    let problem = try RecoveryProblem(
      matrix: .double(matrix), observation: synthetic.observation, normalize: false)
    let literal = LiteralSearches(matrix, synthetic.observation)
    #expect(try visits(OLS(), problem, 5, CPUBackend()) == literal.forward(5))
    let start = [3, 8, 20, 21, 29]
    #expect(
      try visits(ELS(start: .support(start)), problem, 5, CPUBackend())
        == literal.exchanges(from: start))
  }

  /// In single precision the gains are rounded, the losses not: the end is no worse than the start,
  /// and where gains are clear it is the same.
  @Test(arguments: 1...4) func singlePrecisionIsJudgedInDouble(seed: UInt64) throws {
    let (_, problem) = try synthetic(.gaussian(rows: 40, columns: 120), 6, seed: seed)
    var generator = SeededGenerator(seed: seed)
    let start = generator.sample(6, of: 120)
    let solver = ELS(start: .support(start))
    let expected = try visits(solver, problem, 6, CPUBackend())
    #expect(try visits(solver, problem, 6, CPUBackend(), precision: .single) == expected)
    #expect(
      try visits(OLS(), problem, 6, CPUBackend(), precision: .single)
        == visits(OLS(), problem, 6, CPUBackend()))
  }

  /// Repeated and nearly parallel columns, in the start as well: every report is better than the
  /// one before, so that no support comes twice.
  @Test(arguments: 1...6) func dependentColumnsDoNotLeadAstray(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var columns = (0..<60).map { _ in (0..<25).map { _ in generator.normal() } }
    for j in stride(from: 0, to: 56, by: 4) {
      columns[j + 1] = columns[j]
      columns[j + 2] = columns[j].map { $0 + 1e-9 * generator.normal() }
    }
    let matrix = try Matrix(rows: 25, columns: 60, columnMajor: columns.flatMap { $0 })
    let y = (0..<25).map { i in (0..<5).reduce(0.1 * generator.normal()) { $0 + columns[$1 * 7][i] }
    }
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    for start in [[0, 1, 2, 4, 5], [0, 1], []] {
      for precision in Precision.allCases {
        var residuals: [Double] = []
        let solution = try ELS(start: .support(start))
          .solve(problem, sparsity: 5, on: CPUBackend(), precision: precision) {
            residuals.append($0.relativeResidual)
            return .proceed
          }
        #expect(solution.stopReason == .converged)
        let isFalling = zip(residuals, residuals.dropFirst()).allSatisfy { $0 > $1 }
        #expect(isFalling)
        #expect(solution.support.count == 5)
        #expect(solution.warnings.isEmpty)
        if precision == .double {
          let literal = LiteralSearches(matrix, y)
          let last = literal.exchanges(from: solution.support).last ?? []
          // Nearly parallel columns differ in the loss by next to nothing.
          #expect(
            literal.residualNorm(last) >= literal.residualNorm(solution.support) * (1 - 1e-6))
        }
      }
    }
  }

  /// Polishing a support is never worse, and a budget is kept.
  @Test(arguments: 1...4) func polishingKeepsItsBudget(seed: UInt64) throws {
    let (_, problem) = try synthetic(.deconvolution(size: 100, width: 3), 6, seed: seed)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    try expectBudgetIsKept(problem, engine, seed)
  }

  private func expectBudgetIsKept(
    _ problem: RecoveryProblem, _ engine: any Engine, _ seed: UInt64
  ) throws {
    let loaded = Workspace(problem, on: engine)
    var generator = SeededGenerator(seed: seed)
    let x = try loaded.project(onto: generator.sample(6, of: 100))
    #expect(try loaded.polished(x, sparsity: 6, exchanges: 0).support == x.support)
    #expect(try loaded.polished(x, sparsity: 6, until: .now).support == x.support)
    let once = try loaded.polished(x, sparsity: 6, exchanges: 1)
    #expect(Set(once.support).subtracting(x.support).count == 1)
    #expect(once.residualNorm < x.residualNorm)
    let polished = try loaded.polished(x, sparsity: 6)
    #expect(polished.residualNorm < once.residualNorm)
    #expect(try loaded.polished(polished, sparsity: 6).support == polished.support)
    #expect(try loaded.polished(polished, sparsity: 8).support.count == 8)
  }

  /// One pass for 15 atoms and their residual, one for every exchange, and a last look without.
  @Test func passesAreFew() throws {
    let (_, problem) = try synthetic(.gaussian(rows: 80, columns: 300), 15, seed: 2)
    let start = Array(0..<15)
    let solution = try ELS(start: .support(start)).solve(problem, sparsity: 15, on: CPUBackend())
    #expect(solution.iterations > 10)
    #expect(solution.matrixPasses == solution.iterations)
    let forward = try OLS().solve(problem, sparsity: 15, on: CPUBackend())
    #expect(forward.matrixPasses <= 4)
  }

  /// Hardly any promising atom: nearly every step is foreseen wrongly, and still the right one.
  @Test(arguments: 1...4, [1, 2, 5]) func tooFewPromisingAtomsCostOnlyTime(
    seed: UInt64, breadth: Int
  ) throws {
    let (_, problem) = try synthetic(.gaussian(rows: 60, columns: 400), 10, snr: 10, seed: seed)
    let expected = try visits(OLS(), problem, 18, CPUBackend())
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let (supports, passes) = try select(problem, engine, breadth: breadth)
    #expect(supports == expected)
    if breadth == 1 { #expect(passes >= 12) }
  }

  private func select(
    _ problem: RecoveryProblem, _ engine: any Engine, breadth: Int
  ) throws -> (supports: [[Int]], passes: Int) {
    let loaded = Workspace(problem, on: engine)
    let search = try Search("ols", loaded, sparsity: 18, limits: Limits())
    var selection = try ForwardSelection(loaded, sparsity: 18, breadth: breadth)
    var visited: [[Int]] = []
    while true {
      let step = try selection.step(search)
      visited += step.candidates.map(\.support)
      guard let stop = step.stop else { continue }
      #expect(stop == .iterations)
      return (visited, loaded.matrixPasses)
    }
  }

  /// Figures of an independent implementation: the diabetes data with squares and products.
  @Test(arguments: [
    (10, 0.67506, 0.67482, 0.67375), (20, 0.65777, 0.65325, 0.65528),
  ])
  func polynomialFeatures(k: Int, omp: Double, ols: Double, els: Double) throws {
    let problem = try exampleProblem("diabetes", degree: 2)
    for (solver, expected) in [(OMP(), omp), (OLS(), ols), (ELS(), els)] as [(any Solver, Double)] {
      let solution = try solver.solve(problem, sparsity: k, on: CPUBackend())
      #expect(abs(solution.relativeResidual - expected) < 5.5e-6)
    }
  }

  /// Mean support distances of an independent implementation on 20 problems, ours on 60: two standard
  /// errors of the difference are allowed.
  @Test(arguments: [
    (10, [0.260, 0.260, 0.160]), (20, [0.423, 0.398, 0.267]),
  ])
  func deconvolutionDistances(k: Int, expected: [Double]) throws {
    for (solver, expected) in zip([OMP(), OLS(), ELS()] as [any Solver], expected) {
      let distances = try (1...60).map { seed in
        let (synthetic, problem) = try synthetic(
          .deconvolution(size: 500, width: 3), k, snr: nil, seed: UInt64(seed))
        let solution = try solver.solve(problem, sparsity: k, on: CPUBackend())
        return supportDistance(solution.support, from: synthetic.support)
      }
      let mean = distances.reduce(0, +) / 60
      let variance = distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 59
      #expect(abs(mean - expected) <= 2 * (variance / 20 + variance / 60).squareRoot())
    }
  }

  @Test(arguments: [[1, 1], [0, 30], [-1], [0, 1, 2, 3], [4]])
  func startsThatAreNoSupportsAreRefused(start: [Int]) throws {
    let matrix = try Matrix<Double>(rows: 10, columns: 30) { target in
      for place in 0..<300 { target[place] = place / 10 == 4 ? 0 : Double(1 + place % 7) }
    }
    let problem = try RecoveryProblem(
      matrix: .double(matrix), observation: [Double](repeating: 1, count: 10))
    #expect(
      throws: RecoveryError.invalidOption(
        name: "start", value: "\(start)",
        expected: "at most 3 distinct columns from 0 up to 30, "
          + "all of which may be selected")
    ) { try ELS(start: .support(start)).solve(problem, sparsity: 3, on: CPUBackend()) }
  }
}
