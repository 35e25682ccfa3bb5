import CPUBackend
import ReferenceBackend
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// Proofs for more columns than rows, by passes over A, against the search through all supports.
@Suite struct WideNodesTests {
  /// What is asked for beside a ridge.
  enum Kind: String, CaseIterable, Sendable {
    case plain, regression, signs, standardized, signedMeans
  }

  private static let (rows, columns) = (15, 70)

  private func model(_ kind: Kind, ridge: Double) -> RecoveryModel {
    var model = RecoveryModel()
    model.ridge = ridge
    if [.regression, .signedMeans].contains(kind) {
      model.hasIntercept = true
      model.weights = (0..<Self.rows).map { Double($0 % 4) }
      model.excluded = [8]
    }
    if kind == .regression { model.included = [3] }
    model.isNonnegative = [.signs, .signedMeans].contains(kind)
    model.isStandardized = kind == .standardized
    return model
  }

  /// Columns of three factors and noise where they are to be coherent, of unlike lengths.
  private func problem(
    _ kind: Kind, isCoherent: Bool, ridge: Double, seed: UInt64
  ) throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: seed)
    let columns =
      isCoherent
      ? factorColumns(Self.columns, rows: Self.rows, factors: 3, noise: 0.5, &generator)
      : (0..<Self.columns).map { _ in (0..<Self.rows).map { _ in generator.normal() } }
    let scaled = columns.enumerated().map { j, column in column.map { $0 * (1 + Double(j % 5)) } }
    let y = (0..<Self.rows).map {
      columns[2][$0] - columns[9][$0] + columns[13][$0] + 0.5 * generator.normal()
    }
    return try RecoveryProblem(
      matrix: .double(
        Matrix(rows: Self.rows, columns: Self.columns, columnMajor: scaled.flatMap { $0 })),
      observation: y, model: model(kind, ridge: ridge))
  }

  private func expectOptimum(
    _ problem: RecoveryProblem, _ k: Int, precision: Precision = .double,
    on backend: any Backend = CPUBackend()
  ) throws {
    #expect(WideNodes.apply(to: problem, atMost: k))
    let expected = try Exhaustive().solve(problem, sparsity: k, on: CPUBackend())
    let workspace = Workspace(
      problem, on: try backend.load(problem.atoms, precision: precision))
    let found = try BranchAndBound().solve(workspace, sparsity: k) { _ in .proceed }
    #expect(expected.optimalityGap == 0 && found.stopReason == .converged)
    let gap = try #require(found.optimalityGap)
    #expect(gap >= 0 && gap <= 1e-9)
    // `lossNorm` is the root of the loss.
    #expect(abs(found.lossNorm - expected.lossNorm) <= 1e-9 * expected.lossNorm)
  }

  @Test(arguments: Kind.allCases, [false, true])
  func findsTheOptimum(kind: Kind, isCoherent: Bool) throws {
    for seed in 1...2 as ClosedRange<UInt64> {
      for ridge in [0.1, 2, 20] {
        let problem = try problem(kind, isCoherent: isCoherent, ridge: ridge, seed: seed)
        for k in [2, 3] { try expectOptimum(problem, k) }
      }
    }
  }

  /// What an engine rounds is taken off, and made up for.
  @Test(arguments: [Precision.single, .double], [false, true])
  func findsItWithAnyEngine(precision: Precision, isNonnegative: Bool) throws {
    for seed in 1...2 as ClosedRange<UInt64> {
      let problem = try problem(
        isNonnegative ? .signs : .plain, isCoherent: true, ridge: 2, seed: seed)
      try expectOptimum(problem, 3, precision: precision)
      if precision == .double { try expectOptimum(problem, 3, on: ReferenceBackend()) }
    }
  }

  @Test(arguments: [Kind.plain, .regression, .signs]) func findsTheJointOptimum(kind: Kind) throws {
    var generator = SeededGenerator(seed: 8)
    let problem = try problem(kind, isCoherent: true, ridge: 3, seed: 8)
    let joint = try problem.observing(
      jointly: (0..<3).map { _ in (0..<Self.rows).map { _ in generator.normal() } })
    for k in [2, 3] { try expectOptimum(joint, k) }
  }

  /// A sparse matrix answers with inner products, and is not gathered.
  @Test(arguments: [false, true]) func sparseMatrices(hasIntercept: Bool) throws {
    var generator = SeededGenerator(seed: 5)
    let entries = (0..<20 * 80).filter { _ in generator.int(below: 4) == 0 }
    let matrix = try SparseMatrix(
      rows: 20, columns: 80, entryRows: entries.map { $0 % 20 },
      entryColumns: entries.map { $0 / 20 }, values: entries.map { _ in generator.normal() })
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    model.ridge = 1
    let problem = try RecoveryProblem(
      matrix, observation: (0..<20).map { _ in generator.normal() }, model: model)
    for k in [1, 3] { try expectOptimum(problem, k) }
  }

  /// Repeated and zero columns: equal coefficients on both would have a smaller penalty than one of them.
  @Test(arguments: 1...3) func repeatedColumns(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let free = (0..<35).map { _ in (0..<8).map { _ in generator.normal() } }
    let columns =
      free + free.map { column in column.map { -2 * $0 } } + [Array(repeating: 0, count: 8)]
    var model = RecoveryModel()
    model.ridge = 1.5
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 8, columns: 71, columnMajor: columns.flatMap { $0 })),
      observation: (0..<8).map { _ in generator.normal() }, model: model)
    for k in [1, 2, 3] { try expectOptimum(problem, k) }
  }

  /// More columns than a tree without passes takes: any pair, against the least loss by the normal equations of two columns.
  @Test func thousandsOfColumns() throws {
    let (synthetic, plain) = try draw(.gaussian(rows: 60, columns: 2500), 2, snr: 5, seed: 3)
    var model = RecoveryModel()
    model.ridge = 4
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model)
    let found = try BranchAndBound().solve(problem, sparsity: 2, on: CPUBackend())
    #expect(try #require(found.optimalityGap) <= 1e-9)
    let columns = try (0..<2500).map { (j) throws(RecoveryError) in try plain.atoms.column(j) }
    let y = synthetic.observation
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (slopes, squares) = (
      columns.map { product($0, y) }, columns.map { product($0, $0) + model.ridge }
    )
    // One of the best pair is among these: two others explain 1 / (1 − |cosine|) of what both do alone at most.
    let alone = columns.indices.map { slopes[$0] * slopes[$0] / squares[$0] }
    let promising = columns.indices.sorted { alone[$0] > alone[$1] }.prefix(120)
    var best = (explained: 0.0, pair: [Int]())
    for i in promising {
      for j in columns.indices where j != i {
        let p = product(columns[i], columns[j])
        let sum =
          slopes[i] * slopes[i] * squares[j] - 2 * slopes[i] * slopes[j] * p
          + slopes[j] * slopes[j] * squares[i]
        let explained = sum / (squares[i] * squares[j] - p * p)
        if explained > best.explained { best = (explained, [i, j].sorted()) }
      }
    }
    #expect(found.support == best.pair)
  }

  /// Cut short, the bound holds all the same; and what goes on from there ends as if it had not been cut.
  @Test(arguments: [1, 2, 3, 5, 8, 13, 21]) func theGapHoldsAndTheSearchGoesOn(reports: Int) throws
  {
    let problem = try problem(.plain, isCoherent: true, ridge: 1, seed: 6)
    let solver = BranchAndBound(start: OMP())
    let least = try Exhaustive().solve(problem, sparsity: 3, on: CPUBackend()).lossNorm
    func workspace() throws -> Workspace {
      Workspace(problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    }
    let whole = try solver.solve(workspace(), sparsity: 3) { _ in .proceed }
    var (seen, kept) = (0, [IterationCheckpoint]())
    let cut = try solver.solve(
      workspace(), sparsity: 3, resuming: nil,
      keeper: CheckpointKeeper(isDue: { true }) { kept.append($0) }
    ) { report in
      if report.solver == BranchAndBound.name { seen += 1 }
      return seen < reports ? .proceed : .stop
    }
    guard cut.stopReason == .interrupted else {
      // It was not that long.
      #expect(cut.support == whole.support && cut.optimalityGap == whole.optimalityGap)
      return
    }
    let gap = try #require(cut.optimalityGap)
    #expect(gap > 0 && gap <= 1)
    #expect(least * least >= (1 - gap) * cut.lossNorm * cut.lossNorm * (1 - 1e-12))
    #expect(!kept.isEmpty)
    let rest = try solver.solve(
      workspace(), sparsity: 3, resuming: kept.last, keeper: nil
    ) { _ in .proceed }
    #expect(rest.support == whole.support && rest.optimalityGap == whole.optimalityGap)
    #expect(rest.iterations == whole.iterations && rest.residualNorm == whole.residualNorm)
  }

  /// The portfolio proves what it found, of any number of columns.
  @Test func thePortfolioProves() throws {
    let (synthetic, _) = try draw(.gaussian(rows: 100, columns: 1500), 5, snr: 20, seed: 4)
    var model = RecoveryModel()
    model.ridge = 3
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model)
    let found = try Portfolio().solve(problem, sparsity: 5, on: CPUBackend())
    #expect(found.attempts.last?.solver == BranchAndBound.name)
    #expect(try #require(found.optimalityGap) <= 1e-9)
    let proved = try BranchAndBound(start: OMP()).solve(problem, sparsity: 5, on: CPUBackend())
    #expect(found.support == proved.support)
  }
}
