import CPUBackend
import Glibc
import LeastSquares
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// Approximate message passing, by engines and by rotated atoms.
@Suite struct MessagePassingTests {
  // MARK: The prior

  /// A belief, and one look at it.
  struct Look: Sendable {
    var share = 0.2
    var meanShare = 0.9
    var isOneSided = false
    var noise = 0.1
    var odds = 0.0
  }

  static let looks: [Look] = [
    Look(), Look(meanShare: 0), Look(isOneSided: true), Look(share: 0.01, noise: 1),
    Look(meanShare: 0.5, noise: 3), Look(meanShare: 0.7, isOneSided: true, odds: -2),
    Look(share: 1, meanShare: 0.8), Look(noise: 1e-3, odds: 3),
    Look(meanShare: 0, isOneSided: true),
  ]

  /// The posterior mean and variance, and the moments of the nonzeros, by the trapezoidal rule: for
  /// Gaussians sampled 8 times a deviation and cut at 12 it is exact to rounding.
  private func integrals(
    _ prior: SparsePrior, _ look: Look, at r: Double
  ) -> (mean: Double, variance: Double, signed: Double, square: Double, weight: Double) {
    func normal(_ x: Double, _ variance: Double) -> Double {
      exp(-x * x / (2 * variance)) / (2 * Double.pi * variance).squareRoot()
    }
    let (μ, v) = (prior.means[0], prior.variances[0])
    let total = v + look.noise
    let width = (v * look.noise / total).squareRoot()
    let reach = (abs(r) * v + μ * look.noise) / total + 12 * width
    let odds = exp(look.odds)
    let step = width / 8
    let steps = Int(reach / step) + 1
    var (mass, first, second, signed) = (0.0, 0.0, 0.0, 0.0)
    for p in -steps...steps {
      let x = Double(p) * step
      let likelihood = normal(r - x, look.noise) * step * odds * prior.share
      let plus = normal(x - μ, v) * likelihood
      let minus = normal(x + μ, v) * likelihood
      let density = prior.isOneSided ? plus : (plus + minus) / 2
      mass += density
      first += x * density
      second += x * x * density
      signed += x * (prior.isOneSided ? plus : (plus - minus) / 2)
    }
    let all = mass + (1 - prior.share) * normal(r, look.noise)
    let mean = first / all
    return (mean, second / all - mean * mean, signed / all, second / all, mass / all)
  }

  /// To 1e-11: a few thousand terms, each of them some roundings off, beside numbers up to 10.
  @Test(arguments: looks.indices) func estimatesAreIntegrals(index: Int) {
    let look = Self.looks[index]
    let prior = SparsePrior(
      share: look.share, meanSquares: [2], meanShares: [look.meanShare],
      isOneSided: look.isOneSided)
    let r = [-3, -1.2, -0.4, 0.01, 0.5, 1, 1.4, 2.5]
    let before = [Double](repeating: 0.25, count: r.count)
    var x = before
    let odds = [Double](repeating: look.odds, count: r.count)
    let moments = r.withUnsafeBufferPointer { r in
      odds.withUnsafeBufferPointer {
        prior.denoise(r, noise: [look.noise], logOdds: $0.baseAddress, into: &x)
      }
    }
    var (variance, signed, square, weight) = (0.0, 0.0, 0.0, 0.0)
    for (estimate, r) in zip(x, r) {
      let expected = integrals(prior, look, at: r)
      #expect(abs(estimate - expected.mean) < 1e-11)
      variance += expected.variance / Double(x.count)
      signed += expected.signed
      square += expected.square
      weight += expected.weight
    }
    #expect(abs(moments.planes[0].variance - variance) < 1e-11)
    #expect(abs(moments.planes[0].mean - signed / weight) < 1e-11)
    #expect(abs(moments.planes[0].square - square / weight) < 1e-11)
    let change = zip(x, before).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(
      abs(moments.change - change) < 1e-13 && abs(moments.squaredNorm - x.squaredNorm) < 1e-13)
  }

  /// Learned from what they were drawn from, mean and variance come near it.
  @Test(arguments: [true, false]) func thePriorIsLearned(isOneSided: Bool) {
    var generator = SeededGenerator(seed: 3)
    let r = (0..<4000).map { i in
      let x = i % 5 == 0 ? (1.5 + 0.2 * generator.normal()) * generator.sign() : 0
      return (isOneSided ? abs(x) : x) + 0.1 * generator.normal()
    }
    var prior = SparsePrior(
      share: 0.2, meanSquares: [2], meanShares: [0.6], isOneSided: isOneSided)
    for _ in 0..<60 {
      var x = [Double](repeating: 0, count: r.count)
      prior.learn(r.withUnsafeBufferPointer { prior.denoise($0, noise: [0.01], into: &x) })
    }
    // Four standard errors of 800 numbers of deviation .2.
    #expect(abs(prior.means[0] - 1.5) < 4 * 0.2 / 800.squareRoot())
    #expect(abs(prior.variances[0] - 0.04) < 4 * 0.04 * (2.0 / 800).squareRoot())
  }

  // MARK: Recovery

  @Test(arguments: 1...8) func gaussianProblemsAreSolved(seed: UInt64) throws {
    let (synthetic, problem) = try draw(.gaussian(rows: 128, columns: 256), 42, seed: seed)
    for precision in [Precision.double, .single] {
      let solution = try AMP().solve(problem, sparsity: 42, on: CPUBackend(), precision: precision)
      #expect(solution.support == synthetic.support)
      #expect(solution.stopReason == .residual && solution.warnings.isEmpty)
    }
  }

  /// At k = 60 of 200 rows pursuits find next to nothing.
  @Test(arguments: 1...3) func manyNonzerosAreFound(seed: UInt64) throws {
    let (synthetic, problem) = try draw(.gaussian(rows: 200, columns: 600), 55, seed: seed)
    let solution = try VAMP().solve(problem, sparsity: 55, on: CPUBackend())
    #expect(solution.support == synthetic.support && solution.matrixPasses == 0)
  }

  /// A Gaussian matrix whose entries have a mean: entries of deviation 1.
  private func shifted(_ mean: Double, seed: UInt64) throws -> (truth: [Int], RecoveryProblem) {
    var generator = SeededGenerator(seed: seed)
    let (m, n, k) = (128, 256, 36)
    let entries = (0..<m * n).map { _ in generator.normal() + mean }
    let truth = generator.sample(k, of: n)
    var y = [Double](repeating: 0, count: m)
    for j in truth {
      let size = (1 + generator.uniform()) * generator.sign()
      for i in 0..<m { y[i] += size * entries[i + j * m] }
    }
    let matrix = try Matrix(rows: m, columns: n, columnMajor: entries)
    return (truth, try RecoveryProblem(matrix: .double(matrix), observation: y))
  }

  @Test(arguments: [0.5, 2], [1, 2, 3] as [UInt64])
  func columnsMayShareAMean(mean: Double, seed: UInt64) throws {
    let (truth, problem) = try shifted(mean, seed: seed)
    for solver in [AMP(), VAMP()] as [any Solver] {
      let solution = try solver.solve(problem, sparsity: truth.count, on: CPUBackend())
      #expect(solution.support == truth && solution.warnings.isEmpty)
    }
  }

  @Test(
    arguments: [
      .toeplitz(rows: 100, columns: 200, correlation: 0.95), .deconvolution(size: 100, width: 3),
    ] as [MatrixEnsemble])
  func divergenceIsReported(ensemble: MatrixEnsemble) throws {
    let (_, problem) = try draw(ensemble, 10, seed: 1)
    let solution = try AMP().solve(problem, sparsity: 10, on: CPUBackend())
    #expect(solution.warnings == [.diverged(solver: AMP.name)])
    #expect(solution.stopReason == .stagnation && solution.relativeResidual < 1)
  }

  /// Columns of any length, taken as they are, and coefficients that must not be negative.
  @Test(arguments: 1...3) func lengthsAndSignsMayBeGiven(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (m, n, k) = (60, 100, 12)
    let entries = (0..<m * n).map { generator.normal() * Double(1 + ($0 / m) % 9) }
    let truth = generator.sample(k, of: n)
    var y = [Double](repeating: 0, count: m)
    for j in truth {
      let size = (1 + generator.uniform()) / Double(1 + j % 9)
      for i in 0..<m { y[i] += size * entries[i + j * m] }
    }
    var model = RecoveryModel()
    model.isNonnegative = true
    let problem = try RecoveryProblem(
      matrix: .double(try Matrix(rows: m, columns: n, columnMajor: entries)), observation: y,
      normalize: false, model: model)
    for solver in [AMP(), VAMP()] as [any Solver] {
      #expect(try solver.solve(problem, sparsity: k, on: CPUBackend()).support == truth)
    }
  }

  /// More rows than columns: eigenvalues of zero, and noise in their directions.
  @Test(arguments: 1...3) func rowsMayBeMany(seed: UInt64) throws {
    let (synthetic, problem) = try draw(.gaussian(rows: 90, columns: 40), 8, snr: 20, seed: seed)
    for solver in [AMP(), VAMP()] as [any Solver] {
      let solution = try solver.solve(problem, sparsity: 8, on: CPUBackend())
      #expect(solution.support == synthetic.support)
    }
  }

  // MARK: Runs

  @Test func theSeedDecides() throws {
    let (_, problem) = try draw(.gaussian(rows: 40, columns: 100), 20, snr: 15, seed: 4)
    func visits(_ seed: UInt64, restarts: Int = 6) throws -> [[Int]] {
      var visited: [[Int]] = []
      _ = try VAMP(restarts: restarts, seed: seed).solve(problem, sparsity: 20, on: CPUBackend()) {
        visited.append($0.support)
        return .proceed
      }
      return visited
    }
    let first = try visits(1)
    #expect(try first.count == 7 && visits(1) == first)
    // The first run is not drawn.
    let other = try visits(2)
    #expect(other[0] == first[0] && other != first)
    #expect(try visits(1, restarts: 2) == Array(first[..<3]))
  }

  @Test func oneDecompositionServesAll() throws {
    let (synthetic, problem) = try draw(.gaussian(rows: 30, columns: 60), 6, seed: 5)
    func check(_ engine: any Engine) throws {
      let loaded = Workspace(problem, on: engine)
      let first = try #require(try loaded.host.rotated())
      let other = try loaded.observing(synthetic.observation.reversed())
      _ = try VAMP().solve(other, sparsity: 6) { _ in .proceed }
      let second = try #require(try other.host.rotated())
      let addresses = [first, second].map { $0.entries.withUnsafeBufferPointer(\.baseAddress) }
      #expect(addresses[0] == addresses[1] && addresses[0] != nil)
    }
    try check(try CPUBackend().load(problem.atoms, precision: .double))
  }

  /// Iterations count whether they name a support or not, and reports come often enough to stop.
  @Test func limitsHoldWithinARun() throws {
    let (_, problem) = try draw(
      .toeplitz(rows: 60, columns: 120, correlation: 0.99), 10, snr: 5, seed: 6)
    var limits = Limits()
    for most in [1, 5, 40] {
      limits.iterations = most
      let limited = try AMP(limits: limits).solve(problem, sparsity: 10, on: CPUBackend())
      #expect(limited.stopReason == .iterations && limited.iterations <= most)
      #expect(limited.matrixPasses <= 2 * most)
    }
    limits = Limits()
    limits.time = .microseconds(300)
    let timed = try AMP(limits: limits).solve(problem, sparsity: 10, on: CPUBackend())
    #expect(timed.stopReason == .time || timed.stopReason == .stagnation)
    for solver in [AMP(), VAMP()] as [any Solver] {
      var seen = 0
      let stopped = try solver.solve(problem, sparsity: 10, on: CPUBackend()) { _ in
        seen += 1
        return seen < 2 ? .proceed : .stop
      }
      #expect(stopped.stopReason == .interrupted && stopped.iterations == 2)
    }
  }

  @Test func aRunEndsAtItsDeadline() throws {
    let (_, problem) = try draw(.gaussian(rows: 40, columns: 100), 25, snr: 5, seed: 7)
    let messages = try VectorAMP(RotatedAtoms(HostAtoms(problem)), problem, sparsity: 25)
    #expect(messages(.first, until: .now).iterations == 8)
    let outcome = messages(.first)
    #expect(outcome.iterations > 8 && outcome.variance.isFinite)
    // What does not fit the atoms is not looked at.
    var odd = VAMPRun.first
    odd.start = [1]
    odd.logOdds = [1, 2]
    #expect(messages(odd).scores == outcome.scores)
  }

  @Test func largeAtomsAreRefused() throws {
    let (_, problem) = try draw(.gaussian(rows: 30, columns: 60), 6, seed: 1)
    func refuse(_ engine: any Engine) throws {
      let loaded = Workspace(problem, on: engine, gramMemory: 10_000)
      #expect(
        throws: RecoveryError.atomsTooLarge(
          solver: "vamp", rows: 30, mostRows: 2048, bytes: 14_400, mostBytes: 10_000)
      ) { try VAMP().solve(loaded, sparsity: 6) { _ in .proceed } }
    }
    try refuse(try CPUBackend().load(problem.atoms, precision: .double))
    let column = (0..<2049).map { Double($0 % 5) - 2 }
    let tall = try state([column, column.reversed()], column)
    #expect { try VAMP().solve(tall, sparsity: 1, on: CPUBackend()) } throws: { error in
      guard case RecoveryError.atomsTooLarge(_, 2049, 2048, _, _) = error else { return false }
      return true
    }
  }
}
