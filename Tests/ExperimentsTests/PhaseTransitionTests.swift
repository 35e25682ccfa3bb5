import Charts
import SparseRecovery
import TestSupport
import Testing

@testable import Experiments

@Suite struct PhaseTransitionTests {
  @Test func cellsAreSizes() {
    let experiment = tinyTransition()
    let sizes = (0..<experiment.cellCount).map { cell in
      [experiment.rows(ofCell: cell), experiment.sparsity(ofCell: cell)]
    }
    #expect(
      sizes == [
        [1, 0], [1, 1], [1, 2], [6, 1], [6, 3], [6, 9], [12, 2], [12, 6], [12, 18],
      ])
    let possible = (0..<experiment.cellCount).map(experiment.isPossible)
    #expect(possible == [false, true, false, true, true, false, true, true, false])
  }

  @Test(arguments: [
    PhaseTransition.Family.gaussian, .bernoulli, .uniform, .dct, .toeplitz(correlation: 0.5),
  ])
  func everyFamilyRuns(family: PhaseTransition.Family) throws {
    let folder = TemporaryFolder()
    var experiment = tinyTransition()
    experiment.family = family
    experiment.snr = 30
    experiment.trials = 1
    let summary = try Runner().run(experiment, into: folder.path + "/run")
    #expect(summary.progress.finished == 5)
    let values = try ResultSet.read(folder.path + "/run").outcomes(of: "omp").map(\.values)
    for value in values {
      let error = try #require(value["relativeError"]?.double)
      let exact: Bool? = value["exact"]?.bool
      // A wrong support misses a coefficient, or has one too many.
      #expect(exact == true || error > 1e-6)
    }
  }

  @Test func successIsCountedByTheCriterion() throws {
    let outcome = { (exact: Bool, error: JSON) in
      Outcome(
        cell: 3, trial: 0, values: ["exact": .bool(exact), "relativeError": error], seconds: nil)
    }
    let outcomes = [
      outcome(true, JSON(1e-3)), outcome(false, JSON(1e-5)), outcome(false, JSON(1e-4)),
      Outcome(cell: 3, trial: 1, values: ["error": "x"], seconds: nil),
    ]
    let shares = { (success: PhaseTransition.Success) in
      TransitionCurves(outcomes, of: tinyTransition(), by: success).shares
    }
    #expect(shares(.exactSupport)[0] == [nil, 0.25, nil])
    #expect(shares(.relativeError)[0] == [nil, 0.5, nil])
    #expect(shares(.relativeError)[1] == [nil, nil, nil])
  }

  @Test func crossingsLieBetweenSuccessAndFailure() throws {
    var experiment = tinyTransition()
    experiment.rows = [20, 40]
    experiment.ratios = [0.1, 0.2, 0.3, 0.4]
    // m = 20 succeeds up to 0.2, m = 40 everywhere.
    let isExact = (0..<8).map { $0 < 2 || $0 > 3 }
    let outcomes = isExact.enumerated().flatMap { cell, isExact in
      (0..<10).map {
        Outcome(cell: cell, trial: $0, values: ["exact": .bool(isExact)], seconds: nil)
      }
    }
    let points = TransitionCurves(outcomes, of: experiment, by: .exactSupport).crossings(of: 0.5)
    #expect(points.map(\.x) == [20.0 / 16, 40.0 / 16])
    #expect(points[0].y > 0.2 && points[0].y < 0.3)
    #expect(points[0].interval?.contains(0.25) == true)
    #expect(points[1].y.isNaN)
  }

  @Test func gridsAreLimited() throws {
    var experiment = tinyTransition()
    experiment.rows = Array(1...1024)
    experiment.ratios = (1...1024).map(Double.init)
    try experiment.validate()
    experiment.rows.append(1025)
    let refusal = ExperimentError.invalidSetting(
      name: "rows", value: "1025 beside 1024 ratios", expected: "a grid of at most 1048576 cells")
    #expect(throws: refusal) { try experiment.validate() }
  }

  /// A grid of which no cell has a problem.
  @Test func somethingMustBeSolved() throws {
    var experiment = tinyTransition()
    (experiment.rows, experiment.ratios) = ([10], [0.01, 1.5])
    let refusal = ExperimentError.invalidSetting(
      name: "ratios", value: "[0.01, 1.5] of m = [10] and n = 16",
      expected: "at least one of which k, rounded, is from 1 to m and n")
    #expect(throws: refusal) { try experiment.validate() }
    experiment.rows = [10, 50]
    try experiment.validate()
  }

  @Test func drawingWritesChartsAndAPage() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/results.jsonl"
    _ = try Runner().run(tinyTransition(), into: path)
    let drawing = try tinyTransition().draw(
      resultsAt: path, into: folder.path, command: "run <me>", with: nil)
    #expect(
      folder.files == [
        "report.html", "results.jsonl", "success-1-sea.gp", "success-2-omp.gp", "time.gp",
        "transition-50.gp", "transition-95.gp",
      ])
    #expect(drawing.charts.count == 5)
    let html = try folder.text("report.html")
    #expect(html.contains("run &lt;me&gt;") && html.contains("25 of 25"))
    var other = tinyTransition()
    other.trials = 6
    #expect(throws: ExperimentError.self) {
      try other.draw(resultsAt: path, into: folder.path, command: "", with: nil)
    }
  }

  @Test func refusedSettings() {
    let change = { (edit: (inout PhaseTransition) -> Void) in
      var experiment = tinyTransition()
      edit(&experiment)
      #expect(throws: ExperimentError.self) { try experiment.validate() }
    }
    change { $0.trials = 0 }
    change { $0.columns = 0 }
    change { $0.rows = [] }
    change { $0.rows = [4, 4] }
    change { $0.rows = [0] }
    change { $0.ratios = [.nan] }
    change { $0.ratios = [.infinity] }
    change { $0.ratios = [0.2, 0.1] }
    change { $0.solvers = [] }
    change { $0.solvers = [NamedSolver("x", OMP()), NamedSolver("x", SEA())] }
  }
}
