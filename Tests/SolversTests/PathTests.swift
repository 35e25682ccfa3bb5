import LeastSquares
import SparseRecovery
import Testing

@testable import Solvers

/// Solutions for a range of sparsities.
@Suite struct PathTests {
  private func problem(
    _ ensemble: MatrixEnsemble = .gaussian(rows: 60, columns: 150), k: Int = 8, snr: Double? = 15,
    seed: UInt64, model: RecoveryModel = RecoveryModel()
  ) throws -> RecoveryProblem {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(ensemble: ensemble, sparsity: k, snr: snr, seed: seed))
    return try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model)
  }

  private static let ensembles: [MatrixEnsemble] = [
    .gaussian(rows: 60, columns: 150), .toeplitz(rows: 60, columns: 150, correlation: 0.9),
    .deconvolution(size: 120, width: 3),
  ]

  /// Where three columns explain everything, all that more of them differ in is rounding.
  @Test(.timeLimit(.minutes(1))) func exactFitsEnd() throws {
    var entries: [Double] = []
    for j in 0..<11 {
      for i in 0..<60 { entries.append(Double((i * i * (j + 3) + 7 * i * (j + 1)) % 101)) }
    }
    let matrix = try Matrix(rows: 60, columns: 11, columnMajor: entries)
    let y = (0..<60).map { 2 * matrix[$0, 0] - matrix[$0, 3] + 0.02 * matrix[$0, 10] }
    for hasIntercept in [false, true] {
      var model = RecoveryModel()
      model.hasIntercept = hasIntercept
      let problem = try RecoveryProblem(matrix: .double(matrix), observation: y, model: model)
      let path = try SparsityPath().solve(problem, sparsities: 1...10, on: CPUBackend())
      #expect(path.points[2].solution.support == [0, 3, 10])
      let losses = path.points.map(\.solution.lossNorm)
      #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-9) })
    }
  }

  /// From warm starts no point is worse than forward selection or than the one before, and the last is not worse than
  /// SEA alone. On the whole, the path is better than SEA alone at every sparsity.
  @Test(arguments: ensembles, 1...3) func lossesNeverIncrease(
    _ ensemble: MatrixEnsemble, seed: UInt64
  ) throws {
    let problem = try problem(ensemble, seed: seed)
    let path = try SparsityPath(solver: nil).solve(problem, sparsities: 1...14, on: CPUBackend())
    #expect(path.points.map(\.sparsity) == Array(1...14))
    #expect(path.stopReason == .converged)
    let residuals = path.points.map(\.solution.relativeResidual)
    for (before, after) in zip(residuals, residuals.dropFirst()) {
      #expect(after <= before + 1e-14)
    }
    var alone: [Double] = []
    for (point, residual) in zip(path.points, residuals) {
      #expect(point.solution.support.count <= point.sparsity)
      let selection = try OLS().solve(problem, sparsity: point.sparsity, on: CPUBackend())
      #expect(residual <= selection.relativeResidual + 1e-14)
      let sea = try SEA().solve(problem, sparsity: point.sparsity, on: CPUBackend())
      alone.append(sea.relativeResidual)
    }
    #expect(residuals[13] <= alone[13] + 1e-14)
    let (together, separately) = (residuals.reduce(0, +), alone.reduce(0, +))
    #expect(together <= separately + 1e-13)
  }

  /// Columns of few factors and noise, on which greedy searches err, and an observation of a fifth of them.
  private func factorProblem(
    seed: UInt64, model: RecoveryModel = RecoveryModel()
  ) throws -> RecoveryProblem {
    let (m, n) = (40, 60 + Int(seed % 60))
    var generator = SeededGenerator(seed: seed)
    let columns = factorColumns(n, rows: m, factors: 6, noise: 0.3, &generator)
    var y = (0..<m).map { _ in 0.5 * generator.normal() }
    for column in columns where generator.uniform() < 0.2 {
      let c = generator.normal()
      for i in y.indices { y[i] += c * column[i] }
    }
    return try RecoveryProblem(
      matrix: .double(Matrix(rows: m, columns: n, columnMajor: columns.flatMap(\.self))),
      observation: y, model: model)
  }

  /// What one point gains by exchanges is no loss of the points behind it.
  @Test(arguments: 0..<3) func exchangesKeepTheOrder(variant: Int) throws {
    var model = RecoveryModel()
    model.ridge = variant == 1 ? 0.5 : 0
    model.isNonnegative = variant == 2
    for seed in 1...60 {
      let path = try SparsityPath(solver: Portfolio(effort: .quick)).solve(
        factorProblem(seed: UInt64(seed), model: model), sparsities: 1...12, on: CPUBackend())
      let norms = path.points.map(\.solution.lossNorm)
      for (k, (before, after)) in zip(norms, norms.dropFirst()).enumerated() {
        #expect(after <= before * (1 + SwapWalk.leastChange), "seed \(seed), k = \(k + 2)")
      }
    }
  }

  /// Stopped while points are exchanged: at once, and in order.
  @Test func stopsBetweenExchanges() throws {
    var stops = 0
    for seed in 1...5 as ClosedRange<UInt64> {
      let path = SparsityPath(solver: Portfolio(effort: .quick))
      let problem = try factorProblem(seed: seed)
      var reports = 0
      _ = try path.solve(problem, sparsities: 1...12, on: CPUBackend()) { _ in
        reports += 1
        return .proceed
      }
      // The last reports are of exchanges, where there are some.
      for last in stride(from: reports - 1, to: reports - 20, by: -6) {
        var count = 0
        let found = try path.solve(problem, sparsities: 1...12, on: CPUBackend()) { _ in
          count += 1
          return count > last ? .stop : .proceed
        }
        stops += found.points.count == 12 ? 1 : 0
        #expect(found.stopReason == .interrupted)
        // Supports that are known for one sparsity are told together.
        #expect(count - last <= 8)
        let norms = found.points.map(\.solution.lossNorm)
        #expect(
          zip(norms, norms.dropFirst()).allSatisfy { $1 <= $0 * (1 + SwapWalk.leastChange) })
      }
    }
    #expect(stops > 3)
  }

  /// With a solver run afresh at every k, each point is at least as good as that solver alone.
  @Test(arguments: [SEA(), HTP(), OMP(), OLS(), Splicing()] as [any Solver], 1...2)
  func noPointIsWorseThanTheSolverAlone(_ solver: any Solver, seed: UInt64) throws {
    let problem = try problem(seed: seed)
    let path = try SparsityPath(solver: solver)
      .solve(problem, sparsities: 3...12, on: CPUBackend())
    for point in path.points {
      let alone = try solver.solve(problem, sparsity: point.sparsity, on: CPUBackend())
      #expect(point.solution.relativeResidual <= alone.relativeResidual + 1e-14)
      if solver is OMP || solver is OLS {
        #expect(point.solution.support == alone.support)
      }
    }
  }

  /// The atom that enters is the one whose entry lowers the loss most, whatever the support before.
  /// What a solver proves of a sparsity is said of its point, also where a neighbour led to something better.
  @Test(arguments: 1...3) func proofsAreKept(seed: UInt64) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .toeplitz(rows: 50, columns: 24, correlation: 0.9), sparsity: 5, snr: 0,
        seed: seed)
    )
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let solvers: [any Solver] = [
      BranchAndBound(gap: 0.3), BranchAndBound(), Portfolio(), SEA(),
    ]
    let exact = try (1...6).map {
      try Exhaustive().solve(problem, sparsity: $0, on: CPUBackend()).lossNorm
    }
    for (solver, most) in zip(solvers, [0.3, 1e-8, 0.5, nil]) {
      let path = try SparsityPath(solver: solver).solve(
        problem, sparsities: 1...6, on: CPUBackend())
      for (point, least) in zip(path.points, exact) {
        let (solution, norm) = (point.solution, point.solution.lossNorm)
        guard let most else {
          #expect(solution.optimalityGap == nil)
          continue
        }
        // A portfolio may have found nothing to say.
        guard solver is BranchAndBound || solution.optimalityGap != nil else { continue }
        let gap = try #require(solution.optimalityGap)
        #expect(gap >= 0 && gap <= most + 1e-9)
        let bound: Double = (1 - gap) * norm * norm
        #expect(least * least >= bound * (1 - 1e-9))
      }
    }
  }

  @Test(arguments: [Precision.double, .single], [false, true]) func theBestAtomEnters(
    precision: Precision, hasIntercept: Bool
  ) throws {
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    let problem = try problem(
      .toeplitz(rows: 60, columns: 150, correlation: 0.8), seed: 4, model: model)
    let backends = try everyBackend().filter { precision == .double || !($0 is ReferenceBackend) }
    for backend in backends {
      func grow(_ engine: any Engine) throws {
        let loaded = Workspace(problem, on: engine)
        var growth = GrowingSupport(loaded)
        // Atoms enter, leave one by one, and all at once.
        for support in [[3], [3, 4, 90], [4, 90, 100, 140], [90, 140], [1, 2, 5], []] {
          let entry = try growth.bestEntry(at: loaded.project(onto: support))
          let losses = try (0..<150).filter { !support.contains($0) }.map { atom in
            (atom, try loaded.project(onto: support.inserting(atom)).residualNorm)
          }
          let best = try #require(losses.min { $0.1 < $1.1 })
          #expect(entry == [best.0])
        }
      }
      try grow(backend.load(problem.atoms, precision: precision))
    }
  }

  @Test func backwardEliminationTakesOutTheWeakestAtom() throws {
    let problem = try problem(seed: 5)
    var proposals = PathProposals()
    let support = [2, 17, 40, 88, 120, 149]
    try proposals.shrink(
      support,
      of: Workspace(problem, on: CPUBackend().load(problem.atoms, precision: .double)))
    var expected = support
    for count in (1...6).reversed() {
      #expect(proposals.supports(of: count) == [expected])
      let losses = try expected.map { atom in
        (atom, try problem.projection(onto: expected.removing(atom)).residualNorm)
      }
      if count > 1 { expected = expected.removing(try #require(losses.min { $0.1 < $1.1 }).0) }
    }
  }

  /// One small problem on every backend, with everything that a model adds.
  @Test(arguments: 0..<5) func everyBackendFindsTheSamePath(variant: Int) throws {
    var model = RecoveryModel()
    switch variant {
    case 1: model.hasIntercept = true
    case 2: model.included = [3, 9]
    case 3: model.ridge = 0.5
    case 4: model.isNonnegative = true
    default: break
    }
    let problem = try problem(seed: 6, model: model)
    let paths = try everyBackend().map {
      try SparsityPath(solver: nil).solve(problem, sparsities: 2...10, on: $0)
    }
    for path in paths {
      #expect(path.points.map(\.solution.support) == paths[0].points.map(\.solution.support))
      let norms = path.points.map(\.solution.lossNorm)
      for (before, after) in zip(norms, norms.dropFirst()) {
        #expect(after <= before * (1 + 1e-14))
      }
    }
  }

  @Test func theTargetEndsThePath() throws {
    let problem = try problem(k: 6, snr: nil, seed: 7)
    let path = try SparsityPath(targetResidual: 1e-8)
      .solve(problem, sparsities: 1...40, on: CPUBackend())
    #expect(path.stopReason == .residual)
    let last = try #require(path.points.last)
    #expect(last.sparsity == 6 && last.solution.relativeResidual <= 1e-8)
    #expect(path.points.dropLast().allSatisfy { $0.solution.relativeResidual > 1e-8 })
    #expect(path.first(reaching: 1e-8)?.sparsity == 6)
    #expect(path.first(reaching: 0) == nil)

    let noisy = try SparsityPath(targetResidual: 1e-8)
      .solve(self.problem(seed: 7), sparsities: 1...5, on: CPUBackend())
    #expect(noisy.stopReason == .converged && noisy.points.count == 5)
    #expect(noisy.first(reaching: 1e-8) == nil)
  }

  @Test func thereIsNothingToSolve() throws {
    let matrix = try Matrix(rows: 3, columns: 4, columnMajor: (0..<12).map { Double($0 % 5) })
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: [0, 0, 0])
    let path = try SparsityPath().solve(problem, sparsities: 1...4, on: CPUBackend())
    #expect(path.points.map(\.solution.support) == [[], [], [], []])
    // More atoms than rows: a path of exact solutions.
    let exact = try SparsityPath()
      .solve(problem.observing([1, 5, -2]), sparsities: 1...4, on: CPUBackend())
    #expect(try #require(exact.points.last).solution.relativeResidual <= 1e-14)
  }

  @Test func refusalsNameTheOption() throws {
    let problem = try problem(seed: 1)
    #expect(throws: RecoveryError.sparsityOutOfRange(sparsity: 151, columns: 150)) {
      try SparsityPath().solve(problem, sparsities: 1...151, on: CPUBackend())
    }
    #expect(throws: RecoveryError.sparsityOutOfRange(sparsity: -1, columns: 150)) {
      try SparsityPath().solve(problem, sparsities: -1...5, on: CPUBackend())
    }
    #expect(throws: RecoveryError.self) {
      try SparsityPath(targetResidual: 1).solve(problem, sparsities: 1...5, on: CPUBackend())
    }
  }

  /// Whenever the observer says stop, what was solved is returned.
  @Test(arguments: [1, 5, 30, 400, 1100]) func interruptionKeepsWhatIsThere(after: Int) throws {
    let problem = try problem(seed: 8)
    var count = 0
    let path = try SparsityPath().solve(problem, sparsities: 1...12, on: CPUBackend()) { _ in
      count += 1
      return count >= after ? .stop : .proceed
    }
    #expect(count >= after)
    #expect(path.stopReason == .interrupted)
    #expect(path.points.count >= 1 && path.points.count <= 12)
    var limits = Limits()
    limits.time = .zero
    let brief = try SparsityPath(limits: limits)
      .solve(problem, sparsities: 1...12, on: CPUBackend())
    #expect(brief.stopReason == .time && brief.points.count == 1)
  }
}
