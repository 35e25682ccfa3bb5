import SparseRecovery
import SyntheticProblems
import Testing

/// Several observations on one A.
@Suite struct ManyTests {
  private let matrix: Matrix<Double>
  private let observations: [[Double]]

  init() throws {
    matrix = try MatrixEnsemble.gaussian(rows: 60, columns: 300).matrix(seed: 5)
    var generator = SeededGenerator(seed: 9)
    let matrix = matrix
    observations = (0..<20).map { place in
      var y = [Double](repeating: 0, count: 60)
      for _ in 0..<5 {
        let (j, c) = (Int(generator.next() % 300), generator.normal())
        for i in 0..<60 { y[i] += matrix[i, j] * c }
      }
      // Half of them with noise, which never ends early; one zero.
      return y.map { place == 7 ? 0 : place % 2 == 0 ? $0 : $0 + 0.05 * generator.normal() }
    }
  }

  /// Together as alone: supports, residuals and reasons to stop.
  @Test func togetherAsAlone() throws {
    var limits = Limits()
    limits.iterations = 100
    let sea = SEA(limits: limits)
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: observations[0])
    for backend in try everyBackend() {
      let engine = try backend.load(problem.atoms, precision: .double)
      let together = try sea.solve(
        problem, observations: observations, sparsity: 5, with: engine)
      #expect(together.count == observations.count)
      for (y, solution) in zip(observations, together) {
        let alone = try sea.solve(problem.observing(y), sparsity: 5, with: engine)
        #expect(solution.support == alone.support)
        #expect(solution.residualNorm == alone.residualNorm)
        #expect(solution.stopReason == alone.stopReason)
        #expect(solution.iterations == alone.iterations)
      }
    }
  }

  /// One support for observations that share theirs, found where noise hides it from each alone.
  @Test(arguments: scalable) func jointly(_ algorithm: Algorithm) throws {
    let support = [3, 77, 140, 201, 299]
    var generator = SeededGenerator(seed: 4)
    let observations = (0..<12).map { _ in
      var y = (0..<60).map { _ in 0.15 * generator.normal() }
      for j in support {
        let c = generator.normal()
        for i in 0..<60 { y[i] += matrix[i, j] * c }
      }
      return y
    }
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: observations[0])
    for backend in try everyBackend() {
      let engine = try backend.load(problem.atoms, precision: .double)
      let solutions = try Joint(algorithm.solver(Limits())).solve(
        problem, observations: observations, sparsity: 5, with: engine)
      #expect(solutions.map(\.support) == observations.map { _ in support })
    }
    let hits = try observations.filter { y in
      let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
      return try SEA().solve(problem, sparsity: 5, on: CPUBackend()).support == support
    }
    #expect(hits.count < observations.count)
  }
}
