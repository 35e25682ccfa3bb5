import CPUBackend
import Solvers
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

/// The same problem again gives the same bits.
@Suite struct DeterminismTests {
  /// Every report and the solution, with all their bits.
  private func run(
    _ solver: any Solver, _ problem: RecoveryProblem, _ k: Int, on backend: any Backend
  ) throws -> (reports: [String], outcome: Outcome) {
    var reports: [String] = []
    let solution = try solver.solve(problem, sparsity: k, on: backend) {
      reports.append(
        "\($0.solver) \($0.iteration) \($0.support) \($0.relativeResidual) "
          + "\($0.bestRelativeResidual) \($0.isNew) \($0.projection?.rawValue ?? "remembered")")
      return .proceed
    }
    return (reports, Outcome(solution))
  }

  /// Large enough that two threads share a product, but for searches through all supports.
  private func problem(for algorithm: Algorithm) throws -> (RecoveryProblem, k: Int) {
    if exact.contains(algorithm.name) {
      return (try draw(.gaussian(rows: 20, columns: 15), 3, snr: 10, seed: 4).1, 3)
    }
    return (try draw(.gaussian(rows: 80, columns: 3000), 8, snr: 12, seed: 4).1, 8)
  }

  @Test(arguments: Algorithm.all) func twiceTheSame(_ algorithm: Algorithm) throws {
    let (problem, k) = try problem(for: algorithm)
    var limits = Limits()
    limits.iterations = 60
    let solver = algorithm.solver(limits)
    for backend in try everyBackend() {
      let (first, second) = (
        try run(solver, problem, k, on: backend), try run(solver, problem, k, on: backend)
      )
      #expect(first.reports == second.reports && !first.reports.isEmpty)
      #expect(first.outcome == second.outcome)
    }
  }

  @Test(arguments: Algorithm.all) func threadsChangeNothing(_ algorithm: Algorithm) throws {
    let (problem, k) = try problem(for: algorithm)
    var limits = Limits()
    limits.iterations = 60
    let solver = algorithm.solver(limits)
    let one = try run(solver, problem, k, on: CPUBackend(threads: 1))
    let two = try run(solver, problem, k, on: CPUBackend(threads: 2))
    #expect(one.reports == two.reports)
    #expect(one.outcome == two.outcome)
  }

  @Test func portfoliosTwice() throws {
    let problem = try draw(.gaussian(rows: 60, columns: 300), 6, snr: 12, seed: 4).1
    for rounds in [1, 3] {
      func portfolio(threads: Int) -> Portfolio {
        Portfolio(rounds: rounds, seed: 9, threads: threads)
      }
      let first = try run(portfolio(threads: 1), problem, 6, on: CPUBackend(threads: 1))
      let second = try run(portfolio(threads: 5), problem, 6, on: CPUBackend(threads: 2))
      #expect(first.reports == second.reports)
      #expect(first.outcome == second.outcome)
    }
  }
}
