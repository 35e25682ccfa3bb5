import Arguments
import SparseRecovery
import TestSupport
import Testing

@testable import sea

/// What is left of a solve whose device fails on the way.
@Suite struct BestSoFarTests {
  /// With `--backend opencl`, say: nothing takes the place of what was named.
  @Test(arguments: ["zero", "auto"]) func isWrittenBeforeTheError(start: String) throws {
    let folder = TemporaryFolder()
    let synthetic = try SyntheticProblem(
      SyntheticParameters(ensemble: .gaussian(rows: 30, columns: 60), sparsity: 4, snr: 5, seed: 8))
    try MatrixFile.write(.double(synthetic.matrix), to: folder("A.npy"))
    try MatrixFile.write(synthetic.observation, to: folder("y.npy"))
    let words = [
      "solve", "-m", folder("A.npy"), "-y", folder("y.npy"), "-k", "4", "--start", start,
      "--gradient", "direct", "--quiet", "--output", folder("x.npy"),
    ]
    guard case .run(let arguments) = try Sea.table.parse(words) else {
      Issue.record("expected a command")
      return
    }
    #expect(throws: MortalBackend.death) {
      try SolveCommand(arguments).run {
        FallbackBackend(first: MortalBackend(products: 5), second: nil)
      }
    }
    let x = try MatrixFile.readVector(folder("x.npy"))
    #expect(x.count == 60 && x.count { $0 != 0 } == 4)
  }

  /// Before the first support there is nothing to write.
  @Test func isNothingAtFirst() throws {
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 1, columns: 1, columnMajor: [2])), observation: [1])
    #expect(
      try BestSupport().solution(of: problem, sparsity: 1, after: MortalBackend.death) == nil)
  }

  /// The best of all supports reported, with its own coefficients.
  @Test func isTheBestOfAll() throws {
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 2, columns: 2, columnMajor: [1, 0, 0, 1])), observation: [3, 4])
    let best = BestSupport()
    for (place, residual) in [0.9, 0.6, 0.8].enumerated() {
      best.note(
        IterationReport(
          solver: "sea", iteration: place, support: [place % 2], relativeResidual: residual,
          bestRelativeResidual: residual, isNew: true, projection: nil, elapsed: .zero))
    }
    let solution = try #require(
      try best.solution(of: problem, sparsity: 1, after: MortalBackend.death))
    #expect(solution.support == [1] && solution.coefficients == [4])
    #expect(solution.relativeResidual == 0.6 && solution.stopReason == .failed)
    #expect(solution.iterations == 3 && solution.bestIteration == 1)
    #expect(
      solution.warnings.map(\.description)
        == ["not solved to the end: none: clFinish failed with code -2"])
  }
}
