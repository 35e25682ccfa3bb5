import CPUBackend
import MatrixFiles
import ReferenceBackend
import Solvers
import SparseCore
import Testing

/// Figures that do not depend on this package: exhaustive search on the diabetes data.
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

  @Test(arguments: 1...10) func diabetesIsSolved(k: Int) throws {
    let problem = try exampleProblem("diabetes")
    let optimum = Self.diabetes[k - 1]
    for backend in try everyBackend() {
      let solution = try SEA().solve(problem, sparsity: k, on: backend)
      #expect(solution.support == optimum.support)
      #expect(abs(solution.relativeResidual - optimum.relativeResidual) < 5e-7)
    }
  }
}
