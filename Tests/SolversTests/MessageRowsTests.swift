import CPUBackend
import LeastSquares
import SparseCore
import Testing

@testable import Solvers

/// Message passing where rows are not the observations themselves: weighted, counted, or rotated.
@Suite struct MessageRowsTests {
  /// A Gaussian table whose columns have means up to one and a half times `mean`, with coefficients of .5 to 1.5 on a support.
  private struct Planted {
    let matrix: Matrix<Double>
    let observation: [Double]
    let support: [Int]

    init(
      _ m: Int, _ n: Int, _ k: Int, noise: Double, mean: Double = 0, correlation: Double = 0,
      seed: UInt64
    ) throws {
      var generator = SeededGenerator(seed: seed)
      let support = generator.sample(k, of: n)
      var entries: [Double] = []
      var before = [Double](repeating: 0, count: m)
      let fresh = (1 - correlation * correlation).squareRoot()
      for j in 0..<n {
        before = before.map {
          let new = generator.normal()
          return j == 0 ? new : correlation * $0 + fresh * new
        }
        let shift = mean * (0.5 + generator.uniform())
        entries += before.map { $0 + shift }
      }
      var y = (0..<m).map { _ in noise * generator.normal() }
      for j in support {
        let size = (0.5 + generator.uniform()) * generator.sign()
        for i in 0..<m { y[i] += size * entries[i + j * m] }
      }
      matrix = try Matrix(rows: m, columns: n, columnMajor: entries)
      (observation, self.support) = (y, support)
    }

    func problem(_ change: (inout RecoveryModel) -> Void = { _ in }) throws -> RecoveryProblem {
      var model = RecoveryModel()
      change(&model)
      return try RecoveryProblem(
        matrix: .double(matrix), observation: observation, model: model)
    }
  }

  private func solve(_ solver: some Solver, _ problem: RecoveryProblem, _ k: Int) throws
    -> SparseSolution
  {
    try solver.solve(problem, sparsity: k, on: CPUBackend())
  }

  /// Rows that were counted say no more than each of them once.
  @Test(arguments: 1...8 as ClosedRange<UInt64>) func countedRowsAreNoNewEvidence(seed: UInt64)
    throws
  {
    let planted = try Planted(60, 100, 6, noise: 0.1, seed: seed)
    let problem = try planted.problem {
      $0.weights = (0..<60).map { Double(1 + ($0 * $0 + 3 * $0) % 8) }
      $0.weightsAreFrequencies = true
    }
    for solver in [AMP(), VAMP()] as [any Solver] {
      let found = try solve(solver, problem, 6)
      #expect(found.support == planted.support && found.warnings.isEmpty)
    }
  }

  /// A few rows of large weight are few rows.
  @Test func unlikeWeightsCountFewerRows() throws {
    var found = 0
    for seed in 1...10 as ClosedRange<UInt64> {
      let planted = try Planted(60, 100, 7, noise: 0.1, seed: seed)
      var generator = SeededGenerator(seed: 100 + seed)
      let weights = (0..<60).map { _ in 1 / (0.2 + generator.uniform() * generator.uniform() * 8) }
      let problem = try planted.problem { $0.weights = weights }
      if try solve(AMP(), problem, 7).support == planted.support { found += 1 }
    }
    #expect(found >= 8)
  }

  /// On few rows the means of the columns are taken off as on all, columns included or not, and never where an intercept
  /// has seen to that.
  @Test(arguments: [[], [3]] as [Set<Int>], [false, true])
  func meansAreTakenOffOfReducedRows(included: Set<Int>, hasIntercept: Bool) throws {
    for seed in 1...2 as ClosedRange<UInt64> {
      let planted = try Planted(500, 60, 10, noise: 0.5, mean: 4, seed: seed)
      let problem = try planted.problem {
        $0.included = included
        $0.hasIntercept = hasIntercept
      }
      let reduction = try #require(try Reduction(problem, .on))
      let rotation = try #require(reduction.problem.model.rotation)
      #expect(rotation.startsWithConstant == !hasIntercept)
      #expect(reduction.problem.sampleSize == 500)
      let k = 10 + included.subtracting(planted.support).count
      let whole = try solve(AMP(), problem, k)
      let few = try reduction.solution(
        try solve(AMP(), reduction.problem, k - reduction.includedCount))
      #expect(whole.warnings.isEmpty && few.warnings.isEmpty)
      #expect(few.support == whole.support && few.iterations == whole.iterations)
      // A column included takes most of the means with it, and what is left of them goes unnoticed.
      if included.isEmpty { #expect(few.support == planted.support) }
    }
  }

  /// The first row of a reduced table is the direction of the vector of ones: without it every column is orthogonal to ones.
  @Test func theFirstRowIsTheConstant() throws {
    let planted = try Planted(200, 12, 3, noise: 1, mean: 2, seed: 5)
    let problem = try planted.problem()
    let few = try #require(try Reduction(problem, .on)).problem
    for j in 0..<12 {
      let (a, b) = (try problem.atoms.atom(j), try few.atoms.atom(j))
      let mean = a.reduce(0, +) / 200.squareRoot()
      #expect(abs(abs(b[0]) - abs(mean)) < 1e-13)
      #expect(b.count == 14)
    }
    // Of a column that is constant nothing is left beside it.
    let constant = try RecoveryProblem(
      matrix: .double(
        try Matrix(
          rows: 200, columns: 2,
          columnMajor: [Double](repeating: 3, count: 200) + Array(planted.observation))),
      observation: planted.observation.reversed(),
      model: {
        var model = RecoveryModel()
        model.included = [0]
        return model
      }())
    let rotation = try #require(try Reduction(constant, .on)?.problem.model.rotation)
    #expect(!rotation.startsWithConstant)
  }

  /// What `sea reduce` leaves stands for all rows, and AMP finds that out: taken for n + 2 rows it calls this divergence.
  @Test(arguments: [0, 3] as [Double], 1...3 as ClosedRange<UInt64>)
  func reducedTablesStandForTheirRows(mean: Double, seed: UInt64) throws {
    let planted = try Planted(1500, 60, 10, noise: 5, mean: mean, seed: seed)
    var table = ReducedTable(columns: 60)
    try table.add(.double(planted.matrix), observations: [planted.observation])
    let contents = try table.contents()
    var model = RecoveryModel()
    model.weights = Array(repeating: contents.weight, count: contents.matrix.rows)
    model.weightsAreFrequencies = true
    let few = try RecoveryProblem(
      matrix: contents.matrix, observation: contents.observations[0], model: model)
    let (whole, found) = (
      try solve(AMP(), planted.problem(), 10), try solve(AMP(), few, 10)
    )
    #expect(found.warnings.isEmpty && found.support == whole.support)
  }

  /// Within a factor of 1.5 the rows are those that inner products of the atoms show, and within what the weights allow.
  @Test func rowsAreMeasuredWhereWeightsLeaveItOpen() throws {
    func rows(_ problem: RecoveryProblem) throws -> Double {
      let engine = try CPUBackend().load(problem.atoms, precision: .double)
      return try UnitAtoms(Workspace(problem, on: engine)).rows
    }
    let planted = try Planted(300, 60, 10, noise: 1, seed: 1)
    let weights = (0..<300).map { Double(1 + $0 % 4) }
    // (4 · 75 · 2.5)² / (75 · 30)
    let alike = 250.0
    #expect(try rows(planted.problem()) == 300)
    #expect(abs(try rows(planted.problem { $0.weights = weights }) - alike) < 1e-9)
    let counted = try planted.problem {
      $0.weights = weights
      $0.weightsAreFrequencies = true
    }
    let measured = try rows(counted)
    #expect(measured >= alike * (1 - 1e-12) && measured < 1.5 * alike)
    let few = try #require(try Reduction(counted, .on)).problem
    #expect(abs(try rows(few) - measured) < 1e-9 * measured)
    var table = ReducedTable(columns: 60)
    try table.add(.double(planted.matrix), observations: [planted.observation])
    let contents = try table.contents()
    var model = RecoveryModel()
    model.weights = Array(repeating: contents.weight, count: contents.matrix.rows)
    func open(_ areFrequencies: Bool) throws -> Double {
      model.weightsAreFrequencies = areFrequencies
      return try rows(
        RecoveryProblem(
          matrix: contents.matrix, observation: contents.observations[0], model: model))
    }
    #expect(abs(try open(false) - 62) < 1e-9)
    #expect(try open(true) > 300 / 1.5 && open(true) <= 300 * (1 + 1e-12))
  }
}
