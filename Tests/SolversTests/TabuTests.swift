import CPUBackend
import LeastSquares
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// Tabu search over exchanges.
@Suite struct TabuTests {
  private func tabu(_ iterations: Int, seed: UInt64 = 1) -> Tabu {
    var limits = Limits()
    limits.iterations = iterations
    return Tabu(seed: seed, limits: limits)
  }

  /// Cells that greedy exchanges and SEA mostly fail on.
  static let cells: [(MatrixEnsemble, Int)] = [
    (.gaussian(rows: 16, columns: 64), 5), (.gaussian(rows: 32, columns: 64), 14),
    (.deconvolution(size: 200, width: 3), 12),
    (.toeplitz(rows: 60, columns: 200, correlation: 0.8), 9),
  ]

  @Test(arguments: cells, 1...3) func leavesLocalMinima(
    _ cell: (MatrixEnsemble, Int), seed: UInt64
  ) throws {
    let (synthetic, problem) = try draw(cell.0, cell.1, seed: seed)
    let found = try tabu(20_000).solve(problem, sparsity: cell.1, on: CPUBackend())
    #expect(found.support == synthetic.support)
    #expect(found.stopReason == .residual)
  }

  /// The optimum of small problems, under every model, by looking at every support.
  @Test(arguments: 1...4) func findsTheOptimum(seed: UInt64) throws {
    for model in Self.models {
      let (_, plain) = try draw(.gaussian(rows: 20, columns: 24), 4, snr: 3, seed: seed)
      let problem = try RecoveryProblem(
        plain.atoms.operator, observation: plain.observation, model: model)
      let optimum = try Exhaustive().solve(problem, sparsity: 4, on: CPUBackend())
      let found = try tabu(2000).solve(problem, sparsity: 4, on: CPUBackend())
      #expect(found.lossNorm <= optimum.lossNorm * (1 + 1e-9), "\(model)")
    }
  }

  static let models: [RecoveryModel] = {
    var (ridge, signs, regression) = (RecoveryModel(), RecoveryModel(), RecoveryModel())
    ridge.ridge = 0.5
    signs.isNonnegative = true
    signs.hasIntercept = true
    regression.isStandardized = true
    regression.ridge = 2
    regression.weights = (0..<20).map { Double(1 + $0 % 3) }
    regression.included = [3]
    regression.excluded = [5, 9]
    return [RecoveryModel(), ridge, signs, regression]
  }()

  /// In the end no exchange of one atom for any other lowers the loss, on working sets and with atoms on
  /// the engine alone as well.
  @Test(arguments: [(60, 90), (40, 700)], [nil, 1 << 10])
  func theAnswerIsSwapOptimal(_ size: (Int, Int), memory: Int?) throws {
    let (_, problem) = try draw(
      .gaussian(rows: size.0, columns: size.1), 5, snr: 5, seed: 8)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    try expectSwapOptimal(problem, engine, memory)
  }

  private func expectSwapOptimal(
    _ problem: RecoveryProblem, _ engine: any Engine, _ memory: Int?
  ) throws {
    let loaded = Workspace(problem, on: engine, gramMemory: memory)
    let atoms = try loaded.host.atoms()
    #expect((atoms == nil) == (memory != nil))
    let found = try tabu(30).solve(loaded, sparsity: 5) { _ in .proceed }
    #expect(found.support.count == 5)
    let best = try problem.projection(onto: found.support).residualNorm
    for leaving in found.support {
      for j in 0..<problem.columns where !found.support.contains(j) {
        let other = (found.support.filter { $0 != leaving } + [j]).sorted()
        let norm = try problem.projection(onto: other).residualNorm
        #expect(norm >= best * (1 - 1e-8))
      }
    }
  }

  @Test func seedsAndRepetitions() throws {
    let (_, problem) = try draw(.gaussian(rows: 40, columns: 120), 8, snr: 5, seed: 2)
    func visits(_ solver: Tabu) throws -> [[Int]] {
      var visited: [[Int]] = []
      _ = try solver.solve(problem, sparsity: 8, on: CPUBackend()) {
        visited.append($0.support)
        return .proceed
      }
      return visited
    }
    #expect(try visits(tabu(900, seed: 5)) == visits(tabu(900, seed: 5)))
    let walks = try (1...4).map { try visits(tabu(3000, seed: $0)) }
    #expect(Set(walks).count > 1)
  }

  /// Limits of iterations count exchanges; the observer and the clock stop a walk that has no end.
  @Test func limits() throws {
    let (_, problem) = try draw(.gaussian(rows: 40, columns: 120), 8, snr: 5, seed: 3)
    let found = try tabu(777).solve(problem, sparsity: 8, on: CPUBackend())
    #expect(found.stopReason == .iterations)
    #expect((777..<800).contains(found.iterations))
    var endless = tabu(.max)
    var reports = 0
    let stopped = try endless.solve(problem, sparsity: 8, on: CPUBackend()) { _ in
      reports += 1
      return reports < 4 ? .proceed : .stop
    }
    #expect(stopped.stopReason == .interrupted && reports == 4)
    endless.limits.time = .milliseconds(30)
    #expect(try endless.solve(problem, sparsity: 8, on: CPUBackend()).stopReason == .time)
  }

  /// A walk ends when it is told to, between two reports, with the best so far; from its checkpoint it goes on as if it
  /// had not been.
  @Test(arguments: [(40, 120), (40, 700)], [false, true])
  func walksEndWhenToldTo(size: (Int, Int), isNonnegative: Bool) throws {
    let (_, plain) = try draw(
      .gaussian(rows: size.0, columns: size.1), 8, snr: 5, seed: 3)
    var model = RecoveryModel()
    model.isNonnegative = isNonnegative
    let problem = try RecoveryProblem(
      plain.atoms.operator, observation: plain.observation, model: model)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    func solve(
      _ questions: Questions?, from checkpoint: IterationCheckpoint? = nil
    ) throws -> (solution: SparseSolution, reports: Int, kept: IterationCheckpoint?) {
      var solver = tabu(1200)
      if let questions { solver.limits.isCancelled = { questions.answer() } }
      var (reports, kept): (Int, IterationCheckpoint?) = (0, nil)
      let solution = try solver.solve(
        Workspace(problem, on: engine), sparsity: 8, resuming: checkpoint,
        keeper: CheckpointKeeper(isDue: { false }) { kept = $0 }
      ) { _ in
        reports += 1
        return .proceed
      }
      return (solution, reports, kept)
    }
    let whole = try solve(nil)
    let asked = Questions(until: .max)
    #expect(Outcome(try solve(asked).solution) == Outcome(whole.solution))
    // Within a report of 300 exchanges there are several questions.
    #expect(asked.count > 2 * whole.reports)
    for place in 1..<8 {
      let cut = try solve(Questions(until: asked.count * place / 8))
      #expect(cut.solution.stopReason == .interrupted && !cut.solution.support.isEmpty)
      #expect(cut.solution.iterations < whole.solution.iterations)
      let kept: IterationCheckpoint = try #require(cut.kept)
      let rest = try solve(nil, from: kept)
      #expect(Outcome(rest.solution) == Outcome(whole.solution))
    }
  }

  /// Fewer columns than k, and columns that are copies of each other.
  @Test func nothingToExchange() throws {
    let column = (0..<6).map { Double($0 % 4) - 1 }
    let copies = try RecoveryProblem(
      matrix: .double(
        try Matrix(
          rows: 6, columns: 4,
          columnMajor: column + column + column.map { -2 * $0 } + column.map { $0 * $0 })),
      observation: [1, 2, -1, 0, 3, 1])
    for k in 1...4 {
      let found = try tabu(50).solve(copies, sparsity: k, on: CPUBackend())
      let best = try Exhaustive().solve(copies, sparsity: k, on: CPUBackend())
      #expect(found.lossNorm <= best.lossNorm * (1 + 1e-9))
    }
  }

  /// Columns as given whose inner products no double holds: an answer or a refusal, and an end.
  @Test func productsBeyondDoubles() throws {
    var generator = SeededGenerator(seed: 6)
    let entries = (0..<20 * 30).map { _ in generator.normal() * 1e160 }
    let problem = try RecoveryProblem(
      matrix: .double(try Matrix(rows: 20, columns: 30, columnMajor: entries)),
      observation: (0..<20).map { _ in generator.normal() }, normalize: false)
    for solver in [tabu(60), Portfolio(rounds: 1)] as [any Solver] {
      let found = try? solver.solve(problem, sparsity: 6, on: CPUBackend())
      #expect(found?.coefficients.allSatisfy(\.isFinite) ?? true)
    }
  }
}
