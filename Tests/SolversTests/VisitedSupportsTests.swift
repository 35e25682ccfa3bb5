import LeastSquares
import SparseCore
import Testing

@testable import Solvers

@Suite struct VisitedSupportsTests {
  /// Room for two supports of so many rows: the third makes the memory start anew.
  @Test func aFullMemoryStartsAnew() throws {
    let problem = try RecoveryProblem(
      matrix: .double(try Matrix(rows: 2, columns: 2, columnMajor: [1, 0, 0, 1])),
      observation: [1, 1])
    var projector = Projector(problem, capacity: 2)
    let set = try projector.workingSet([0, 1])
    var gradient: [Double] = [0, 0]
    let fit = try projector.project(onto: [0], of: set, gradient: &gradient)
    #expect(gradient == [0, -1])

    let rows = 500_000
    var visited = VisitedSupports(rows: rows, breadth: 3, sparsity: 2)
    func remember(_ support: [Int], _ value: Double) -> Int {
      visited.remember(
        support, fit, residual: Array(repeating: value, count: rows),
        gradient: [value, 0, 2 * value])
    }
    let first = remember([0, 1], 1)
    let second = remember([1, 2], 2)
    #expect(visited.visit(of: [0, 1]) == first)
    #expect(visited.visit(of: [1, 2]) == second)
    #expect(visited.visit(of: [0, 2]) == nil)
    var u: [Double] = [10, 10, 10]
    visited.addGradient(second, to: &u)
    #expect(u == [12, 10, 14])
    let isSecond = visited.residual(second).allSatisfy { $0 == 2 }
    #expect(isSecond)

    let third = remember([0, 2], 3)
    #expect(visited.visit(of: [0, 2]) == third)
    #expect(visited.visit(of: [0, 1]) == nil)
    #expect(visited.visit(of: [1, 2]) == nil)
    let isThird = visited.residual(third).allSatisfy { $0 == 3 }
    #expect(isThird)
  }
}
