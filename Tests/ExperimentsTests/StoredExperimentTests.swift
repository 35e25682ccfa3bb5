import Charts
import SparseRecovery
import TestSupport
import Testing

@testable import Experiments

/// Experiments that are made again from their results.
@Suite struct StoredExperimentTests {
  private static func all() throws -> [any Experiment] {
    let solvers = try NamedSolver.list("sea,sea:omp,omp", iterations: 9)
    var transition = tinyTransition(solvers)
    transition.family = .toeplitz(correlation: 0.25)
    transition.snr = 12.5
    var deconvolution = Deconvolution(solvers: solvers)
    deconvolution.size = 30
    deconvolution.kernel = .ricker
    deconvolution.boundary = .truncated
    deconvolution.sparsities = [1, 3]
    deconvolution.trials = 2
    let features = try Matrix(
      rows: 9, columns: 2, columnMajor: (0..<18).map { Double($0 * $0 % 7) })
    var regression = try Regression(
      RegressionData(features: .double(features), target: (0..<9).map { Double($0 % 4) }),
      named: "table <1>", degree: 2, solvers: solvers)
    regression.holdOut = .folds(3)
    regression.trials = 3
    regression.hasIntercept = false
    return [transition, deconvolution, regression]
  }

  @Test(arguments: 0..<3) func pagesNeedNothingButTheResults(_ number: Int) throws {
    let folder = TemporaryFolder()
    let experiment = try Self.all()[number]
    let path = folder.path + "/results.jsonl"
    _ = try Runner().run(experiment, into: path)
    let stored = try ResultSet.read(path).experiment()
    let header = experiment.header(backend: "cpu", precision: .double)
    #expect(stored.header(backend: "cpu", precision: .double) == header)
    let first = try experiment.draw(
      resultsAt: path, into: folder.path, command: "again", with: nil)
    let page = try folder.text("report.html")
    let second = try stored.draw(resultsAt: path, into: folder.path, command: "again", with: nil)
    #expect(first.charts.count == second.charts.count)
    #expect(try folder.text("report.html") == page)
  }

  @Test func whatThisVersionDoesNotKnowIsNamed() throws {
    let folder = TemporaryFolder()
    let header = tinyTransition(try NamedSolver.list("omp", iterations: 9))
      .header(backend: "cpu", precision: .double).text
    for (old, new, name) in [
      ("\"schema\":1", "\"schema\":2", "schema"), ("phase-transition", "other", "experiment"),
      ("\"omp\"", "\"cat\"", "solvers"), ("\"gaussian\"", "\"cauchy\"", "family"),
      ("\"trials\":5", "\"trials\":\"5\"", "trials"), ("\"trials\":5", "\"trials\":0", "trials"),
      ("\"trials\":5", "\"trials\":4294967297", "trials"),
    ] {
      let changed = header.replacing(old, with: new)
      #expect(changed != header)
      let results = try ResultSet.read(folder.write(changed + "\n", to: "changed"))
      let error = #expect(throws: ExperimentError.self) { try results.experiment() }
      #expect(
        error?.description.hasPrefix(name + ":") == true, "\(name): \(String(describing: error))")
    }
  }

  @Test func solversAreNamedWithWhereTheyStart() throws {
    for name in [
      "sea", "sea:zero", "sea:correlation", "sea:els", "els:sp", "ompr:omp", "splicing:omp",
    ] {
      let solver = try NamedSolver(specification: name, iterations: 3)
      #expect(solver.name == name && solver.configuration.contains("iterations: 3"))
    }
    let configurations = try NamedSolver.list("sea,sea:omp,sea:correlation", iterations: 3)
      .map(\.configuration)
    #expect(Set(configurations).count == 3)
    for name in ["", "cat", "omp:sea", "sea:", "sea:cat", "sea:omp:omp"] {
      #expect(throws: ExperimentError.self) {
        try NamedSolver(specification: name, iterations: 3)
      }
    }
  }

  @Test func tracesAreDrawn() throws {
    let folder = TemporaryFolder()
    let path = folder.write(
      """
      solver,iteration,relative_residual,is_new
      omp,0,0.5,1
      sea,0,0.25,1
      sea,1,0.75,1
      sea,2,0.25,0

      """, to: "trace.csv")
    let drawing = try TraceFile(path).draw(
      into: folder.path, command: "", with: nil, formats: [.svg])
    let charts = drawing.charts.compactMap { $0 as? LineChart }
    #expect(charts.map { $0.series.map(\.points.count) } == [[1, 1], [3, 3], [1, 3]])
    #expect(charts[1].series[1].points.map(\.y) == [0.25, 0.25, 0.25])
    #expect(charts[2].series[1].points.map(\.y) == [1, 2, 2])
    // A solver that runs twice has two charts.
    let twice = folder.write(
      "solver,relative_residual,is_new\nsea,1,1\nomp,1,1\nsea,1,1\n", to: "twice.csv")
    _ = try TraceFile(twice).draw(
      into: folder.path + "/new", command: "", with: nil, formats: [.svg], replacing: false)
    for text in ["", "a,b\n1,2\n", "solver,relative_residual,is_new\nsea,x,1\n"] {
      let wrong = folder.write(text, to: "wrong.csv")
      #expect(throws: ExperimentError.self) { try TraceFile(wrong) }
    }
  }
}
