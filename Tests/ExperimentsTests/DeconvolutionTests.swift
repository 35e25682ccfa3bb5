import Charts
import SparseRecovery
import TestSupport
import Testing

@testable import Experiments

private func tinyDeconvolution() -> Deconvolution {
  var experiment = Deconvolution(solvers: tinySolvers)
  experiment.size = 40
  experiment.width = 2
  experiment.sparsities = [1, 3, 41]
  experiment.trials = 3
  return experiment
}

@Suite struct DeconvolutionTests {
  @Test func singleSpikesAreFound() throws {
    let folder = TemporaryFolder()
    let experiment = tinyDeconvolution()
    let summary = try Runner(threads: 2).run(experiment, into: folder.path + "/run")
    #expect(summary.progress.finished == 6 && summary.progress.impossibleCells == 1)
    let results = try ResultSet.read(folder.path + "/run")
    for name in ["sea", "omp"] {
      let single = results.outcomes(of: name).filter { $0.cell == 0 }
      #expect(single.count == 3)
      #expect(single.allSatisfy { $0.values["supportDistance"]?.double == 0 })
      #expect(single.allSatisfy { $0.values["spikeDistance"]?.double == 0 })
    }
  }

  @Test(arguments: BlurKernel.allCases, Boundary.allCases)
  func drawingShowsOneProblem(kernel: BlurKernel, boundary: Boundary) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/run"
    var experiment = tinyDeconvolution()
    experiment.kernel = kernel
    experiment.boundary = boundary
    _ = try Runner().run(experiment, into: path)
    experiment.pictured = 2
    let drawing = try experiment.draw(
      resultsAt: path, into: folder.path, command: "", with: nil)
    let stems = try #require(drawing.charts.compactMap { $0 as? StemChart }.first)
    #expect(stems.panels.map(\.name.first) == ["t", "o", "s", "o"])
    #expect(stems.panels[0].points.count == 1)
    #expect(stems.panels[1].points.count == 40)
    #expect(stems.panels[2].reference?.points == stems.panels[0].points)
    #expect(folder.files.contains("residual-1-sea.gp") && folder.files.contains("exploration.gp"))
  }

  /// The page alone, with drawings in text; its tables say what their numbers are in.
  @Test func aPageWithoutPictures() throws {
    let folder = TemporaryFolder()
    let experiment = tinyDeconvolution()
    _ = try Runner().run(experiment, into: folder.path + "/run")
    let drawing = try experiment.draw(
      resultsAt: folder.path + "/run", into: folder.path, command: "", formats: nil)
    #expect(Set(folder.files) == ["run", "report.html"] && drawing.files.isEmpty)
    #expect(!drawing.charts.isEmpty)
    let page = try String(decoding: fileBytes(drawing.report), as: UTF8.self)
    #expect(page.contains("Time, ms (medians)"))
    #expect(page.contains("Iterations, supports evaluated (means)"))
    #expect(page.contains("<figure class=\"text\">") && !page.contains("<svg"))
  }

  @Test func tracesKeepTheBestAndCountTheNew() {
    var trace = SolveTrace()
    for (i, (residual, isNew)) in [(0.5, true), (0.7, true), (0.2, false)].enumerated() {
      trace.record(
        IterationReport(
          solver: "x", iteration: i, support: [], relativeResidual: residual,
          bestRelativeResidual: residual, isNew: isNew, projection: nil, elapsed: .zero))
    }
    #expect(trace.residuals == [0.5, 0.7, 0.2])
    #expect(trace.best == [0.5, 0.5, 0.2])
    #expect(trace.newSupports == [1, 2, 2])
  }

  @Test func refusedSettings() {
    let change = { (edit: (inout Deconvolution) -> Void) in
      var experiment = tinyDeconvolution()
      edit(&experiment)
      #expect(throws: ExperimentError.self) { try experiment.validate() }
    }
    change { $0.size = 0 }
    change { $0.width = .nan }
    change { $0.sparsities = [0] }
    change { $0.sparsities = [] }
    // Nothing to solve.
    change { $0.sparsities = [41, 50] }
    change { $0.trials = -1 }
  }
}
