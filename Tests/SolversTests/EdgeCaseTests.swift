import CPUBackend
import ReferenceBackend
import Solvers
import SparseCore
import SyntheticProblems
import Testing

/// Problems at the edge of what can be asked, each with a defined answer.
@Suite struct EdgeCaseTests {
  private let solvers: [any Solver] = [SEA(), OMP(), SEA(start: .solver(OMP()))]

  private func problem(_ columns: [[Double]], _ y: [Double]) throws -> RecoveryProblem {
    let matrix = try Matrix(
      rows: y.count, columns: columns.count, columnMajor: columns.flatMap { $0 })
    return try RecoveryProblem(matrix: .double(matrix), observation: y)
  }

  private func synthetic(_ seed: UInt64 = 1) throws -> RecoveryProblem {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 30, columns: 60), sparsity: 6, snr: 10, seed: seed))
    return try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
  }

  /// Every backend gives one answer, and it is the optimum on its support.
  @Test(arguments: EdgeProblem.all) func everyBackendGivesTheOptimum(edge: EdgeProblem) throws {
    let problem = try edge.stated()
    for solver in solvers {
      let expected = try solver.solve(problem, sparsity: edge.sparsity, on: ReferenceBackend())
      edge.expectOptimal(expected)
      #expect(expected.support.count <= edge.sparsity)
      #expect(expected.support == Array(Set(expected.support)).sorted())
      for backend in try everyBackend() {
        let found = try solver.solve(problem, sparsity: edge.sparsity, on: backend)
        #expect(found.support == expected.support)
        #expect(found.coefficients == expected.coefficients)
        #expect(found.residualNorm == expected.residualNorm)
        #expect(found.warnings == expected.warnings)
      }
    }
  }

  /// Without normalisation the scales reach the products: a finite answer or an error that says so.
  @Test(arguments: [0x1p500, 0x1p1000]) func extremeScalesAsGiven(scale: Double) throws {
    let columns: [[Double]] = [[scale, 0, 0], [1, 1, 0], [0, 1 / scale, 1 / scale], [1, 2, 3]]
    let matrix = try Matrix(rows: 3, columns: 4, columnMajor: columns.flatMap { $0 })
    let problem = try RecoveryProblem(
      matrix: .double(matrix), observation: [1, 2, 3], normalize: false)
    for backend in try everyBackend() {
      for solver in solvers {
        do throws(RecoveryError) {
          let solution = try solver.solve(problem, sparsity: 2, on: backend)
          #expect(solution.support.count <= 2)
          #expect(solution.residualNorm <= 4)
        } catch {
          #expect(error.kind != .request)
        }
      }
    }
  }

  /// Coefficients below the smallest normal number are exact where they can be.
  @Test func denormalObservation() throws {
    let tiny = Double.leastNonzeroMagnitude
    let problem = try problem([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [3 * tiny, 0, -tiny])
    for backend in try everyBackend() {
      for solver in solvers {
        let solution = try solver.solve(problem, sparsity: 2, on: backend)
        #expect(solution.support == [0, 2] && solution.coefficients == [3 * tiny, -tiny])
        #expect(solution.residualNorm == 0)
      }
    }
  }

  /// Of equal columns the first is chosen, and of equal correlations the lowest index.
  @Test func tiesGoToTheLowestIndex() throws {
    let identity = (0..<6).map { j in (0..<6).map { $0 == j ? 1.0 : 0 } }
    let problem = try problem(identity, Array(repeating: 1, count: 6))
    for backend in try everyBackend() {
      let omp = try OMP().solve(problem, sparsity: 3, on: backend)
      let sea = try SEA().solve(problem, sparsity: 3, on: backend)
      #expect(omp.support == [0, 1, 2] && sea.support == [0, 1, 2])
    }
  }

  @Test func aMatrixOfZerosIsRefused() {
    #expect(throws: RecoveryError.noUsableColumn(columns: 2, zero: 2, explained: 0, excluded: 0)) {
      try problem([[0, 0], [0, .leastNonzeroMagnitude]], [1, 2])
    }
  }

  @Test func zeroObservationHasTheEmptySupport() throws {
    let problem = try problem([[1, 0], [0, 1], [1, 1]], [0, 0])
    for solver in solvers {
      let solution = try solver.solve(problem, sparsity: 2, on: CPUBackend())
      #expect(solution.support.isEmpty)
      #expect(solution.residualNorm == 0 && solution.relativeResidual == 0)
      #expect(solution.stopReason == .residual)
    }
  }

  @Test func zeroColumnsAreNeverSelectedAndReported() throws {
    let problem = try problem(
      [[0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 1, 1]], [1, 2, 3])
    for solver in solvers {
      var visited: [[Int]] = []
      let solution = try solver.solve(problem, sparsity: 3, on: CPUBackend()) {
        visited.append($0.support)
        return .proceed
      }
      #expect(visited.allSatisfy { !$0.contains(0) && !$0.contains(2) })
      #expect(solution.support == [1, 3, 4])
      #expect(solution.warnings.contains(.zeroColumns([0, 2])))
      let all = try solver.solve(problem, sparsity: 5, on: CPUBackend())
      #expect(all.support == [1, 3, 4])
      #expect(all.warnings.contains(.sparsityReduced(from: 5, to: 3)))
    }
  }

  @Test func duplicatedColumnsAreWarnedOf() throws {
    let problem = try problem([[1, 0], [1, 0], [0, 0]], [1, 1])
    let solution = try SEA().solve(problem, sparsity: 2, on: CPUBackend())
    #expect(solution.support == [0, 1])
    #expect(solution.warnings.contains(.dependentColumns(rank: 1, sparsity: 2)))
    for c in solution.coefficients { #expect(abs(c - 0.5) < 1e-15) }
  }

  /// Columns included that depend on each other, or on the intercept.
  @Test func dependentColumnsIncludedAreWarnedOf() throws {
    let columns: [[Double]] = [[1, 0, 2], [1, 0, 2], [0, 1, 0], [3, 3, 3]]
    for (included, hasIntercept, rank) in [
      ([0, 1], false, 2), ([2, 3], true, 2), ([0, 2], false, 3),
    ]
      as [(Set<Int>, Bool, Int)]
    {
      var model = RecoveryModel()
      (model.included, model.hasIntercept) = (included, hasIntercept)
      let problem = try RecoveryProblem(
        matrix: .double(Matrix(rows: 3, columns: 4, columnMajor: columns.flatMap { $0 })),
        observation: [1, 2, 4], model: model)
      let solution = try OMP().solve(problem, sparsity: 3, on: CPUBackend())
      let warnings = solution.warnings.filter {
        if case .dependentColumns = $0 { true } else { false }
      }
      let count = solution.support.count
      #expect(warnings == (rank < count ? [.dependentColumns(rank: rank, sparsity: count)] : []))
    }
  }

  /// More columns wanted than rows: solved up to the rank, with a warning.
  @Test func sparsityBeyondTheRows() throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(ensemble: .gaussian(rows: 5, columns: 20), sparsity: 3, seed: 3))
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let solution = try SEA().solve(problem, sparsity: 8, on: CPUBackend())
    #expect(solution.support == Array(0..<8))
    #expect(solution.relativeResidual < 1e-12)
    #expect(solution.warnings == [.dependentColumns(rank: 5, sparsity: 8)])
  }

  @Test func oneByOne() throws {
    let problem = try problem([[-4]], [8])
    for solver in solvers {
      let solution = try solver.solve(problem, sparsity: 1, on: CPUBackend())
      #expect(solution.support == [0] && solution.coefficients == [-2])
    }
  }

  @Test(arguments: [-1, 0, 61]) func sparsityOutOfRange(k: Int) throws {
    let problem = try synthetic()
    for solver in solvers {
      #expect(throws: RecoveryError.sparsityOutOfRange(sparsity: k, columns: 60)) {
        try solver.solve(problem, sparsity: k, on: CPUBackend())
      }
    }
  }

  @Test func startsAreChecked() throws {
    let problem = try synthetic()
    #expect(throws: RecoveryError.startLength(expected: 60, found: 3)) {
      try SEA(start: .vector([1, 2, 3])).solve(problem, sparsity: 2, on: CPUBackend())
    }
    var start = [Double](repeating: 0, count: 60)
    start[4] = .infinity
    #expect(throws: RecoveryError.nonFiniteStart(index: 4, value: .infinity)) {
      try SEA(start: .vector(start)).solve(problem, sparsity: 2, on: CPUBackend())
    }
  }

  @Test(arguments: [0, -1, Double.infinity]) func stepSizesAreChecked(stepSize: Double) throws {
    #expect(throws: RecoveryError.self) {
      try SEA(stepSize: stepSize).solve(synthetic(), sparsity: 2, on: CPUBackend())
    }
  }

  @Test func limitsAreKept() throws {
    let problem = try synthetic()
    var limits = Limits()
    limits.iterations = 37
    let budget = try SEA(limits: limits).solve(problem, sparsity: 6, on: CPUBackend())
    #expect(budget.iterations == 37 && budget.stopReason == .iterations)

    limits.iterations = 100_000
    limits.stagnation = 50
    let stagnated = try SEA(limits: limits).solve(problem, sparsity: 6, on: CPUBackend())
    #expect(stagnated.stopReason == .stagnation)
    #expect(stagnated.iterations == stagnated.bestIteration + 51)

    limits.stagnation = nil
    limits.time = .zero
    let timed = try SEA(limits: limits).solve(problem, sparsity: 6, on: CPUBackend())
    #expect(timed.stopReason == .time && timed.iterations <= 8)

    let stopped = try SEA().solve(problem, sparsity: 6, on: CPUBackend()) {
      $0.iteration == 4 ? .stop : .proceed
    }
    #expect(stopped.stopReason == .interrupted && stopped.iterations == 5)
  }

  @Test func meaninglessLimitsAreRefused() throws {
    for change in [
      { (limits: inout Limits) in limits.iterations = 0 },
      { limits in limits.stagnation = 0 },
      { limits in limits.tolerance = .nan },
      { limits in limits.time = .seconds(-1) },
    ] {
      var limits = Limits()
      change(&limits)
      let solver = SEA(limits: limits)
      #expect(throws: RecoveryError.self) {
        try solver.solve(synthetic(), sparsity: 2, on: CPUBackend())
      }
    }
  }

  /// The best support is the first of those with the smallest residual, and reported as seen.
  @Test(arguments: 1...5) func theBestSeenIsReturned(seed: UInt64) throws {
    var reports: [IterationReport] = []
    let solution = try SEA().solve(synthetic(seed), sparsity: 6, on: CPUBackend()) {
      reports.append($0)
      return .proceed
    }
    let best = try #require(reports.min { $0.relativeResidual < $1.relativeResidual })
    #expect(solution.bestIteration == best.iteration)
    #expect(solution.support == best.support)
    #expect(abs(solution.relativeResidual - best.relativeResidual) < 1e-14)
    #expect(solution.supportsExplored == Set(reports.map(\.support)).count)
    #expect(reports.map(\.isNew).count(where: \.self) == solution.supportsExplored)
    #expect(reports.map(\.iteration) == Array(0..<1000))
    #expect(solution.matrixPasses <= 1000)
  }
}
