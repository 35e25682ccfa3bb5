import CPUBackend
import Glibc
import LeastSquares
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

/// Message passing for several observations: their principal planes, the prior of a row, and what both lead to.
@Suite struct JointMessagesTests {
  /// Observations of one support, with coefficients of either sign and noise that is a share of each.
  struct Planted {
    let problem: RecoveryProblem
    let support: [Int]
    let observations: [[Double]]

    init(
      _ m: Int, _ n: Int, _ k: Int, observations count: Int = 3, noise: Double = 0,
      isNonnegative: Bool = false, mean: Double = 0, seed: UInt64
    ) throws {
      let centred = try MatrixEnsemble.gaussian(rows: m, columns: n).matrix(seed: seed)
      // In standard deviations: columns have unit length.
      let shift = mean / Double(m).squareRoot()
      let matrix = try Matrix(
        rows: m, columns: n,
        columnMajor: (0..<m * n).map { centred[$0 % m, $0 / m] + shift })
      var generator = SeededGenerator(seed: seed)
      let support = generator.sample(k, of: n)
      observations = (0..<count).map { _ in
        var y = [Double](repeating: 0, count: m)
        for j in support {
          let size = 1 + generator.uniform()
          let c = isNonnegative ? size : size * generator.sign()
          for i in y.indices { y[i] += c * matrix[i, j] }
        }
        let deviation = noise * (y.squaredNorm / Double(m)).squareRoot()
        return y.map { $0 + deviation * generator.normal() }
      }
      var model = RecoveryModel()
      model.isNonnegative = isNonnegative
      self.support = support
      problem = try RecoveryProblem(
        matrix: .double(matrix), observation: observations[0], model: model)
    }

    func solve(_ solver: any ResumableSolver, _ observations: [[Double]]) throws -> [Int] {
      try Joint(solver).solve(
        problem, observations: observations, sparsity: support.count,
        with: CPUBackend().load(problem.atoms, precision: .double))[0].support
    }
  }

  static let solvers: [any ResumableSolver] = [AMP(), VAMP()]

  // MARK: Planes

  /// The planes are orthogonal to each other, in descending order, and a rotation of what they are made of.
  @Test(arguments: [2, 3, 7]) func planesAreARotation(count: Int) throws {
    var generator = SeededGenerator(seed: 1)
    let m = 5
    let y = (0..<m * count).map { _ in generator.normal() }
    let planes = try PrincipalPlanes(y, count: count)
    #expect(planes.count == min(m, count))
    for l in 0..<planes.count {
      for other in 0..<planes.count {
        let product = zip(planes[l], planes[other]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (l == other ? planes.energies[l] : 0)) < 1e-13 * planes.energies[0])
      }
    }
    #expect(zip(planes.energies, planes.energies.dropFirst()).allSatisfy(>=))
    for i in 0..<m {
      let row = planes.turned((0..<count).map { y[$0 * m + i] })
      for l in 0..<planes.count { #expect(abs(row[l] - planes[l][i]) < 1e-13) }
    }
  }

  /// What is a combination of other observations makes no plane, and a single observation is its own.
  @Test func combinationsMakeNoPlane() throws {
    var generator = SeededGenerator(seed: 2)
    let (a, b) = (
      (0..<20).map { _ in generator.normal() }, (0..<20).map { _ in 1e3 * generator.normal() }
    )
    let zero = a.map { _ in 0.0 }
    let mixed = zip(a, b).map { 0.3 * $0 - $1 / 7 }
    func count(_ vectors: [[Double]]) throws -> Int {
      try PrincipalPlanes(vectors.flatMap(\.self), count: vectors.count).count
    }
    #expect(try count([a, a]) == 1)
    #expect(try count([a, b, zero, mixed, a.map { $0 / 3 }]) == 2)
    #expect(try count([zero, zero]) == 1)
    #expect(try PrincipalPlanes(a, count: 1).entries == a)
  }

  // MARK: The prior

  /// The posterior of a row by its definition: three normal densities in all planes at once. To 1e-12, for numbers near
  /// one.
  @Test(arguments: [false, true], [0, 0.8]) func rowsAreJudgedTogether(
    isOneSided: Bool, meanShare: Double
  ) {
    let (share, noise) = (0.2, [0.1, 0.5, 2])
    let prior = SparsePrior(
      share: share, meanSquares: [2, 1, 0.1],
      meanShares: [meanShare, isOneSided ? -meanShare / 2 : 0, 0], isOneSided: isOneSided)
    var generator = SeededGenerator(seed: 3)
    let n = 40
    let r = (0..<3 * n).map { _ in 1.5 * generator.normal() }
    var x = [Double](repeating: 0.25, count: r.count)
    let odds = (0..<n).map { _ in generator.normal() }
    let moments = r.withUnsafeBufferPointer { r in
      odds.withUnsafeBufferPointer {
        prior.denoise(r, noise: noise, logOdds: $0.baseAddress, into: &x)
      }
    }
    func density(_ x: Double, _ variance: Double) -> Double {
      exp(-x * x / (2 * variance)) / (2 * Double.pi * variance).squareRoot()
    }
    var expected = [Double](repeating: 0, count: r.count)
    var (variance, square, weight) = ([0.0, 0, 0], [0.0, 0, 0], 0.0)
    for i in 0..<n {
      let signs: [Double] = isOneSided ? [1] : [1, -1]
      let masses = signs.map { sign in
        (0..<3).reduce(exp(odds[i]) * share / Double(signs.count)) {
          $0 * density(r[$1 * n + i] - sign * prior.means[$1], prior.variances[$1] + noise[$1])
        }
      }
      let none = (0..<3).reduce(1 - share) { $0 * density(r[$1 * n + i], noise[$1]) }
      let all = masses.reduce(none, +)
      weight += masses.reduce(0, +) / all
      for l in 0..<3 {
        let gain = prior.variances[l] / (prior.variances[l] + noise[l])
        let means = signs.map { gain * r[l * n + i] + (1 - gain) * $0 * prior.means[l] }
        expected[l * n + i] = zip(masses, means).reduce(0) { $0 + $1.0 * $1.1 } / all
        let second = zip(masses, means).reduce(0) {
          $0 + $1.0 * ($1.1 * $1.1 + gain * noise[l])
        }
        square[l] += second / all
        variance[l] += (second / all - expected[l * n + i] * expected[l * n + i]) / Double(n)
      }
    }
    for (own, wanted) in zip(x, expected) { #expect(abs(own - wanted) < 1e-12) }
    for l in 0..<3 {
      #expect(abs(moments.planes[l].variance - variance[l]) < 1e-12)
      #expect(abs(moments.planes[l].square - square[l] / weight) < 1e-12)
    }
  }

  /// A plane of noise loses its say, and what it believed of a row is gone with it.
  @Test func noiseHasNoSay() {
    var generator = SeededGenerator(seed: 4)
    let n = 2000
    let signal = (0..<n).map { (i: Int) -> Double in i % 10 == 0 ? 2 * generator.normal() : 0 }
    var r = signal.map { $0 + 0.1 * generator.normal() }
    r += signal.map { _ in 0.1 * generator.normal() }
    var prior = SparsePrior(
      share: 0.1, meanSquares: [4, 0.1], meanShares: [0, 0], isOneSided: false)
    for _ in 0..<80 {
      var x = [Double](repeating: 0, count: r.count)
      prior.learn(r.withUnsafeBufferPointer { prior.denoise($0, noise: [0.01, 0.01], into: &x) })
    }
    // Four standard errors of the noise, of 200 numbers, and of the signal.
    #expect(prior.variances[1] < 4 * 0.01 * (2.0 / 200).squareRoot())
    #expect(abs(prior.variances[0] - 4) < 4 * 4 * (2.0 / 200).squareRoot())
  }

  // MARK: Solvers

  /// AMP by its definition, in loops over matrices: the same supports in the same order.
  @Test(arguments: [0, 0.2], 1...3) func ampIsItsDefinition(noise: Double, seed: UInt64) throws {
    let planted = try Planted(30, 60, 9, noise: noise, seed: seed)
    var limits = Limits()
    limits.tolerance = 0
    var visited: [[Int]] = []
    _ = try Joint(AMP(limits: limits)).solve(
      planted.problem, observations: planted.observations, sparsity: 9,
      with: CPUBackend().load(planted.problem.atoms, precision: .double)
    ) {
      visited.append($0.support)
      return .proceed
    }
    let literal = try LiteralMessages(planted.problem, planted.observations, sparsity: 9)
    let expected = literal.supports(meanShare: 0.9) + literal.supports(meanShare: 0)
    #expect(visited == expected && visited.count > 2)
  }

  /// Observations again, with other signs and units, turned into each other, or in another order, are the same evidence.
  @Test(arguments: solvers.indices, 1...3 as ClosedRange<UInt64>)
  func evidenceIsCountedOnce(number: Int, seed: UInt64) throws {
    let solver = Self.solvers[number]
    let planted = try Planted(60, 120, 24, noise: 0.05, seed: seed)
    let y = planted.observations
    let found = try planted.solve(solver, y)
    #expect(found == planted.support)
    let (c, s) = (cos(0.7), sin(0.7))
    let turned = [
      zip(y[0], y[1]).map { c * $0 - s * $1 }, zip(y[0], y[1]).map { s * $0 + c * $1 }, y[2],
    ]
    let alike = [Array(y.reversed()), y.map { $0.map { -$0 } }, y + y, turned]
    for observations in alike { #expect(try planted.solve(solver, observations) == found) }
    let one = try solver.solve(
      planted.problem.observing(y[1]), sparsity: 24,
      with: CPUBackend().load(planted.problem.atoms, precision: .double)
    ).support
    #expect(try planted.solve(solver, [y[1], y[1]]) == one)
    #expect(try planted.solve(solver, [y[1], y[1].map { -3 * $0 }, y[1]]) == one)
  }

  /// With more columns than one observation tells, nor each of three alone.
  @Test(arguments: zip(solvers.indices, [29, 35])) func togetherTheyTellMore(
    number: Int, sparsity: Int
  ) throws {
    var (together, alone) = (0, 0)
    for seed in 1...6 as ClosedRange<UInt64> {
      let planted = try Planted(60, 120, sparsity, seed: seed)
      if try planted.solve(Self.solvers[number], planted.observations) == planted.support {
        together += 1
      }
      for y in planted.observations {
        if try planted.solve(Self.solvers[number], [y]) == planted.support { alone += 1 }
      }
    }
    #expect(together >= 5 && alone <= 3)
  }

  /// What no walk finds, message passing among the members does.
  @Test func thePortfolioPassesMessages() throws {
    var (found, searched) = (0, 0)
    for seed in 1...6 as ClosedRange<UInt64> {
      let planted = try Planted(60, 120, 42, seed: seed)
      let solution = try Joint().solve(
        planted.problem, observations: planted.observations, sparsity: 42,
        with: CPUBackend().load(planted.problem.atoms, precision: .double))[0]
      if solution.support == planted.support { found += 1 }
      let names = solution.attempts.map(\.solver)
      #expect(names.starts(with: ["sp", "omp", "amp"]))
      if names.contains(RoundSearch.name) { searched += 1 }
    }
    #expect(found >= 5 && searched > 0)
  }

  /// A plane of noise beside the others changes nothing.
  @Test(arguments: solvers.indices) func noiseDoesNotMislead(number: Int) throws {
    let planted = try Planted(60, 120, 14, observations: 1, noise: 0.05, seed: 7)
    var generator = SeededGenerator(seed: 8)
    let size = 0.05 * (planted.observations[0].squaredNorm / 60).squareRoot()
    let noise = (0..<3).map { _ in (0..<60).map { _ in size * generator.normal() } }
    let found = try planted.solve(Self.solvers[number], planted.observations + noise)
    #expect(found == planted.support)
  }

  /// A mean that all columns share is taken off where it makes AMP diverge.
  @Test(arguments: solvers.indices, 1...2 as ClosedRange<UInt64>)
  func columnsMayShareAMean(number: Int, seed: UInt64) throws {
    let planted = try Planted(128, 256, 36, mean: 2, seed: seed)
    #expect(try planted.solve(Self.solvers[number], planted.observations) == planted.support)
  }

  /// Every observation says that the columns are too coherent.
  @Test func divergenceIsReported() throws {
    let ensemble = MatrixEnsemble.deconvolution(size: 100, width: 3)
    let drawn = try [1, 2].map { try draw(ensemble, 10, seed: $0) }
    let found = try Joint(AMP()).solve(
      drawn[0].1, observations: drawn.map(\.1.observation), sparsity: 10,
      with: CPUBackend().load(drawn[0].1.atoms, precision: .double))
    #expect(
      found.map(\.warnings) == [[.diverged(solver: AMP.name)], [.diverged(solver: AMP.name)]])
    #expect(found.allSatisfy { $0.stopReason == .stagnation })
  }

  @Test(arguments: solvers.indices, 1...3 as ClosedRange<UInt64>)
  func signsMayBeGiven(number: Int, seed: UInt64) throws {
    let planted = try Planted(60, 120, 30, isNonnegative: true, seed: seed)
    #expect(try planted.solve(Self.solvers[number], planted.observations) == planted.support)
  }
}

/// Approximate message passing on principal planes, written down in loops.
private struct LiteralMessages {
  private let columns: [[Double]]
  private let planes: [[Double]]
  private let k: Int

  init(_ problem: RecoveryProblem, _ observations: [[Double]], sparsity: Int) throws {
    columns = try (0..<problem.columns).map { try problem.atoms.atom($0) }
    let y = try PrincipalPlanes(observations.flatMap(\.self), count: observations.count)
    planes = (0..<y.count).map { y[$0] }
    k = sparsity
  }

  /// The supports that a run names.
  func supports(meanShare: Double) -> [[Int]] {
    let (m, n, count) = (planes[0].count, columns.count, planes.count)
    let share = Double(k) / Double(n)
    let energies = planes.map(\.squaredNorm)
    let energy = energies.reduce(0, +)
    let sizes = energies.map { $0 / Double(k) }
    var μ = meanShare * sizes[0].squareRoot()
    var v = sizes
    v[0] = max((1 - meanShare * meanShare) * sizes[0], 1e-4 * sizes[0])
    var x = planes.map { _ in [Double](repeating: 0, count: n) }
    var (r, bestScores) = (x, x)
    var z = planes
    var (level, best, lastFall, isTold) = (energy, Double.infinity, 0, true)
    var supports: [[Int]] = []
    func tell(_ scores: [[Double]]) {
      let norms = (0..<n).map { j in scores.reduce(0) { $0 + $1[j] * $1[j] } }
      supports.append(
        Array((0..<n).sorted { (norms[$0], $1) > (norms[$1], $0) }.prefix(k)).sorted())
    }
    for t in 0..<300 {
      let τ = z.map { max($0.squaredNorm, 1e-26 * energy) / Double(m) }
      let sum = τ.reduce(0, +) * Double(m)
      guard sum < 1e6 * energy else { break }
      if sum < best {
        if sum < 0.99 * best { lastFall = t }
        (best, bestScores, isTold) = (sum, r, t == 0)
      }
      if t > 0, sum <= level / 4 {
        level = sum
        tell(r)
        isTold = isTold || sum == best
      }
      guard sum > 1e-14 * energy, t - lastFall <= 40 else { break }
      for l in 0..<count {
        for j in 0..<n {
          r[l][j] = x[l][j] + zip(columns[j], z[l]).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
      if t == 0 { tell(r) }
      var (change, size, weight, mean) = (0.0, 0.0, 0.0, 0.0)
      var (square, variance) = (τ.map { _ in 0.0 }, τ.map { _ in 0.0 })
      for j in 0..<n {
        func logDensity(_ l: Int, _ mean: Double, _ variance: Double) -> Double {
          let d = r[l][j] - mean
          return -d * d / (2 * variance) - log(variance) / 2
        }
        func logMass(_ mean: Double) -> Double {
          log(share / 2)
            + (0..<count).reduce(0) { $0 + logDensity($1, $1 == 0 ? mean : 0, v[$1] + τ[$1]) }
        }
        let logs = [
          logMass(μ), logMass(-μ),
          log(1 - share) + (0..<count).reduce(0) { $0 + logDensity($1, 0, τ[$1]) },
        ]
        let highest = logs.max() ?? 0
        let masses = logs.map { exp($0 - highest) }
        let all = masses.reduce(0, +)
        let (p, q) = (masses[0] / all, masses[1] / all)
        weight += p + q
        for l in 0..<count {
          let gain = v[l] / (v[l] + τ[l])
          let pull = l == 0 ? (1 - gain) * μ : 0
          let (plus, minus) = (gain * r[l][j] + pull, gain * r[l][j] - pull)
          let estimate = p * plus + q * minus
          let second = p * plus * plus + q * minus * minus + (p + q) * gain * τ[l]
          variance[l] += (second - estimate * estimate) / Double(n)
          square[l] += second
          if l == 0 { mean += p * plus - q * minus }
          change += (estimate - x[l][j]) * (estimate - x[l][j])
          size += estimate * estimate
          x[l][j] = estimate
        }
      }
      if t >= 4 {
        for l in 0..<count {
          var learned = square[l] / weight
          if l == 0, μ > 0 {
            learned -= (mean / weight) * (mean / weight)
            μ += 0.3 * (max(mean / weight, 0) - μ)
          }
          v[l] += 0.3 * (max(learned, 1e-4 * sizes[l]) - v[l])
        }
      }
      for l in 0..<count {
        let memory = Double(n) * variance[l] / (τ[l] * Double(m))
        for i in 0..<m {
          z[l][i] =
            planes[l][i] - (0..<n).reduce(0) { $0 + columns[$1][i] * x[l][$1] } + memory * z[l][i]
        }
      }
      guard change > 1e-20 * size else { break }
    }
    if !isTold { tell(bestScores) }
    return supports
  }
}
