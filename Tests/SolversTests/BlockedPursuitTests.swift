import CPUBackend
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// OMP foreseen and verified against OMP step by step.
@Suite struct BlockedPursuitTests {
  private func visits(
    _ problem: RecoveryProblem, _ k: Int, _ gradient: OMP.Gradient,
    _ backend: any Backend = CPUBackend(), precision: Precision = .double
  ) throws -> (supports: [[Int]], passes: Int) {
    var visited: [[Int]] = []
    let solution = try OMP(gradient: gradient)
      .solve(problem, sparsity: k, on: backend, precision: precision) {
        visited.append($0.support)
        return .proceed
      }
    return (visited, solution.matrixPasses)
  }

  private func problem(_ ensemble: MatrixEnsemble, _ k: Int, snr: Double?, seed: UInt64) throws
    -> RecoveryProblem
  {
    try draw(ensemble, k, snr: snr, seed: seed).1
  }

  static let ensembles: [MatrixEnsemble] = [
    .gaussian(rows: 80, columns: 600), .deconvolution(size: 300, width: 3),
    .toeplitz(rows: 100, columns: 400, correlation: 0.9), .dct(rows: 64, columns: 200),
    .gaussian(rows: 30, columns: 20),
  ]

  /// With and without noise, in turn.
  @Test(arguments: 1...4, ensembles)
  func supportsAreThoseOfPlainOMP(seed: UInt64, ensemble: MatrixEnsemble) throws {
    let problem = try problem(ensemble, 12, snr: seed % 2 == 0 ? 20 : nil, seed: seed)
    for k in [1, 5, 20] {
      for backend in try everyBackend() {
        let expected = try visits(problem, k, .direct, backend).supports
        #expect(try visits(problem, k, .blocked, backend).supports == expected)
      }
      #expect(
        try visits(problem, k, .blocked, precision: .single).supports
          == visits(problem, k, .direct, precision: .single).supports)
    }
  }

  /// Hardly any promising atom: nearly every step is violated, and still the right one.
  @Test(arguments: 1...4, [1, 2, 5]) func tooFewPromisingAtomsCostOnlyTime(
    seed: UInt64, breadth: Int
  ) throws {
    let problem = try problem(.gaussian(rows: 80, columns: 600), 12, snr: 10, seed: seed)
    let expected = try visits(problem, 20, .direct).supports
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let (supports, passes) = try pursue(problem, engine, breadth: breadth)
    #expect(supports == expected)
    if breadth == 1 { #expect(passes >= 19) }
  }

  private func pursue(
    _ problem: RecoveryProblem, _ engine: any Engine, breadth: Int
  ) throws -> (supports: [[Int]], passes: Int) {
    let loaded = Workspace(problem, on: engine)
    let search = try Search("omp", loaded, sparsity: 20, limits: Limits())
    var pursuit = try BlockedPursuit(loaded, sparsity: 20, breadth: breadth)
    var visited: [[Int]] = []
    while true {
      let step = try pursuit.step(search)
      visited += step.candidates.map(\.support)
      guard let stop = step.stop else { continue }
      #expect(stop == .iterations)
      return (visited, loaded.matrixPasses)
    }
  }

  /// Repeated columns tie, and the lowest index wins; a support that spans y ends it.
  @Test(arguments: 1...4) func repeatedColumns(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var columns = (0..<300).map { _ in (0..<40).map { _ in generator.normal() } }
    for j in stride(from: 0, to: 300, by: 3) {
      columns[j + 1] = columns[j].map(-)
      if j % 2 == 0 { columns[j + 2] = columns[j].map { $0 + 1e-7 * generator.normal() } }
    }
    columns[7] = [Double](repeating: 0, count: 40)
    let matrix = try Matrix(rows: 40, columns: 300, columnMajor: columns.flatMap { $0 })
    let y = (0..<40).map { (i: Int) -> Double in
      (1...8).reduce(0) { $0 + Double($1) * columns[$1 * 30][i] }
    }
    for normalize in [true, false] {
      let problem = try RecoveryProblem(
        matrix: .double(matrix), observation: y, normalize: normalize)
      for k in [8, 30, 60] {
        let expected = try visits(problem, k, .direct).supports
        #expect(try visits(problem, k, .blocked).supports == expected)
      }
    }
  }

  /// 30 steps in a sixth of the passes, where it pays.
  @Test func passesAreFew() throws {
    let long = try problem(.gaussian(rows: 400, columns: 2000), 30, snr: 20, seed: 5)
    #expect(try visits(long, 30, .direct).passes == 30)
    #expect(try visits(long, 30, .auto).passes <= 5)
    let short = try problem(.gaussian(rows: 100, columns: 2000), 30, snr: 20, seed: 5)
    #expect(try visits(short, 30, .auto).passes == 30)
    #expect(try visits(short, 30, .blocked).passes <= 8)
  }

  /// An observer stops it in the middle of a block.
  @Test func anObserverStopsIt() throws {
    let problem = try problem(.gaussian(rows: 80, columns: 600), 12, snr: 20, seed: 1)
    var seen = 0
    let solution = try OMP(gradient: .blocked).solve(problem, sparsity: 12, on: CPUBackend()) { _ in
      seen += 1
      return seen == 5 ? .stop : .proceed
    }
    #expect(solution.stopReason == .interrupted)
    #expect(solution.support.count == 5)
  }
}
