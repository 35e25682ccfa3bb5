import CPUBackend
import LeastSquares
import Losses
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// Labels that some columns separate in part: the coefficients of these grow without bound, and their curvature vanishes.
@Suite struct SeparationTests {
  /// Correlated columns, the first few of which mark eight rows each with one label.
  private func problem(
    marks: Int, seed: UInt64, model: RecoveryModel = RecoveryModel()
  ) throws -> RecoveryProblem {
    let (m, n) = (80, 24)
    var generator = SeededGenerator(seed: seed)
    var columns = factorColumns(n, rows: m, factors: 4, noise: 0.6, &generator)
    let chosen = generator.sample(7, of: n).map { ($0, generator.normal() / 2) }
    var labels = (0..<m).map { i in
      let p = generator.uniform()
      let noise = LogisticLoss().mean(at: chosen.reduce(0) { $0 + $1.1 * columns[$1.0][i] })
      return p < noise ? 1.0 : 0
    }
    for c in 0..<marks {
      columns[c] = (0..<m).map { $0 / 8 == c ? 1 : 0 }
      for i in 8 * c..<8 * c + 8 { labels[i] = Double(c % 2) }
    }
    return try RecoveryProblem(
      matrix: .double(Matrix(rows: m, columns: n, columnMajor: columns.flatMap(\.self))),
      observation: labels, model: model, loss: LogisticLoss())
  }

  /// No exchange of one atom lowers the loss of what the portfolio finds.
  @Test(arguments: [1, 2], 1...12) func theAnswerIsSwapOptimal(marks: Int, seed: UInt64) throws {
    let problem = try problem(marks: marks, seed: seed)
    let workspace = Workspace(
      problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    let found = try Portfolio().solve(workspace, sparsity: 5) { _ in .proceed }
    let norm = try workspace.project(onto: found.support).residualNorm
    for leaving in found.support {
      for entering in problem.atoms.usable where !found.support.contains(entering) {
        let other = found.support.removing(leaving).inserting(entering)
        let swapped = try workspace.project(onto: other).residualNorm
        #expect(swapped >= norm * (1 - 1e-6), "\(leaving) for \(entering)")
      }
    }
  }

  /// What backward elimination takes out costs no more than what any other atom does, by the model or by a fit: not what
  /// separates labels, whose cost by the model is nothing.
  @Test(arguments: [1, 2], 1...6) func eliminationKeepsWhatSeparates(
    marks: Int, seed: UInt64
  ) throws {
    let problem = try problem(marks: marks, seed: seed)
    let workspace = Workspace(
      problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    func loss(_ support: [Int]) throws -> Double {
      let norm = try workspace.project(onto: support).residualNorm
      return norm * norm / 2
    }
    let all = Array(0..<10)
    var proposals = PathProposals()
    try proposals.shrink(all, of: workspace)
    for count in 2...10 {
      let support = try #require(proposals.supports(of: count).first)
      let fewer = try #require(proposals.supports(of: count - 1).first)
      let model = try #require(try workspace.minimizer.model(onto: support))
      guard !model.isAttained else { continue }
      #expect(support.contains { $0 < marks })
      let own = try loss(support)
      let costs = try zip(support, model.exitCosts).map { (atom, cost) in
        max(cost, try loss(support.removing(atom)) - own)
      }
      let least = try #require(costs.min())
      #expect(try loss(fewer) - own <= least * (1 + 1e-9))
      for (place, atom) in support.enumerated() where atom < marks {
        #expect(model.exitCosts[place] < 1e-6 * costs[place])
      }
    }
  }
}
