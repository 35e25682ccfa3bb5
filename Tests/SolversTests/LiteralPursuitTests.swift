import CPUBackend
import Solvers
import SparseCore
import SyntheticProblems
import Testing

/// Every pursuit that is defined by its sequence of supports visits what its definition, read word
/// for word, visits, until it stops: for one observation, and for several that share a support.
@Suite struct LiteralPursuitTests {
  /// Observations behind the first are of its support, with coefficients and noise of their own.
  private func literal(
    _ parameters: SyntheticParameters, observations count: Int = 1
  ) throws -> (RecoveryProblem, LiteralPursuits) {
    let synthetic = try SyntheticProblem(parameters)
    let (matrix, truth) = (synthetic.matrix, synthetic.support)
    var generator = SeededGenerator(seed: parameters.seed)
    let others = (1..<count).map { _ in
      var y = synthetic.observation.map { _ in 0.05 * generator.normal() }
      for j in truth {
        let c = generator.normal()
        for i in y.indices { y[i] += c * matrix[i, j] }
      }
      return y
    }
    let observations = [synthetic.observation] + others
    return (
      try RecoveryProblem(matrix: .double(matrix), observation: observations[0])
        .observing(jointly: observations),
      LiteralPursuits(matrix, observations, sparsity: parameters.sparsity)
    )
  }

  private func expect(
    _ solver: any Solver, _ problem: RecoveryProblem, _ k: Int, on engines: [any Engine],
    visits expected: (Int) -> [[Int]]
  ) throws {
    for engine in engines {
      var visited: [[Int]] = []
      _ = try solver.solve(problem, sparsity: k, with: engine) {
        visited.append($0.support)
        return .proceed
      }
      #expect(visited == expected(visited.count), "\(type(of: solver).name), \(engine.identity)")
    }
  }

  /// Noisy, so that nothing ends because all is explained.
  @Test(arguments: 1...8, [1, 3])
  func supportsAreThoseOfTheDefinition(seed: UInt64, observations: Int) throws {
    let k = 4 + Int(seed)
    let (problem, literal) = try literal(
      SyntheticParameters(
        ensemble: .gaussian(rows: 50, columns: 110), sparsity: k, snr: 15, seed: seed),
      observations: observations)
    let engines = try everyBackend().map { try $0.load(problem.atoms, precision: .double) }
    var limits = Limits()
    limits.iterations = 30
    try expect(IHT(stepSize: 0.3, limits: limits), problem, k, on: engines) {
      literal.iht($0, μ: 0.3)
    }
    try expect(HTP(limits: limits), problem, k, on: engines) { literal.htp($0, μ: 1) }
    try expect(HTP(stepSize: 0.2, limits: limits), problem, k, on: engines) {
      literal.htp($0, μ: 0.2)
    }
    try expect(CoSaMP(limits: limits), problem, k, on: engines) { literal.cosamp($0) }
    try expect(SP(limits: limits), problem, k, on: engines) { literal.sp($0) }
    try expect(OMPR(limits: limits), problem, k, on: engines) { literal.ompr($0) }
    try expect(Splicing(limits: limits), problem, k, on: engines) { literal.splicing($0) }
    try expect(NIHT(limits: limits), problem, k, on: engines) { literal.niht($0, c: 0.01) }
    try expect(NHTP(limits: limits), problem, k, on: engines) { literal.nhtp($0) }
    try expect(SEA(limits: limits), problem, k, on: engines) { literal.sea($0) }
    try expect(OMP(), problem, k, on: engines) { literal.gomp($0, atomsPerStep: 1) }
    let forward = literal.ols()
    try expect(OLS(), problem, k, on: engines) { Array(forward.prefix($0)) }
    try expect(GOMP(atomsPerStep: 3), problem, k, on: engines) { literal.gomp($0, atomsPerStep: 3) }
    try expect(GOMP(atomsPerStep: 1), problem, k, on: engines) { literal.gomp($0, atomsPerStep: 1) }
    let pursued = literal.foba(ν: 0.5, breadth: 2)
    try expect(FoBa(), problem, k, on: engines) { Array(pursued.prefix($0)) }
  }

  /// Where several atoms become superfluous at once, deletions together cost less than the addition before them gained:
  /// every round lowers the loss, so that it ends.
  @Test(arguments: 1...40, [0.3, 0.9]) func deletionsCostLessThanTheAdditionGained(
    seed: UInt64, ν: Double
  ) throws {
    let (m, n, k) = (16, 30, 5)
    var generator = SeededGenerator(seed: seed)
    let columns = factorColumns(n, rows: m, factors: 3, noise: 0.2, &generator)
    let y = (0..<m).map { i in
      0.3 * generator.normal() + (0..<6).reduce(0) { $0 + columns[5 * $1][i] }
    }
    let matrix = try Matrix(rows: m, columns: n, columnMajor: columns.flatMap(\.self))
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    let literal = LiteralPursuits(matrix, [y], sparsity: k).foba(ν: ν, breadth: 2)
    var visited: [[Int]] = []
    let found = try FoBa(deletionShare: ν).solve(problem, sparsity: k, on: CPUBackend()) {
      visited.append($0.support)
      return .proceed
    }
    #expect(visited == literal)
    #expect(found.stopReason == .converged)
  }

  /// GOMP with one atom a step is OMP; FHTP without gradient steps is IHT; OMPR that may replace all
  /// k atoms with a step size is HTP, for as long as the residual decreases.
  @Test(arguments: 1...8) func membersOfOneFamilyMeet(seed: UInt64) throws {
    let (problem, _) = try literal(
      SyntheticParameters(
        ensemble: .gaussian(rows: 50, columns: 110), sparsity: 6, snr: 15, seed: seed))
    func visits(_ solver: any Solver) throws -> [[Int]] {
      var visited: [[Int]] = []
      _ = try solver.solve(problem, sparsity: 6, on: everyBackend()[0]) {
        visited.append($0.support)
        return .proceed
      }
      return visited
    }
    #expect(try visits(GOMP(atomsPerStep: 1)) == visits(OMP()))
    #expect(try visits(FHTP(gradientSteps: 0, stepSize: 0.3)) == visits(IHT(stepSize: 0.3)))
    let (pursued, replaced) = try (visits(HTP()), visits(OMPR(exchanges: 6, stepSize: 1)))
    let shared = min(pursued.count, replaced.count)
    #expect(pursued.prefix(shared) == replaced.prefix(shared))
  }
}
