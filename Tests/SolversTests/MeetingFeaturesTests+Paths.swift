import CPUBackend
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// Where a path meets what a single solve knows.
extension MeetingFeaturesTests {
  @Test(arguments: 1...8) func aPathAnswersAsASolveDoes(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let shared = gaussian(40, 3, seed: seed + 50)
    let columns = (0..<14).map { j in
      (0..<40).map { 1.5 * shared[j % 3][$0] + generator.normal() }
    }
    var model = RecoveryModel()
    model.hasIntercept = true
    let y = (0..<40).map { i in
      3 + columns[1][i] - columns[4][i] + 0.5 * columns[8][i] + 2 * generator.normal()
    }
    let problem = try RecoveryProblem(matrix: matrix(columns), observation: y, model: model)
    let wide = try SparsityPath().solve(problem, sparsities: 0...6, on: CPUBackend())
    #expect(wide.points[0].solution.support.isEmpty)
    #expect(abs(wide.points[0].solution.relativeResidual - 1) <= 1e-15)
    for k in 1...6 {
      let alone = try Portfolio().solve(problem, sparsity: k, on: CPUBackend())
      let single = try SparsityPath().solve(problem, sparsities: k...k, on: CPUBackend())
      let point = single.points[0].solution
      #expect(point.support == alone.support && point.coefficients == alone.coefficients)
      #expect(point.residualNorm == alone.residualNorm && point.intercept == alone.intercept)
      #expect(
        wide.points[k].solution.residualNorm <= alone.residualNorm
          + 8 * Double.ulpOfOne * y.squaredNorm.squareRoot())
    }
  }

  /// Where the portfolio does not try everything.
  @Test(arguments: 1...3) func noPointIsWorseThanASolve(seed: UInt64) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .deconvolution(size: 70, width: 2), sparsity: 8, snr: 25, seed: seed))
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let wide = try SparsityPath().solve(problem, sparsities: 4...9, on: CPUBackend())
    for (k, point) in zip(4...9, wide.points) {
      let alone = try Portfolio().solve(problem, sparsity: k, on: CPUBackend())
      #expect(point.solution.residualNorm <= alone.residualNorm * (1 + 1e-14))
    }
  }

  @Test func aChoiceAtTheEndOfTheRangeIsSaid() throws {
    var generator = SeededGenerator(seed: 2)
    let columns = gaussian(40, 60, seed: 31)
    let y = (0..<40).map { i in
      columns[3][i] - columns[7][i] + columns[20][i] + 0.3 * generator.normal()
    }
    let problem = try RecoveryProblem(matrix: matrix(columns), observation: y)
    let warm = SparsityPath(solver: nil)
    let full = try warm.solve(problem, sparsities: 1...40, on: CPUBackend())
    let saturated = try full.choice(by: .bic, for: problem)
    #expect(saturated.sparsity > 35)
    guard case .saturated(_, 40, let within?)? = saturated.notices.last else {
      Issue.record("\(saturated.notices)")
      return
    }
    #expect(within <= 20)
    let short = try SparsityPath().solve(problem, sparsities: 1...2, on: CPUBackend())
    #expect(try short.choice(by: .bic, for: problem).notices == [.largestOfRange(2)])
    let late = try SparsityPath().solve(problem, sparsities: 5...6, on: CPUBackend())
    #expect(try late.choice(by: .ebic(), for: problem).notices == [.smallestOfRange(5)])
    let right = try SparsityPath().solve(problem, sparsities: 0...6, on: CPUBackend())
    let choice = try right.choice(by: .ebic(), for: problem)
    #expect(choice.sparsity == 3 && choice.notices.isEmpty)
    #expect(full.choice(reaching: 0.9, for: problem).sparsity >= 1)
    #expect(late.choice(reaching: 0.9, for: problem).notices == [.smallestOfRange(5)])
    #expect(
      short.choice(reaching: 1e-9, for: problem).notices
        == [.unreached(target: 1e-9, largest: 2)])
    // Noise alone is explained best by nothing.
    let noise = try RecoveryProblem(
      matrix: matrix(columns), observation: (0..<40).map { _ in generator.normal() })
    let null = try SparsityPath().solve(noise, sparsities: 0...4, on: CPUBackend())
    let none = try null.choice(by: .ebic(), for: noise)
    #expect(none.sparsity == 0 && none.notices.isEmpty)
  }
}
