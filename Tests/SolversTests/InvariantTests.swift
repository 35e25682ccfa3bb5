import CPUBackend
import ReferenceBackend
import Solvers
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

/// What must hold for every problem, on problems drawn from fixed seeds.
@Suite struct InvariantTests {
  private func limits(_ iterations: Int) -> Limits {
    var limits = Limits()
    limits.iterations = iterations
    return limits
  }

  private func synthetic(_ seed: UInt64, snr: Double? = 20) throws -> SyntheticProblem {
    try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 50, columns: 120), sparsity: 8, snr: snr, seed: seed))
  }

  private func problem(_ matrix: Matrix<Double>, _ y: [Double]) throws -> RecoveryProblem {
    try RecoveryProblem(matrix: .double(matrix), observation: y)
  }

  private func visits(_ solver: some Solver, _ problem: RecoveryProblem, _ k: Int) throws -> [[Int]]
  {
    var visited: [[Int]] = []
    _ = try solver.solve(problem, sparsity: k, on: CPUBackend()) {
      visited.append($0.support)
      return .proceed
    }
    return visited
  }

  @Test(arguments: 1...5) func stepSizeHasNoEffectFromZero(seed: UInt64) throws {
    let synthetic = try synthetic(seed)
    let problem = try problem(synthetic.matrix, synthetic.observation)
    let expected = try visits(SEA(limits: limits(100)), problem, 8)
    for stepSize in [1e-3, 0.37, 250] {
      #expect(try visits(SEA(stepSize: stepSize, limits: limits(100)), problem, 8) == expected)
    }
  }

  @Test(arguments: 1...5, [1e-6, 1e6, 1e-250, 1e250])
  func theUnitOfTheObservationDoesNotMatter(seed: UInt64, unit: Double) throws {
    let synthetic = try synthetic(seed)
    let solver = SEA(limits: limits(100))
    let plain = try problem(synthetic.matrix, synthetic.observation)
    let scaled = try problem(synthetic.matrix, synthetic.observation.map { $0 * unit })
    #expect(try visits(solver, scaled, 8) == visits(solver, plain, 8))
    let a = try solver.solve(plain, sparsity: 8, on: CPUBackend())
    let b = try solver.solve(scaled, sparsity: 8, on: CPUBackend())
    for (x, z) in zip(a.coefficients, b.coefficients) { #expect(abs(z / unit - x) < 1e-12) }
    #expect(abs(b.residualNorm / unit - a.residualNorm) < 1e-12)
  }

  @Test(arguments: 1...5) func theUnitsOfTheColumnsDoNotMatter(seed: UInt64) throws {
    let synthetic = try synthetic(seed)
    var generator = SeededGenerator(seed: seed)
    let units = (0..<120).map { _ in
      Double(
        sign: .plus, exponent: Int.random(in: -40...40, using: &generator),
        significand: 1 + generator.uniform())
    }
    let matrix = try Matrix<Double>(rows: 50, columns: 120) { target in
      for j in 0..<120 {
        for i in 0..<50 { target[i + j * 50] = synthetic.matrix[i, j] * units[j] }
      }
    }
    let solver = SEA(limits: limits(100))
    let plain = try problem(synthetic.matrix, synthetic.observation)
    let scaled = try problem(matrix, synthetic.observation)
    #expect(try visits(solver, scaled, 8) == visits(solver, plain, 8))
    let a = try solver.solve(plain, sparsity: 8, on: CPUBackend())
    let b = try solver.solve(scaled, sparsity: 8, on: CPUBackend())
    for (p, j) in a.support.enumerated() {
      #expect(abs(b.coefficients[p] * units[j] - a.coefficients[p]) < 1e-12)
    }
  }

  /// From 𝒳⁰ = Aᵀy nothing ties, so that the order of the columns has no say.
  @Test(arguments: 1...5) func theOrderOfTheColumnsDoesNotMatter(seed: UInt64) throws {
    let synthetic = try synthetic(seed)
    var generator = SeededGenerator(seed: seed)
    let order = Array(0..<120).shuffled(using: &generator)
    let matrix = try Matrix<Double>(rows: 50, columns: 120) { target in
      for j in 0..<120 { for i in 0..<50 { target[i + j * 50] = synthetic.matrix[i, order[j]] } }
    }
    let solver = SEA(start: .correlation, stepSize: 1, limits: limits(100))
    let plain = try visits(solver, problem(synthetic.matrix, synthetic.observation), 8)
    let permuted = try visits(solver, problem(matrix, synthetic.observation), 8)
    #expect(permuted.map { $0.map { order[$0] }.sorted() } == plain)
  }

  @Test(arguments: 1...5) func rowMajorAndColumnMajorAgree(seed: UInt64) throws {
    let synthetic = try synthetic(seed)
    let rowMajor = (0..<50).flatMap { i in (0..<120).map { synthetic.matrix[i, $0] } }
    let matrix = try Matrix(rows: 50, columns: 120, rowMajor: rowMajor)
    let solver = SEA(limits: limits(100))
    #expect(
      try visits(solver, problem(matrix, synthetic.observation), 8)
        == visits(solver, problem(synthetic.matrix, synthetic.observation), 8))
  }

  /// loss(SEA from X) ≤ loss(X) for every X with k nonzeros: OMP's, and random ones.
  @Test(arguments: 1...10) func neverWorseThanItsStart(seed: UInt64) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .deconvolution(size: 100, width: 3), sparsity: 6, snr: 30, seed: seed))
    let problem = try problem(synthetic.matrix, synthetic.observation)
    let omp = try OMP().solve(problem, sparsity: 6, on: CPUBackend())
    let fromOMP = try SEA(start: .solver(OMP()), limits: limits(50))
      .solve(problem, sparsity: 6, on: CPUBackend())
    #expect(fromOMP.residualNorm <= omp.residualNorm)

    var generator = SeededGenerator(seed: seed)
    let support = generator.sample(6, of: 100)
    var start = [Double](repeating: 0, count: 100)
    for j in support { start[j] = generator.sign() * (1 + generator.uniform()) }
    let explored = try visits(SEA(start: .vector(start), limits: limits(5)), problem, 6)
    #expect(explored.first == support)
  }

  /// Orthonormal columns without noise: S⁰ and S¹ may miss, S² cannot.
  @Test(arguments: 1...10) func orthonormalColumnsNeedTwoUpdates(seed: UInt64) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(ensemble: .dct(rows: 64, columns: 64), sparsity: 9, seed: seed))
    let problem = try problem(synthetic.matrix, synthetic.observation)
    let solution = try SEA().solve(problem, sparsity: 9, on: CPUBackend())
    #expect(solution.support == synthetic.support)
    #expect(solution.iterations <= 3)
    #expect(solution.stopReason == .residual)
  }

  /// Gaussian problems with ample rows and no noise are recovered exactly, in either precision.
  @Test(arguments: 1...10, Precision.allCases)
  func easyProblemsAreRecovered(seed: UInt64, precision: Precision) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 100, columns: 200), sparsity: 8, seed: seed))
    let problem = try problem(synthetic.matrix, synthetic.observation)
    let solution = try SEA().solve(problem, sparsity: 8, on: CPUBackend(), precision: precision)
    #expect(solution.support == synthetic.support)
    for (found, truth) in zip(solution.coefficients, synthetic.coefficients) {
      #expect(abs(found - truth) < 1e-12)
    }
  }
}
