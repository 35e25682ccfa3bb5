import LeastSquares
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// What is known of a block without a work of length m, against the residuals themselves.
@Suite struct BlockPathTests {
  /// A block of SEA on all of some atoms, and Rᵗ for every state, summed up from its residuals.
  private func run(
    _ problem: RecoveryProblem, k: Int, states: Int
  ) throws -> (block: Block, sums: [[Double]], fits: [(GramFit, norm: Double)]) {
    let (n, planes) = (problem.columns, problem.planes)
    var projector = Projector(problem, capacity: n)
    let set = try projector.workingSet(Array(0..<n))
    var block = Block(breadth: n, length: states, planes: planes)
    var u = [Double](repeating: 0, count: n * planes)
    var correlations = u
    var sums = [[Double](repeating: 0, count: problem.rows * planes)]
    var fits: [(GramFit, Double)] = []
    block.restart(from: u)
    for _ in 0..<states {
      let support = largestMagnitudes(k, of: rowNorms(of: u, planes: planes))
      let fit = try projector.explore(support, of: set, correlations: &correlations)
      let c = projector.coefficients
      let x = try problem.projection(onto: support)
      sums.append(zip(sums[sums.count - 1], x.residual).map { $0 + $1 })
      fits.append((fit, x.residualNorm))
      for j in u.indices { u[j] += correlations[j] }
      block.append(
        Block.State(
          support: support, threshold: 0, residualNorm: fit.residualNorm, method: fit.method),
        c[...], at: support, next: u)
    }
    return (block, sums, fits)
  }

  private func problem(
    snr: Double?, ridge: Double = 0, observations: Int = 1
  ) throws -> RecoveryProblem {
    let (synthetic, _) = try draw(.gaussian(rows: 70, columns: 90), 9, snr: snr, seed: 3)
    var model = RecoveryModel()
    model.ridge = ridge
    let y = synthetic.observation
    return try RecoveryProblem(matrix: .double(synthetic.matrix), observation: y, model: model)
      .observing(jointly: (1...observations).map { l in y.map { $0 / Double(l) + Double(l - 1) } })
  }

  /// ‖D‖ is never underestimated, and no more than rounding too large: ‖D‖² is off by the errors of u,
  /// 10⁻¹² of what was summed up, times ‖δ‖₁.
  @Test(arguments: [20, nil, 60] as [Double?], [1, 3])
  func deviationsAreThoseOfTheResiduals(snr: Double?, observations: Int) throws {
    let problem = try problem(snr: snr, observations: observations)
    let (block, sums, _) = try run(problem, k: 9, states: 40)
    let path = BlockPath(block, problem)
    for (a, b) in [(0, 40), (3, 17), (20, 40), (39, 40), (38, 40)] {
      for t in stride(from: a + 1, to: b, by: 1) {
        let θ = Double(t - a) / Double(b - a)
        let d = sums[t].indices.map {
          sums[t][$0] - (1 - θ) * sums[a][$0] - θ * sums[b][$0]
        }
        let norm = d.squaredNorm.squareRoot()
        let bound = path.deviation(t, between: a, and: b)
        // The sums of residuals are themselves rounded.
        let slack = 1e-12 * path.lengths[b]
        #expect(bound >= norm - slack)
        #expect(bound <= norm * (1 + 1e-6) + 1e-5)
      }
    }
    for t in 0...40 {
      #expect(path.lengths[t] >= sums[t].squaredNorm.squareRoot() * (1 - 1e-12))
    }
  }

  /// With a ridge u gathers more than D, which is then overestimated.
  @Test(arguments: [1, 3]) func aRidgeOverestimates(observations: Int) throws {
    let problem = try problem(snr: 20, ridge: 2, observations: observations)
    let (block, sums, _) = try run(problem, k: 9, states: 30)
    let path = BlockPath(block, problem)
    for t in 1..<30 {
      let θ = Double(t) / 30
      let d = sums[t].indices.map { sums[t][$0] - θ * sums[30][$0] }
      #expect(path.deviation(t, between: 0, and: 30) >= d.squaredNorm.squareRoot() - 1e-12)
    }
  }

  /// The norm by the Gram matrix lies within its bounds of that from the columns.
  @Test(arguments: [0, 2] as [Double], [20, 60, nil] as [Double?])
  func normsAreBounded(ridge: Double, snr: Double?) throws {
    for observations in [1, 3] {
      let problem = try problem(snr: snr, ridge: ridge, observations: observations)
      for (fit, norm) in try run(problem, k: 9, states: 40).fits {
        #expect(fit.leastNorm <= norm)
        #expect(fit.residualNorm - norm <= max(fit.residualNorm - fit.leastNorm, 1e-15))
        #expect(abs(fit.residualNorm - norm) <= 1e-9 * norm + 1e-15)
      }
    }
  }

  /// R is formed by one product as it would be summed up.
  @Test(arguments: [1, 3]) func residualSumsAreFormed(observations: Int) throws {
    let problem = try problem(snr: 20, observations: observations)
    let (block, sums, _) = try run(problem, k: 9, states: 20)
    var projector = Projector(problem, capacity: problem.columns)
    let set = try projector.workingSet(Array(0..<problem.columns))
    let start = problem.scaledPlanes
    let formed = try projector.residualSums(
      [1, 7, 20].map { ($0, block.sum($0)) }, of: set, from: start)
    for (t, sum) in zip([1, 7, 20], formed) {
      let path = BlockPath(block, problem)
      let error = zip(sum, zip(start, sums[t])).map { $0 - $1.0 - $1.1 }.squaredNorm.squareRoot()
      #expect(error <= 2 * path.formationError(of: t, from: start.squaredNorm.squareRoot()))
    }
  }
}
