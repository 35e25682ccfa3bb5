import CPUBackend
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// The best support with a proof, against the search through all of them.
@Suite struct BranchAndBoundTests {
  static let models: [RecoveryModel] = {
    func model(_ change: (inout RecoveryModel) -> Void) -> RecoveryModel {
      var model = RecoveryModel()
      change(&model)
      return model
    }
    return [
      RecoveryModel(),
      model {
        $0.hasIntercept = true
        $0.weights = (0..<36).map { Double($0 % 4) }
        $0.included = [3]
        $0.excluded = [8]
      },
      model { $0.ridge = 2 },
      model { $0.isNonnegative = true },
      model {
        $0.isStandardized = true
        $0.isNonnegative = true
        $0.ridge = 0.5
      },
    ]
  }()

  /// 36 × 14, all columns of three factors and noise where they are to be coherent.
  private func problem(
    isCoherent: Bool, _ model: RecoveryModel, seed: UInt64
  ) throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: seed)
    let columns =
      isCoherent
      ? factorColumns(14, rows: 36, factors: 3, noise: 0.3, &generator)
      : (0..<14).map { _ in (0..<36).map { _ in generator.normal() } }
    let y = (0..<36).map { columns[2][$0] - columns[9][$0] + columns[13][$0] + generator.normal() }
    return try RecoveryProblem(
      matrix: .double(Matrix(rows: 36, columns: 14, columnMajor: columns.flatMap { $0 })),
      observation: y, model: model)
  }

  /// The loss of the one is that of the other, and proved.
  private func expectOptimum(_ problem: RecoveryProblem, _ k: Int) throws {
    let expected = try Exhaustive().solve(problem, sparsity: k, on: CPUBackend())
    let found = try BranchAndBound().solve(problem, sparsity: k, on: CPUBackend())
    #expect(expected.optimalityGap == 0 && found.stopReason == .converged)
    let gap = try #require(found.optimalityGap)
    #expect(gap >= 0 && gap <= 1e-9)
    // `lossNorm` is the root of the loss.
    #expect(abs(found.lossNorm - expected.lossNorm) <= 1e-9 * expected.lossNorm)
  }

  @Test(arguments: models.indices, [false, true])
  func findsTheOptimum(model: Int, isCoherent: Bool) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let problem = try problem(isCoherent: isCoherent, Self.models[model], seed: seed)
      for k in [2, 4, 7, 12] { try expectOptimum(problem, k) }
    }
  }

  @Test(arguments: [0, 2, 3]) func findsTheJointOptimum(model: Int) throws {
    var generator = SeededGenerator(seed: 8)
    let problem = try problem(isCoherent: true, Self.models[model], seed: 8)
    let joint = try problem.observing(
      jointly: (0..<3).map { _ in (0..<36).map { _ in generator.normal() } })
    for k in [1, 3, 5] { try expectOptimum(joint, k) }
  }

  /// More columns than rows: with a ridge, or where few supports are to be tried.
  @Test(arguments: 1...3) func wideMatrices(seed: UInt64) throws {
    var ridge = RecoveryModel()
    ridge.ridge = 1
    var signs = ridge
    signs.isNonnegative = true
    for (model, k) in [(RecoveryModel(), 2), (ridge, 4), (signs, 4)] {
      let synthetic = try SyntheticProblem(
        SyntheticParameters(
          ensemble: .gaussian(rows: 14, columns: 20), sparsity: 4, snr: 10, seed: seed))
      try expectOptimum(
        RecoveryProblem(
          matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model), k)
    }
  }

  /// Repeated columns, a sum of two others, and a zero column: rank 4 in 8 columns.
  @Test(arguments: [false, true], 1...3)
  func dependentColumnsDoNotHideTheOptimum(isNonnegative: Bool, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let free = (0..<4).map { _ in (0..<9).map { _ in generator.normal() } }
    let columns = [
      free[0], free[0], free[0].map { -2 * $0 }, free[1], [Double](repeating: 0, count: 9),
      zip(free[0], free[1]).map(+), free[2], free[3],
    ]
    var model = RecoveryModel()
    model.isNonnegative = isNonnegative
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 9, columns: 8, columnMajor: columns.flatMap { $0 })),
      observation: (0..<9).map { _ in generator.normal() }, model: model)
    for k in 1...7 { try expectOptimum(problem, k) }
  }

  /// Every column twice, or the second time turned around: without signs, one of each is looked at.
  @Test(arguments: [false, true]) func repeatedColumnsCostNothing(isNonnegative: Bool) throws {
    var generator = SeededGenerator(seed: 3)
    let free = factorColumns(14, rows: 40, factors: 3, noise: 0.3, &generator)
    let columns = free + free.map { column in column.map { isNonnegative ? 3 * $0 : -3 * $0 } }
    let y = (0..<40).map { free[2][$0] - free[9][$0] + generator.normal() }
    var model = RecoveryModel()
    model.isNonnegative = isNonnegative
    func solve(_ columns: [[Double]]) throws -> SparseSolution {
      try BranchAndBound().solve(
        RecoveryProblem(
          matrix: .double(
            Matrix(rows: 40, columns: columns.count, columnMajor: columns.flatMap { $0 })),
          observation: y, model: model), sparsity: 5, on: CPUBackend())
    }
    let (twice, once) = (try solve(columns), try solve(free))
    #expect(try #require(twice.optimalityGap) <= 1e-9)
    #expect(abs(twice.lossNorm - once.lossNorm) <= 1e-9 * once.lossNorm)
    #expect(twice.iterations <= once.iterations + 20)
  }

  /// A sparse matrix answers with inner products, and is not gathered.
  @Test func sparseMatrices() throws {
    var generator = SeededGenerator(seed: 5)
    let entries = (0..<60 * 16).filter { _ in generator.int(below: 4) == 0 }
    let matrix = try SparseMatrix(
      rows: 60, columns: 16, entryRows: entries.map { $0 % 60 },
      entryColumns: entries.map { $0 / 60 },
      values: entries.map { _ in generator.normal() })
    var model = RecoveryModel()
    model.hasIntercept = true
    let problem = try RecoveryProblem(
      matrix, observation: (0..<60).map { _ in generator.normal() }, model: model)
    for k in [1, 3, 6] { try expectOptimum(problem, k) }
  }

  /// Of the squares and products of real measurements, far more coherent than random columns.
  @Test func squaresAndProducts() throws {
    try expectOptimum(try diabetesWithProducts(), 3)
  }

  /// Cut short, the bound holds all the same; and a gap that is allowed is kept.
  @Test(arguments: [1, 2, 5, 9, 13, 21, 34, 40]) func theGapHolds(nodes: Int) throws {
    let problem = try diabetesWithProducts()
    let least = try Exhaustive().solve(problem, sparsity: 3, on: CPUBackend()).lossNorm
    var reports = 0
    let cut = try BranchAndBound(start: OMP()).solve(problem, sparsity: 3, on: CPUBackend()) {
      report in
      if report.solver == BranchAndBound.name { reports += 1 }
      return reports < nodes ? .proceed : .stop
    }
    #expect(cut.stopReason == .interrupted)
    let gap = try #require(cut.optimalityGap)
    #expect(gap > 1e-9 && gap <= 1)
    #expect(least * least >= (1 - gap) * cut.lossNorm * cut.lossNorm)
    var loose = BranchAndBound()
    try loose.set("gap", to: "0.05")
    let found = try loose.solve(problem, sparsity: 3, on: CPUBackend())
    #expect(found.stopReason == .converged)
    #expect(try #require(found.optimalityGap) <= 0.05)
    #expect(least * least >= 0.95 * found.lossNorm * found.lossNorm)
  }

  @Test func timeEndsANode() throws {
    var limits = Limits()
    limits.time = .zero
    let found = try BranchAndBound(limits: limits).solve(
      diabetesWithProducts(), sparsity: 8, on: CPUBackend())
    #expect(found.stopReason == .time && found.support.count == 8)
    #expect(try #require(found.optimalityGap) > 0.01)
  }

  @Test func whatCannotBeProvedIsRefused() throws {
    func diagonal(_ rows: Int, _ columns: Int) throws -> SparseMatrix {
      let places = Array(0..<columns)
      return try SparseMatrix(
        rows: rows, columns: columns, entryRows: places.map { $0 % rows }, entryColumns: places,
        values: places.map { 1 + Double($0 % 7) })
    }
    for (rows, columns, k, ridge, words) in [
      (10, 60, 6, 0, "60 columns, 10 rows and no ridge"),
      (2049, 2049, 6, 0, "at most 2048 without a ridge"),
      (3000, 2100, 257, 1, "for k up to 256"),
    ] as [(Int, Int, Int, Double, String)] {
      var model = RecoveryModel()
      model.ridge = ridge
      let problem = try RecoveryProblem(
        diagonal(rows, columns), observation: (0..<rows).map { 1 + Double($0 % 3) }, model: model)
      let error = try #require(throws: RecoveryError.self) {
        try BranchAndBound(start: OMP()).solve(problem, sparsity: k, on: CPUBackend())
      }
      #expect(error.description.contains(words) && error.kind == .request)
    }
  }

  /// Nothing left to explain needs no proof.
  @Test func exactRecoveryStops() throws {
    let (synthetic, problem) = try draw(.gaussian(rows: 40, columns: 30), 4, seed: 6)
    let found = try BranchAndBound().solve(problem, sparsity: 4, on: CPUBackend())
    #expect(found.support == synthetic.support && found.stopReason == .residual)
  }

  /// The 10 measurements of 442 patients, their squares and their products, but the square of the one that is two-valued.
  private func diabetesWithProducts() throws -> RecoveryProblem {
    let given = try exampleProblem("diabetes")
    let plain = try (0..<10).map { (j) throws(RecoveryError) in try given.atoms.column(j) }
    let centred = plain.map { column in
      let mean = column.reduce(0, +) / Double(column.count)
      return column.map { $0 - mean }
    }
    var products: [Double] = []
    for i in 0..<10 {
      for j in i..<10 where i != 1 || j != 1 { products += zip(centred[i], centred[j]).map(*) }
    }
    var model = RecoveryModel()
    model.hasIntercept = true
    return try RecoveryProblem(
      matrix: .double(
        Matrix(rows: given.rows, columns: 64, columnMajor: centred.flatMap { $0 } + products)),
      observation: given.observations[0], model: model)
  }
}
