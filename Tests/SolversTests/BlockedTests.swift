import CPUBackend
import OpenCLBackend
import ReferenceBackend
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// Blocked exploration against direct gradients, where it is hardest to be the same.
@Suite struct BlockedTests {
  private func visits(
    _ problem: RecoveryProblem, _ k: Int, _ gradient: SEA.Gradient, start: SEA.Start = .zero,
    precision: Precision = .double, backend: any Backend = CPUBackend(), iterations: Int = 150
  ) throws -> [[Int]] {
    var visited: [[Int]] = []
    var limits = Limits()
    limits.iterations = iterations
    _ = try SEA(start: start, gradient: gradient, limits: limits)
      .solve(problem, sparsity: k, on: backend, precision: precision) {
        visited.append($0.support)
        return .proceed
      }
    return visited
  }

  private func problem(
    _ ensemble: MatrixEnsemble, _ k: Int, snr: Double?, seed: UInt64, observations: Int = 1
  ) throws -> RecoveryProblem {
    try sharing(draw(ensemble, k, snr: snr, seed: seed).1, observations, seed: seed)
  }

  /// The same with so many observations, which are to share a support: the first, and others that are partly like it.
  private func sharing(
    _ problem: RecoveryProblem, _ observations: Int, seed: UInt64
  ) throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: seed)
    let y = problem.observation
    let size = (y.reduce(0) { $0 + $1 * $1 } / Double(y.count)).squareRoot()
    let others = (1..<observations).map { l in
      y.map { ($0 + size * generator.normal()) * [1, -0.3, 4][l % 3] }
    }
    return try problem.observing(jointly: [y] + others)
  }

  /// Working sets of k atoms: every block is violated, and every support still the right one.
  @Test(arguments: 1...4, [6, 7, 12, 40])
  func tooSmallWorkingSetsCostOnlyTime(seed: UInt64, breadth: Int) throws {
    for observations in [1, 3] {
      let problem = try problem(
        .gaussian(rows: 50, columns: 300), 6, snr: 15, seed: seed, observations: observations)
      let expected = try visits(problem, 6, .direct, iterations: 60)
      let engine = try CPUBackend().load(problem.atoms, precision: .double)
      let (visited, passes) = try explore(problem, engine, breadth: breadth, iterations: 60)
      #expect(visited == expected)
      if breadth == 6 { #expect(passes >= 30) }
    }
  }

  private func explore(
    _ problem: RecoveryProblem, _ engine: any Engine, sparsity: Int = 6, breadth: Int,
    iterations: Int
  ) throws -> ([[Int]], passes: Int) {
    var limits = Limits()
    limits.iterations = iterations
    let loaded = Workspace(problem, on: engine)
    var search = try Search(
      "sea", loaded, sparsity: sparsity, limits: limits, recoversJointly: true)
    var exploration = try BlockedExploration(
      loaded, start: nil, 1, sparsity: search.atomCount, breadth: breadth)
    var visited: [[Int]] = []
    while true {
      for candidate in try exploration.step(search).candidates {
        let stop = search.record(
          candidate.support, residualNorm: candidate.residualNorm, method: candidate.method
        ) {
          visited.append($0.support)
          // Also where a support was explored, cut off, and explored again.
          #expect($0.isNew == ($0.projection != nil))
          return .proceed
        }
        guard let stop else { continue }
        #expect(stop == .iterations)
        return (visited, loaded.matrixPasses)
      }
    }
  }

  @Test(arguments: 1...4) func startsOtherThanZero(seed: UInt64) throws {
    let problem = try problem(.gaussian(rows: 60, columns: 1500), 8, snr: 20, seed: seed)
    var generator = SeededGenerator(seed: seed)
    let dense = (0..<1500).map { _ in generator.normal() }
    for start in [.correlation, .solver(OMP()), .vector(dense)] as [SEA.Start] {
      #expect(
        try visits(problem, 8, .blocked, start: start)
          == visits(problem, 8, .direct, start: start))
    }
  }

  /// Models under which residuals alone do not tell the exploratory vector.
  enum Model: CaseIterable, Sendable {
    case ridge, steepRidge, signs, both, regression

    var model: RecoveryModel {
      var model = RecoveryModel()
      switch self {
      case .ridge: model.ridge = 0.2
      case .steepRidge: model.ridge = 30
      case .signs: model.isNonnegative = true
      case .both: (model.isNonnegative, model.ridge) = (true, 0.5)
      case .regression:
        (model.isStandardized, model.ridge) = (true, 5)
        model.included = [3]
        model.weights = (0..<60).map { 0.5 + Double($0 % 4) }
      }
      return model
    }
  }

  @Test(arguments: Model.allCases, 1...3)
  func everyModelVisitsTheSameSupports(model: Model, seed: UInt64) throws {
    let (synthetic, _) = try draw(.gaussian(rows: 60, columns: 1500), 8, snr: 20, seed: seed)
    let one = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation,
      normalize: seed != 2 || model == .regression, model: model.model)
    for observations in [1, 3] {
      let problem = try sharing(one, observations, seed: seed)
      for start in [.zero, .correlation, .solver(OMP())] as [SEA.Start] {
        let expected = try visits(problem, 8, .direct, start: start)
        #expect(try visits(problem, 8, .blocked, start: start) == expected)
        #expect(
          try visits(problem, 8, .blocked, start: start, backend: ReferenceBackend()) == expected)
      }
    }
  }

  /// As above where working sets are too small, and on devices.
  @Test(arguments: Model.allCases, [7, 12, 40])
  func everyModelOnSmallWorkingSets(model: Model, breadth: Int) throws {
    let (synthetic, _) = try draw(.gaussian(rows: 60, columns: 300), 6, snr: 15, seed: 5)
    let one = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation, model: model.model)
    for observations in [1, 4] {
      let problem = try sharing(one, observations, seed: 5)
      let expected = try visits(problem, 7, .direct, iterations: 60)
      for precision in Precision.allCases {
        let engine = try CPUBackend().load(problem.atoms, precision: precision)
        #expect(
          try explore(problem, engine, sparsity: 7, breadth: breadth, iterations: 60).0
            == expected)
      }
      if hasOpenCLDevice {
        let engine = try OpenCLBackend().load(problem.atoms, precision: .double)
        #expect(
          try explore(problem, engine, sparsity: 7, breadth: breadth, iterations: 60).0
            == expected)
      }
    }
  }

  /// Single-precision verification with its margins proves double-precision supports.
  @Test(arguments: 1...4, [1, 3])
  func singlePrecisionProvesDoubleSupports(seed: UInt64, observations: Int) throws {
    let problem = try problem(
      .gaussian(rows: 60, columns: 1500), 8, snr: 20, seed: seed, observations: observations)
    let expected = try visits(problem, 8, .direct)
    #expect(try visits(problem, 8, .blocked, precision: .single) == expected)
    if hasOpenCLDevice {
      #expect(
        try visits(problem, 8, .blocked, precision: .single, backend: OpenCLBackend()) == expected)
    }
  }

  /// Atoms stored with 11 or 24 bits, and the supports of atoms stored with 53.
  @Test(
    .enabled(if: !OpenCLBackend.devices().isEmpty, "no OpenCL device"),
    arguments: 1...3, [AtomStorage.single, .half])
  func coarseStorageProvesDoubleSupports(seed: UInt64, storage: AtomStorage) throws {
    let problems: [(RecoveryProblem, Int)] = [
      (try problem(.gaussian(rows: 60, columns: 1500), 8, snr: 20, seed: seed), 8),
      (try problem(.gaussian(rows: 120, columns: 700), 20, snr: nil, seed: seed), 20),
      (try problem(.gaussian(rows: 60, columns: 900), 8, snr: 20, seed: seed, observations: 3), 8),
      (try problem(.deconvolution(size: 600, width: 3), 10, snr: nil, seed: seed), 10),
    ]
    for (problem, k) in problems {
      let expected = try visits(problem, k, .direct)
      for precision in Precision.allCases {
        let backend = try OpenCLBackend(precision: precision, storage: storage)
        #expect(
          try visits(problem, k, .blocked, precision: precision, backend: backend) == expected)
      }
    }
  }

  /// Only a search that proves its supports is silent about atoms stored in halves.
  @Test(.enabled(if: !OpenCLBackend.devices().isEmpty, "no OpenCL device"))
  func roughStorageIsWarnedOf() throws {
    let problem = try problem(.gaussian(rows: 60, columns: 400), 4, snr: nil, seed: 1)
    let backend = try OpenCLBackend(precision: .double, storage: .half)
    func warnings(_ solver: any Solver) throws -> [Warning] {
      try solver.solve(problem, sparsity: 4, on: backend).warnings
    }
    #expect(try warnings(SEA(gradient: .blocked)).isEmpty)
    #expect(try warnings(SEA(gradient: .direct)) == [.reducedStorage])
    #expect(try warnings(OMP()) == [.reducedStorage])
  }

  /// Twins closer together than halves can tell, and working sets that hold one of them at a time.
  @Test(
    .enabled(if: !OpenCLBackend.devices().isEmpty, "no OpenCL device"), arguments: 1...4,
    [6, 9, 40])
  func twinsInHalves(seed: UInt64, breadth: Int) throws {
    var generator = SeededGenerator(seed: seed)
    let (m, n) = (40, 300)
    var columns = (0..<n).map { _ in (0..<m).map { _ in generator.normal() } }
    for j in stride(from: 0, to: n, by: 4) {
      for twin in 1..<4 { columns[j + twin] = columns[j].map { $0 + 1e-4 * generator.normal() } }
    }
    let matrix = try Matrix(rows: m, columns: n, columnMajor: columns.flatMap { $0 })
    let y = (0..<m).map { i in (0..<6).reduce(generator.normal()) { $0 + columns[$1 * 40][i] } }
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: y)
    let expected = try visits(problem, 6, .direct, iterations: 60)
    let engine = try OpenCLBackend(precision: .double, storage: .half)
      .load(problem.atoms, precision: .double)
    #expect(try explore(problem, engine, breadth: breadth, iterations: 60).0 == expected)
  }

  /// Few passes over A: what the blocks are for.
  @Test(arguments: [1, 3]) func passesAreFew(observations: Int) throws {
    let problem = try problem(
      .gaussian(rows: 250, columns: 2500), 12, snr: 20, seed: 5, observations: observations)
    let solution = try SEA().solve(problem, sparsity: 12, on: CPUBackend())
    #expect(solution.iterations == 1000)
    #expect(solution.matrixPasses <= 25 * observations)
  }

  /// Duplicated and nearly parallel columns, columns of very different length, and ties.
  @Test(arguments: 1...4) func degenerateColumns(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (m, n) = (40, 1200)
    var columns = (0..<n).map { _ in (0..<m).map { _ in generator.normal() } }
    for j in stride(from: 0, to: n - 4, by: 40) {
      columns[j + 1] = columns[j]
      columns[j + 2] = columns[j].map { -$0 }
      columns[j + 3] = columns[j].map { $0 + 1e-7 * generator.normal() }
      columns[j + 4] = columns[j + 4].map { $0 * 1e6 }
    }
    let matrix = try Matrix(rows: m, columns: n, columnMajor: columns.flatMap { $0 })
    let y = (0..<m).map { i in (0..<6).reduce(0) { $0 + columns[$1 * 40][i] } }
    for normalize in [true, false] {
      let one = try RecoveryProblem(
        matrix: .double(matrix), observation: y, normalize: normalize)
      for observations in [1, 2] {
        let problem = try sharing(one, observations, seed: seed)
        // What dependent columns make of rounding soon parts the copies of a column, which tie.
        let iterations = observations == 1 ? 40 : 20
        #expect(
          try visits(problem, 6, .blocked, iterations: iterations)
            == visits(problem, 6, .direct, iterations: iterations))
      }
    }
  }

  /// Supports that fill most of the columns, and all of them.
  @Test(arguments: [1, 15, 29, 30], [1, 2]) func broadSupports(k: Int, observations: Int) throws {
    let problem = try problem(
      .gaussian(rows: 40, columns: 30), 5, snr: 10, seed: 9, observations: observations)
    #expect(try visits(problem, k, .blocked) == visits(problem, k, .direct))
  }
}
