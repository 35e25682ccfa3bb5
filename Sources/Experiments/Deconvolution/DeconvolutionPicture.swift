import Charts
import SparseRecovery

/// One problem of a deconvolution experiment, solved again to be looked at.
struct DeconvolutionPicture {
  private let experiment: Deconvolution
  private let problem: SyntheticProblem
  private let solutions: [SparseSolution]
  private let traces: [SolveTrace]

  /// Solves the first problem of the cell nearest to `sparsity`.
  ///
  /// - Throws: ``RecoveryError``.
  init(
    of experiment: Deconvolution, sparsity: Int, on backend: any Backend = CPUBackend(threads: 1)
  ) throws(RecoveryError) {
    let cell =
      experiment.sparsities.indices.filter(experiment.isPossible)
      .min { abs(experiment.sparsities[$0] - sparsity) < abs(experiment.sparsities[$1] - sparsity) }
      ?? 0
    let seed = experiment.problemSeed(cell: cell, trial: 0)
    problem = try SyntheticProblem(experiment.parameters(cell: cell, seed: seed))
    let stated = try RecoveryProblem(
      matrix: .double(problem.matrix), observation: problem.observation)
    var solutions: [SparseSolution] = []
    var traces: [SolveTrace] = []
    for named in experiment.solvers {
      var trace = SolveTrace()
      solutions.append(
        try named.solver.solve(stated, sparsity: problem.support.count, on: backend) { report in
          // A start by another solver is not part of the exploration.
          if report.solver == type(of: named.solver).name { trace.record(report) }
          return .proceed
        })
      traces.append(trace)
    }
    self.experiment = experiment
    self.solutions = solutions
    self.traces = traces
  }

  /// The truth, the observation, and what each solver found.
  func spikes(caption: String) -> StemChart {
    let truth = Self.points(problem.support, problem.coefficients)
    let observation = problem.observation.enumerated().map { Point(Double($0), $1) }
    let found = zip(experiment.solvers, solutions).map { named, solution in
      let missed = supportDistance(solution.support, from: problem.support)
      return StemChart.Panel(
        "\(named.name): distance \(significant(missed)), residual "
          + significant(solution.relativeResidual),
        Self.points(solution.support, solution.coefficients),
        reference: Series("truth", truth))
    }
    return StemChart(
      title: "One problem: \(problem.support.count) spikes",
      caption: caption + "; open circles: the truth",
      x: Axis(
        "position, samples", range: 0...Double(experiment.size)),
      panels: [
        StemChart.Panel("truth", truth),
        StemChart.Panel("observation", observation, hasStems: false),
      ] + found)
  }

  /// The residual over the iterations, for solvers that explore supports beyond the first k.
  func losses(caption: String) -> [(solver: String, chart: LineChart)] {
    explorers.map { i in
      let name = experiment.solvers[i].name
      return (name, traces[i].residualChart(of: name, caption: caption))
    }
  }

  /// How many distinct supports were seen, or nil where no solver explores.
  func exploration(caption: String) -> LineChart? {
    guard !explorers.isEmpty else { return nil }
    return SolveTrace.explorationChart(
      explorers.map { (experiment.solvers[$0].name, traces[$0]) }, caption: caption)
  }

  /// The variants of SEA: other solvers descend.
  private var explorers: [Int] {
    experiment.solvers.indices.filter { experiment.solvers[$0].solverName == SEA.name }
  }

  private static func points(_ support: [Int], _ values: [Double]) -> [Point] {
    zip(support, values).map { Point(Double($0), $1) }
  }
}
