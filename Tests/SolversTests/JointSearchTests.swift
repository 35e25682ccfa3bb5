import CPUBackend
import LeastSquares
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// Searches by exchanges, and the portfolio of them, for several observations with one support.
@Suite struct JointSearchTests {
  /// Gaussian columns, and observations of very different size that share k of them, with noise.
  private func draw(
    _ rows: Int, _ columns: Int, _ k: Int, noise: Double = 0.5,
    model: RecoveryModel = RecoveryModel(), seed: UInt64
  ) throws -> (matrix: Matrix<Double>, problem: RecoveryProblem) {
    let matrix = try MatrixEnsemble.gaussian(rows: rows, columns: columns).matrix(seed: seed)
    var generator = SeededGenerator(seed: seed)
    let support = generator.sample(k, of: columns)
    let observations = [1, 3, 0.2].map { size in
      var y = (0..<rows).map { _ in noise * generator.normal() }
      for j in support {
        let draw = generator.normal()
        let size = 0.5 + abs(draw)
        let c = model.isNonnegative || draw > 0 ? size : -size
        for i in y.indices { y[i] += c * matrix[i, j] }
      }
      return y.map { $0 * size }
    }
    let problem = try RecoveryProblem(
      matrix: .double(matrix), observation: observations[0], model: model
    ).observing(jointly: observations)
    return (matrix, problem)
  }

  static let models: [RecoveryModel] = {
    var (ridge, signs, regression) = (RecoveryModel(), RecoveryModel(), RecoveryModel())
    ridge.ridge = 0.5
    signs.isNonnegative = true
    regression.hasIntercept = true
    regression.weights = (0..<40).map { Double(1 + $0 % 3) }
    regression.included = [3]
    regression.excluded = [5, 9]
    return [RecoveryModel(), ridge, signs, regression]
  }()

  /// Every exchange is the best of all, by trying all of them on plain arrays.
  @Test(arguments: 1...4) func exchangesAreTheBest(seed: UInt64) throws {
    let (matrix, problem) = try draw(20, 45, 6, seed: seed)
    var generator = SeededGenerator(seed: seed)
    let start = generator.sample(6, of: 45)
    let expected = LiteralSearches(matrix, observations: problem.observations)
      .exchanges(from: start)
    #expect(expected.count > 1)
    for backend in try everyBackend() {
      var visited: [[Int]] = []
      _ = try ELS(start: .support(start)).solve(problem, sparsity: 6, on: backend) {
        visited.append($0.support)
        return .proceed
      }
      #expect(visited == expected, "\(backend.identity)")
    }
  }

  /// In the end no exchange of one atom for any other lowers the loss: on all atoms, on working sets, and with atoms on
  /// the engine alone.
  @Test(arguments: [90, 700], [nil, 1 << 10]) func answersAreSwapOptimal(
    columns: Int, memory: Int?
  ) throws {
    var limits = Limits()
    limits.iterations = 30
    let solvers: [any ResumableSolver] = [
      Tabu(limits: limits), Portfolio(rounds: 1, limits: limits),
    ]
    for (number, model) in Self.models.enumerated() {
      let (_, problem) = try draw(40, columns, 4, model: model, seed: UInt64(number))
      let engine = try CPUBackend().load(problem.atoms, precision: .double)
      for solver in solvers {
        let workspace = Workspace(problem, on: engine, gramMemory: memory)
        #expect(try (workspace.host.atoms() == nil) == (memory != nil))
        let found = try solver.solve(workspace, sparsity: 4) { _ in .proceed }
        #expect(found.stopReason != .residual)
        try expectSwapOptimal(found.atomCoefficients.support, problem)
      }
    }
  }

  private func expectSwapOptimal(_ support: [Int], _ problem: RecoveryProblem) throws {
    #expect(support.count == 4 - problem.atoms.required.count)
    let best = try problem.projection(onto: support).residualNorm
    for leaving in support {
      for j in problem.atoms.usable where !support.contains(j) {
        let other = (support.filter { $0 != leaving } + [j]).sorted()
        let norm = try problem.projection(onto: other).residualNorm
        #expect(norm >= best * (1 - 1e-8))
      }
    }
  }

  /// The best of its members, and of SEA and OMP alone; now and then better than both.
  @Test(arguments: models.indices) func portfolioIsNoWorse(model: Int) throws {
    var wins = 0
    for seed in 1...3 as ClosedRange<UInt64> {
      let (_, problem) = try draw(40, 120, 12, model: Self.models[model], seed: seed)
      func loss(_ solver: some Solver) throws -> Double {
        try solver.solve(problem, sparsity: 12, on: CPUBackend()).lossNorm
      }
      let found = try Portfolio(rounds: 2).solve(problem, sparsity: 12, on: CPUBackend())
      #expect(found.attempts.map(\.solver).contains(RoundSearch.name) && found.rounds > 0)
      let others = try min(loss(SEA()), loss(OMP()), loss(SP()))
      #expect(found.lossNorm <= others * (1 + 1e-12))
      if found.lossNorm < others * (1 - 1e-6) { wins += 1 }
    }
    #expect(wins > 0)
  }

  /// Where A is large, SEA starts from what two of the pursuits agree on.
  @Test func largeProblemsEndEarly() throws {
    let (_, problem) = try draw(300, 4000, 6, noise: 0.1, seed: 1)
    let found = try Portfolio().solve(problem, sparsity: 6, on: CPUBackend())
    #expect(found.attempts.map(\.solver) == ["sp", "omp", "cosamp", "sea"])
  }

  /// Observations that are equal, or multiples of each other, are as good as one.
  @Test(arguments: JointTests.methods.indices) func multiplesOfOne(number: Int) throws {
    var solver = JointTests.methods[number]
    solver.limits.iterations = 100
    let (_, problem) = try draw(30, 16, 3, seed: 4)
    let y = problem.observation
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let alone = try solver.solve(problem.observing(y), sparsity: 3, with: engine)
    for factors in [[1, 1, 1], [1, -2, 0.25], [4, 0, 1]] {
      let found = try Joint(solver).solve(
        problem, observations: factors.map { f in y.map { $0 * f } }, sparsity: 3, with: engine)
      #expect(found.map(\.support) == factors.map { _ in alone.support })
      #expect(found.map(\.coefficients) == factors.map { f in alone.coefficients.map { $0 * f } })
    }
  }

  /// No observation but zeros, one row, one column, all columns; k outside what there is.
  @Test(arguments: JointTests.methods.indices) func edges(number: Int) throws {
    let solver = JointTests.methods[number]
    func solve(
      _ columns: [[Double]], _ observations: [[Double]], _ k: Int
    ) throws -> [SparseSolution] {
      let problem = try RecoveryProblem(
        matrix: .double(
          Matrix(
            rows: columns[0].count, columns: columns.count, columnMajor: columns.flatMap { $0 })),
        observation: observations[0])
      return try Joint(solver).solve(
        problem, observations: observations, sparsity: k,
        with: CPUBackend().load(problem.atoms, precision: .double))
    }
    let table: [[Double]] = [[1, 0, 1, 2], [0, 1, 1, -1], [1, 1, 0, 0]]
    let zeros = try solve(table, [[0, 0, 0, 0], [0, 0, 0, 0]], 2)
    #expect(zeros.allSatisfy { $0.support.isEmpty && $0.stopReason == .residual })
    let all = try solve(table, [[1, 2, 3, 4], [0, 0, 0, 0], [1, -1, 2, 0]], 3)
    #expect(all.allSatisfy { $0.support == [0, 1, 2] })
    for k in 1...3 {
      let row = try solve([[1], [-2], [4]], [[8], [-1], [0]], k)
      #expect(row.allSatisfy { $0.relativeResidual < 1e-15 && $0.support.count <= k })
    }
    let column = try solve([[-4, 4]], [[8, -8], [0, 0]], 1)
    #expect(column.map(\.support) == [[0], [0]] && column[1].coefficients == [0])
    #expect(abs(column[0].coefficients[0] + 2) < 1e-15)
    for k in [-1, 0, 4] {
      #expect(throws: RecoveryError.sparsityOutOfRange(sparsity: k, columns: 3)) {
        try solve(table, [[1, 2, 3, 4], [4, 3, 2, 1]], k)
      }
    }
  }

  /// Small integers make ties, zeros, duplicates and dependence.
  @Test(arguments: JointTests.methods.indices) func tinyProblemsEnd(number: Int) throws {
    let solver = JointTests.methods[number]
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<40 {
      let (m, n) = (
        Int.random(in: 1...5, using: &generator), Int.random(in: 1...6, using: &generator)
      )
      func vector() -> [Double] {
        (0..<m).map { _ in Double(Int.random(in: -2...2, using: &generator)) }
      }
      let columns = [Double](repeating: 1, count: m) + (0..<n - 1).flatMap { _ in vector() }
      let observations = (0..<3).map { _ in vector() }
      let problem = try RecoveryProblem(
        matrix: .double(Matrix(rows: m, columns: n, columnMajor: columns)),
        observation: observations[0])
      let engine = try CPUBackend().load(problem.atoms, precision: .double)
      for k in 1...n {
        let found = try Joint(solver).solve(
          problem, observations: observations, sparsity: k, with: engine)
        #expect(Set(found.map(\.support)).count == 1 && found[0].support.count <= k)
        #expect(found.allSatisfy { $0.relativeResidual <= 1 + 1e-12 })
      }
    }
  }
}
