import SparseRecovery
import TestSupport
import Testing

@testable import Experiments

@Suite struct RegressionTests {
  /// y = 3 a + 1 − 2 d, of five features.
  private func made(rows: Int = 60) throws -> RegressionData {
    var generator = SeededGenerator(seed: 5)
    let elements = (0..<5 * rows).map { _ in generator.normal() }
    let target = (0..<rows).map { 3 * elements[$0] + 1 - 2 * elements[3 * rows + $0] }
    return try RegressionData(
      features: .double(Matrix(rows: rows, columns: 5, columnMajor: elements)), target: target)
  }

  private func experiment(_ data: RegressionData) throws -> Regression {
    var experiment = try Regression(
      data, named: "made", solvers: NamedSolver.list("sea,sea:omp,omp", iterations: 50))
    experiment.sparsities = [1, 2, 5, 70]
    experiment.trials = 4
    return experiment
  }

  @Test func aLinearLawIsFound() throws {
    let folder = TemporaryFolder()
    let experiment = try experiment(made())
    let summary = try Runner(threads: 2).run(experiment, into: folder.path + "/run")
    #expect(summary.progress.impossibleCells == 1)
    let results = try ResultSet.read(folder.path + "/run")
    #expect(results.problems.count == 3 * 4)
    for solver in experiment.solvers {
      let outcomes = results.outcomes(of: solver.name)
      let exact = outcomes.filter { $0.cell == 1 }
      let supports = exact.map { $0.values["support"]?.array?.compactMap(\.int) }
      #expect(supports == Array(repeating: [0, 3], count: 4))
      // 48 terms of a size near one, each rounded: a few hundred roundings.
      let worst = exact.compactMap { $0.values["heldOutError"]?.double }.max() ?? .infinity
      #expect(worst < 1e-13)
      let short = outcomes.filter { $0.cell == 0 }.compactMap { $0.values["trainError"]?.double }
      #expect(short.count == 4 && short.min() ?? 0 > 0.1)
    }
  }

  @Test func foldsPartTheSamples() throws {
    var experiment = try experiment(made())
    experiment.holdOut = .folds(7)
    experiment.trials = 7
    try experiment.validate()
    let folds = (0..<7).map { experiment.heldOut(trial: $0) }
    #expect(folds.flatMap(\.self).sorted() == Array(0..<60))
    #expect(Set(folds.map(\.count)) == [8, 9])
    experiment.trials = 6
    #expect(throws: ExperimentError.self) { try experiment.validate() }
  }

  /// What is possible is told without a list of the samples held out.
  @Test(arguments: [
    Regression.HoldOut.folds(2), .folds(7), .folds(60), .share(0.001), .share(0.26), .share(0.999),
  ])
  func whatCanBeLearntIsKnown(holdOut: Regression.HoldOut) throws {
    var experiment = try experiment(made())
    experiment.holdOut = holdOut
    let learnt = 60 - experiment.heldOut(trial: 0).count
    experiment.sparsities = Array(1...6)
    for cell in experiment.sparsities.indices {
      #expect(
        experiment.isPossible(cell) == (experiment.sparsities[cell] <= max(1, min(5, learnt))))
    }
  }

  @Test func everySparsitySeesTheSameSplits() throws {
    let experiment = try experiment(made())
    #expect(experiment.problemSeed(cell: 0, trial: 3) == experiment.problemSeed(cell: 2, trial: 3))
    #expect(experiment.heldOut(trial: 0).count == 12)
    #expect(experiment.heldOut(trial: 0) != experiment.heldOut(trial: 1))
  }

  @Test func productsAreOfStandardizedFeatures() throws {
    let features = try Matrix(rows: 4, columns: 2, columnMajor: [1.0, 1, 3, 3, 0, 4, 0, 4])
    let data = try RegressionData(features: .double(features), target: [1, 2, 3, 4]).withProducts()
    let columns = (0..<data.features.columns).map { Array(data.features.column($0)) }
    #expect(
      columns == [
        [-1, -1, 1, 1], [-1, 1, -1, 1], [1, 1, 1, 1], [1, -1, -1, 1], [1, 1, 1, 1],
      ])
  }

  @Test func aTableHasOneTarget() throws {
    let table = DenseMatrix.double(
      try Matrix(rows: 2, columns: 3, columnMajor: [1.0, 2, 3, 4, 5, 6]))
    let last = try RegressionData(table: table)
    #expect(last.target == [5, 6] && Array(last.features.column(1)) == [3, 4])
    let first = try RegressionData(table: table, target: 0)
    #expect(first.target == [1, 2] && Array(first.features.column(0)) == [3, 4])
    #expect(last.fingerprint != first.fingerprint)
    #expect(throws: ExperimentError.self) { try RegressionData(table: table, target: 3) }
  }

  @Test func otherDataAreOtherSettings() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/run"
    _ = try Runner().run(experiment(made()), into: path)
    let other = try experiment(made(rows: 61))
    let error = #expect(throws: ExperimentError.self) { try Runner().run(other, into: path) }
    #expect(error?.description.contains("settings.rows") == true)
  }
}
