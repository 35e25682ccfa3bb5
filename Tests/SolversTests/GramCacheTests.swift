import SparseRecovery
import Testing

@testable import Solvers

/// Gradients from cached Gram columns.
@Suite struct GramCacheTests {
  private func problem(
    _ ensemble: MatrixEnsemble = .gaussian(rows: 50, columns: 220), seed: UInt64
  ) throws -> RecoveryProblem {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(ensemble: ensemble, sparsity: 6, snr: 15, seed: seed))
    return try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
  }

  private func visits(
    _ problem: RecoveryProblem, _ engine: any Engine, _ gradient: SEA.Gradient, columns: Int? = nil
  ) throws -> (supports: [[Int]], passes: Int) {
    let bytes = columns.map { $0 * problem.columns * engine.precision.byteCount }
    let loaded = Workspace(problem, on: engine, gramMemory: bytes)
    var limits = Limits()
    limits.iterations = 120
    var visited: [[Int]] = []
    let solution = try SEA(gradient: gradient, limits: limits).solve(loaded, sparsity: 6) {
      visited.append($0.support)
      return .proceed
    }
    return (visited, solution.matrixPasses)
  }

  /// Room for one support only: nearly every new support evicts columns, and all is the same.
  @Test(arguments: 1...4) func evictionCostsOnlyTime(seed: UInt64) throws {
    for problem in [
      try problem(seed: seed), try problem(.deconvolution(size: 120, width: 3), seed: seed),
    ] {
      for backend in try everyBackend() {
        let engine = try backend.load(problem.atoms, precision: .double)
        let direct = try visits(problem, engine, .direct)
        let ample = try visits(problem, engine, .gram)
        let tight = try visits(problem, engine, .gram, columns: 6)
        #expect(ample.supports == direct.supports)
        #expect(tight.supports == direct.supports)
        #expect(ample.passes < direct.passes)
        #expect(tight.passes > ample.passes)
      }
    }
  }

  @Test func tooSmallACacheIsRefused() throws {
    let problem = try problem(seed: 1)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let bytes = 220 * 8
    #expect(throws: RecoveryError.cacheTooSmall(needed: 6 * bytes, given: 5 * bytes)) {
      try visits(problem, engine, .gram, columns: 5)
    }
  }

  /// Columns serve every sparsity, start and observation that is solved on one loaded problem.
  @Test func columnsAreShared() throws {
    let problem = try problem(seed: 2)
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    try shareColumns(of: problem, engine)
  }

  private func shareColumns(of problem: RecoveryProblem, _ engine: any Engine) throws {
    let loaded = Workspace(problem, on: engine, use: .always)
    let sea = SEA(gradient: .gram)
    let first = try sea.solve(loaded, sparsity: 6) { _ in .proceed }
    let again = try sea.solve(loaded, sparsity: 6) { _ in .proceed }
    #expect(again.support == first.support)
    #expect(again.matrixPasses == 0)
    let other = try loaded.observing(loaded.problem.observation.map { -2 * $0 })
    let scaled = try sea.solve(other, sparsity: 6) { _ in .proceed }
    #expect(scaled.support == first.support)
    // One for Aᵀy.
    #expect(scaled.matrixPasses == 1)
  }
}
