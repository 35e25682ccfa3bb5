import LeastSquares
import SparseCore
import Testing

@testable import Solvers

@Suite struct VisitedSupportsTests {
  /// Room for two supports on so many atoms: the third empties the memory first.
  @Test func aFullMemoryStartsAnew() throws {
    let breadth = 500_000
    var visited = VisitedSupports(breadth: breadth, sparsity: 2)
    func remember(_ support: [Int], _ value: Double) -> Int {
      visited.remember(
        support, GramFit(residualNorm: value, leastNorm: value, method: .cholesky),
        coefficients: [value, -value],
        correlations: [value, 0, 2 * value] + Array(repeating: 0, count: breadth - 3))
    }
    let first = remember([0, 1], 1)
    let second = remember([1, 2], 2)
    #expect(visited.visit(of: [0, 1]) == first)
    #expect(visited.visit(of: [1, 2]) == second)
    #expect(visited.visit(of: [0, 2]) == nil)
    var u = [Double](repeating: 10, count: breadth)
    visited.addCorrelations(second, to: &u)
    #expect(u.prefix(4) == [12, 10, 14, 10])
    #expect(visited.coefficients(second) == [2, -2])
    #expect(visited.fit(second).residualNorm == 2)
    #expect(try visited.columnNorm(second) { _ in 5 } == 2)

    let third = remember([0, 2], 3)
    #expect(visited.visit(of: [0, 2]) == third)
    #expect(visited.visit(of: [0, 1]) == nil)
    #expect(visited.visit(of: [1, 2]) == nil)
    #expect(visited.coefficients(third) == [3, -3])
  }
}
