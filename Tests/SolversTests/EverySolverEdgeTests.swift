import CPUBackend
import Solvers
import SparseCore
import SyntheticProblems
import Testing

/// What every solver does at its limits, and with problems at the edge of what can be asked.
@Suite struct EverySolverEdgeTests {
  @Test(arguments: scalable) func limitsAreKept(_ algorithm: Algorithm) throws {
    let (_, problem) = try draw(.gaussian(rows: 30, columns: 60), 6, snr: 10, seed: 1)
    var limits = Limits()
    limits.time = .zero
    let timed = try algorithm.solver(limits).solve(problem, sparsity: 6, on: CPUBackend())
    // SEA explores a block of supports before it looks at the clock.
    #expect(timed.stopReason == .time && timed.iterations <= (algorithm.name == SEA.name ? 8 : 1))
    let stopped = try algorithm.solver(Limits()).solve(problem, sparsity: 6, on: CPUBackend()) {
      _ in .stop
    }
    #expect(stopped.stopReason == .interrupted && stopped.iterations == 1)
    limits.time = nil
    limits.tolerance = 0.99
    let explained = try algorithm.solver(limits).solve(problem, sparsity: 6, on: CPUBackend())
    #expect(explained.stopReason == .residual)
    limits.tolerance = .nan
    let solver = algorithm.solver(limits)
    #expect(throws: RecoveryError.self) {
      try solver.solve(problem, sparsity: 6, on: CPUBackend())
    }
    for k in [-1, 0, 61] {
      #expect(throws: RecoveryError.sparsityOutOfRange(sparsity: k, columns: 60)) {
        try solve(algorithm, problem, k)
      }
    }
  }

  @Test(arguments: Algorithm.all) func nothingToExplain(_ algorithm: Algorithm) throws {
    let zero = try solve(algorithm, state([[1, 0], [0, 1], [1, 1]], [0, 0]), 2)
    #expect(zero.support.isEmpty && zero.stopReason == .residual)
    // Orthogonal to every column: the empty support is as good as any.
    let orthogonal = try solve(algorithm, state([[1, 0, 0], [0, 1, 0]], [0, 0, 3]), 2)
    #expect(orthogonal.relativeResidual == 1)
  }

  @Test(arguments: Algorithm.all) func zeroColumnsAreNeverSelected(_ algorithm: Algorithm) throws {
    let problem = try state(
      [[0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 1, 1]], [1, 2, 3])
    for k in [3, 5] {
      let solution = try algorithm.solver(Limits()).solve(problem, sparsity: k, on: CPUBackend()) {
        #expect(!$0.support.contains(0) && !$0.support.contains(2))
        return .proceed
      }
      #expect(solution.support == [1, 3, 4])
      #expect(solution.warnings.contains(.zeroColumns([0, 2])))
    }
  }

  @Test(arguments: Algorithm.all) func oneRowOrOneColumn(_ algorithm: Algorithm) throws {
    let single = try solve(algorithm, state([[-4]], [8]), 1)
    #expect(single.support == [0] && single.coefficients == [-2])
    for k in 1...3 {
      let row = try solve(algorithm, state([[1], [-2], [4]], [8]), k)
      #expect(row.relativeResidual < 1e-15)
    }
  }

  /// All columns, and supports larger than the rows, whose columns are dependent.
  @Test(arguments: scalable) func broadSupports(_ algorithm: Algorithm) throws {
    let (_, tall) = try draw(.gaussian(rows: 20, columns: 8), 4, snr: 10, seed: 2)
    let all = try solve(algorithm, tall, 8)
    #expect(all.support == Array(0..<8))
    let (_, wide) = try draw(.gaussian(rows: 5, columns: 20), 3, seed: 3)
    for k in [4, 5, 8, 20] {
      let solution = try solve(algorithm, wide, k)
      #expect(solution.support.count <= k && solution.relativeResidual < 1)
      if k >= 8 { #expect(solution.relativeResidual < 1e-12) }
    }
  }

  @Test(arguments: scalable, [true, false])
  func degenerateColumns(_ algorithm: Algorithm, normalize: Bool) throws {
    let (synthetic, _) = try draw(.gaussian(rows: 12, columns: 10), 3, snr: 20, seed: 4)
    let columns = (0..<10).map { j in (0..<12).map { synthetic.matrix[$0, j] } }
    let degenerate =
      columns + columns.map { $0.map { -$0 } } + columns.map { $0.map { $0 * 1e3 } }
      + columns.map { $0.enumerated().map { $1 + ($0 == 0 ? 1e-9 : 0) } }
    let problem = try state(degenerate, synthetic.observation, normalize: normalize)
    for k in [1, 3, 12, 40] {
      let solution = try solve(algorithm, problem, k)
      #expect(solution.relativeResidual < 1 && solution.support.count <= k)
    }
  }

  /// Small integers make ties, zeros, duplicates and dependence; units make numbers large and small.
  @Test(arguments: Algorithm.all, [1, 1e-100, 1e100])
  func tinyProblemsEnd(_ algorithm: Algorithm, unit: Double) throws {
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<60 {
      let (m, n) = (
        Int.random(in: 1...5, using: &generator), Int.random(in: 1...6, using: &generator)
      )
      func vector() -> [Double] {
        (0..<m).map { _ in unit * Double(Int.random(in: -2...2, using: &generator)) }
      }
      let columns = [[Double](repeating: unit, count: m)] + (0..<n - 1).map { _ in vector() }
      for normalize in [true, false] {
        let problem = try state(columns, vector(), normalize: normalize)
        for k in 1...n {
          let solution = try solve(algorithm, problem, k)
          #expect(solution.support.count <= k && solution.relativeResidual <= 1 + 1e-12)
          for j in solution.support { #expect(problem.atoms.isUsable(j)) }
        }
      }
    }
  }

  static let refused: [any Solver] = [
    GOMP(atomsPerStep: 0), IHT(stepSize: 0), IHT(stepSize: .infinity), AIHT(conjugateSteps: 0),
    HTP(stepSize: -1), FHTP(gradientSteps: -1), FHTP(stepSize: .nan), OMPR(exchanges: 0),
    OMPR(stepSize: -2), Splicing(exchanges: 0), FoBa(deletionShare: 1), FoBa(breadth: 0),
    changing(IHT()) { $0.stillness = 1 }, changing(NIHT()) { $0.margin = -0.1 },
    changing(AIHT()) { $0.margin = .nan }, VAMP(restarts: -1),
  ]

  private static func changing<S: Solver>(_ solver: S, _ change: (inout S) -> Void) -> S {
    var solver = solver
    change(&solver)
    return solver
  }

  @Test(arguments: refused.indices) func optionsAreChecked(index: Int) throws {
    let (_, problem) = try draw(.gaussian(rows: 30, columns: 60), 6, snr: 10, seed: 1)
    let solver = Self.refused[index]
    #expect { try solver.solve(problem, sparsity: 6, on: CPUBackend()) } throws: { error in
      guard case RecoveryError.invalidOption = error else { return false }
      return true
    }
  }

  /// Options beyond all sense are taken as the largest that make sense, and steps too long end.
  @Test func largeOptionsEnd() throws {
    let (_, problem) = try draw(.gaussian(rows: 30, columns: 60), 6, snr: 10, seed: 1)
    for solver in [
      GOMP(atomsPerStep: .max), FoBa(breadth: .max), OMPR(exchanges: .max),
      Splicing(exchanges: .max), HTP(stepSize: 1e300), FHTP(stepSize: 1e9),
    ] as [any Solver] {
      #expect(try solver.solve(problem, sparsity: 6, on: CPUBackend()).relativeResidual < 1)
    }
    let diverging = try IHT(stepSize: 100).solve(problem, sparsity: 6, on: CPUBackend())
    #expect(diverging.stopReason == .stagnation)
  }
}
