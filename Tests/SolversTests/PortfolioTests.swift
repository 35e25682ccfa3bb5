import SparseRecovery
import Testing

/// The default that should never be beaten.
@Suite struct PortfolioTests {
  /// On small data sets the portfolio returns the optimum, by trying every support.
  @Test(arguments: 1...10) func diabetesOptima(k: Int) throws {
    let problem = try exampleProblem("diabetes")
    let optimum = try Exhaustive().solve(problem, sparsity: k, on: CPUBackend())
    for backend in try everyBackend() {
      let found = try Portfolio().solve(problem, sparsity: k, on: backend)
      #expect(found.support == optimum.support)
    }
  }

  @Test(arguments: [2, 3, 4]) func breastCancerOptima(k: Int) throws {
    let problem = try exampleProblem("breast-cancer")
    let optimum = try Exhaustive().solve(problem, sparsity: k, on: CPUBackend())
    #expect(
      try Portfolio().solve(problem, sparsity: k, on: CPUBackend()).support == optimum.support)
  }

  /// The best known of an independent implementation: .67375 and .65325.
  @Test(arguments: [(10, 0.67376), (20, 0.65326)])
  func diabetesWithProducts(k: Int, best: Double) throws {
    let problem = try exampleProblem("diabetes", degree: 2)
    let found = try Portfolio().solve(problem, sparsity: k, on: CPUBackend())
    #expect(found.relativeResidual < best)
  }

  static let cells: [(MatrixEnsemble, Int, Double?)] = [
    (.deconvolution(size: 200, width: 3), 5, nil),
    (.deconvolution(size: 200, width: 3), 8, 20),
    (.gaussian(rows: 32, columns: 64), 8, nil),
    (.gaussian(rows: 32, columns: 64), 12, nil),
    (.gaussian(rows: 48, columns: 64), 16, 20),
  ]

  /// In 95 % of problems no solver alone finds a smaller loss.
  @Test(arguments: cells) func isRarelyBeaten(
    _ ensemble: MatrixEnsemble, k: Int, snr: Double?
  ) throws {
    let solvers =
      Algorithm.all.filter { ![Exhaustive.name, Portfolio.name].contains($0.name) }
      .map { $0.solver(Limits()) } + [SEA(start: .solver(OMP())), SEA(start: .solver(ELS()))]
    var beaten = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      let synthetic = try SyntheticProblem(
        SyntheticParameters(ensemble: ensemble, sparsity: k, snr: snr, seed: seed))
      let problem = try RecoveryProblem(
        matrix: .double(synthetic.matrix), observation: synthetic.observation)
      let found = try Portfolio().solve(problem, sparsity: k, on: CPUBackend())
      let best = try solvers.map {
        try $0.solve(problem, sparsity: k, on: CPUBackend()).relativeResidual
      }.min()
      if let best, found.relativeResidual > max(best * (1 + 1e-9), 1e-11) { beaten += 1 }
    }
    #expect(beaten <= 1)
  }

  @Test func attemptsAreReported() throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .deconvolution(size: 150, width: 3), sparsity: 8, snr: 15, seed: 3))
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let found = try Portfolio(rounds: 2).solve(problem, sparsity: 8, on: CPUBackend())
    let place = try #require(found.bestAttempt)
    let residuals = found.attempts.map(\.relativeResidual)
    #expect(residuals[place] == residuals.min())
    #expect(found.relativeResidual == residuals[place])
    #expect(found.attempts.reduce(0) { $0 + $1.iterations } == found.iterations)
    #expect(found.attempts.reduce(0) { $0 + $1.matrixPasses } == found.matrixPasses)
    #expect(found.attempts.map(\.solver) == ["sp", "omp", "amp", "search"])
    #expect(found.rounds == 2)
  }

  @Test func itStopsWhenToldTo() throws {
    let problem = try exampleProblem("diabetes", degree: 2)
    var reports = 0
    let found = try Portfolio().solve(problem, sparsity: 10, on: CPUBackend()) { _ in
      reports += 1
      return reports == 7 ? .stop : .proceed
    }
    #expect(found.stopReason == .interrupted)
    #expect(reports == 7 && !found.support.isEmpty)

    var limits = Limits()
    limits.time = .zero
    let hurried = try Portfolio(limits: limits).solve(problem, sparsity: 10, on: CPUBackend())
    #expect(hurried.stopReason == .time)
    #expect(hurried.attempts.count == 1 && !hurried.support.isEmpty)
  }

  /// Large problems end early when unlike solvers agree.
  @Test func agreementEndsLargeProblems() throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 300, columns: 4000), sparsity: 10, snr: 20, seed: 1))
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let found = try Portfolio().solve(problem, sparsity: 10, on: CPUBackend())
    #expect(found.support == synthetic.support)
    #expect(found.iterations < 300)
  }
}
