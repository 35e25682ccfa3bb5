import Foundation
import SparseCore
import Testing

@testable import SyntheticProblems

private let base = SyntheticParameters(
  ensemble: .gaussian(rows: 37, columns: 90), sparsity: 8, snr: 20, seed: 21)

@Suite struct SyntheticProblemTests {
  @Test(arguments: ensembles, CoefficientLaw.allCases)
  func truthGivesTheCleanObservation(ensemble: MatrixEnsemble, law: CoefficientLaw) throws {
    let sparsity = (ensemble.columns + 2) / 3
    let problem = try SyntheticProblem(
      SyntheticParameters(ensemble: ensemble, sparsity: sparsity, coefficients: law, seed: 22))
    let x = problem.truth
    #expect(x.count == ensemble.columns)
    #expect(x.indices.filter { x[$0] != 0 } == problem.support)
    #expect(problem.support.count == sparsity)
    #expect(problem.support.map { x[$0] } == problem.coefficients)
    for i in 0..<ensemble.rows {
      let terms = x.indices.map { problem.matrix[i, $0] * x[$0] }
      let tolerance = 8 * Double.ulpOfOne * terms.reduce(0) { $0 + abs($1) }
      // From the other end, so that the order of summation differs.
      #expect(abs(terms.reversed().reduce(0, +) - problem.cleanObservation[i]) <= tolerance)
    }
    #expect(problem.observation == problem.cleanObservation)
    #expect(problem.snr == nil)
  }

  @Test func magnitudesFollowTheirLaw() throws {
    func coefficients(_ law: CoefficientLaw) throws -> [Double] {
      var parameters = base
      parameters.ensemble = .bernoulli(rows: 1, columns: 20_000)
      parameters.sparsity = 20_000
      parameters.coefficients = law
      return try SyntheticProblem(parameters).coefficients
    }
    let n = 20_000.0
    let uniform = try coefficients(.uniform)
    #expect(uniform.allSatisfy { 1...2 ~= abs($0) })
    let mean = uniform.reduce(0) { $0 + abs($1) } / n
    #expect(abs(mean - 1.5) < 5 * (1 / 12 / n).squareRoot())
    let gaussian = try coefficients(.gaussian)
    #expect(abs(gaussian.squaredNorm / n - 1) < 5 * (2 / n).squareRoot())
    let signs = try coefficients(.signs)
    #expect(signs.allSatisfy { abs($0) == 1 })
    #expect(abs(signs.reduce(0, +) / n) < 5 * (1 / n).squareRoot())
    let decay = try coefficients(.decay)
    let magnitudes = decay.map(abs)
    let powers: [Double] = (1...20_000).map { 1 / Double($0) }
    #expect(magnitudes.sorted(by: >) == powers)
    #expect(magnitudes != powers)
    // The law leaves the signs alone.
    #expect(zip(uniform, signs).allSatisfy { $0 * $1 > 0 })
    #expect(zip(gaussian, signs).allSatisfy { $0 * $1 > 0 })
  }

  @Test(arguments: [-20.0, 0, 7.5, 20, 60])
  func noiseHasTheExactPower(snr: Double) throws {
    var parameters = base
    parameters.snr = snr
    let problem = try SyntheticProblem(parameters)
    let noise = zip(problem.observation, problem.cleanObservation).map { $0 - $1 }
    let ratio = problem.cleanObservation.squaredNorm / noise.squaredNorm
    #expect(abs(ratio / pow(10, snr / 10) - 1) < 1e-12)
    #expect(abs(try #require(problem.snr) - snr) < 1e-11)
  }

  @Test func partsAreDrawnApart() throws {
    let problem = try SyntheticProblem(base)
    var other = base
    other.snr = nil
    other.coefficients = .signs
    let changed = try SyntheticProblem(other)
    #expect(changed.support == problem.support)
    #expect(changed.coefficients.map(\.sign) == problem.coefficients.map(\.sign))
    for j in 0..<90 { #expect(changed.matrix.column(j).elementsEqual(problem.matrix.column(j))) }
    other = base
    other.snr = 0
    let noisier = try SyntheticProblem(other)
    #expect(noisier.cleanObservation == problem.cleanObservation)
    let again = try SyntheticProblem(base)
    #expect(again.observation == problem.observation)
    other.seed = 22
    #expect(try SyntheticProblem(other).support != problem.support)
  }

  @Test func vanishingSignalHasNoNoise() throws {
    // A single row of signs: with every column selected and fair signs, some seed cancels.
    let problems = try (0..<20).map { seed in
      try SyntheticProblem(
        SyntheticParameters(
          ensemble: .bernoulli(rows: 1, columns: 2), sparsity: 2, coefficients: .signs, snr: 10,
          seed: seed))
    }
    let vanished = problems.filter { $0.cleanObservation == [0] }
    #expect(!vanished.isEmpty)
    #expect(vanished.allSatisfy { $0.observation == [0] && $0.snr == nil })
  }

  @Test(arguments: [0, -1, 91, Int.max])
  func refusedSparsity(sparsity: Int) {
    var parameters = base
    parameters.sparsity = sparsity
    #expect(throws: RecoveryError.sparsityOutOfRange(sparsity: sparsity, columns: 90)) {
      try SyntheticProblem(parameters)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 301, -300.5])
  func refusedRatio(snr: Double) {
    var parameters = base
    parameters.snr = snr
    let expected = RecoveryError.invalidOption(
      name: "snr", value: "\(snr)", expected: "a number of decibels from -300 to 300")
    #expect(throws: expected) { try SyntheticProblem(parameters) }
  }

  @Test func refusedSize() {
    var parameters = base
    parameters.ensemble = .gaussian(rows: 3, columns: 0)
    #expect(throws: RecoveryError.emptyMatrix(rows: 3, columns: 0)) {
      try SyntheticProblem(parameters)
    }
  }

  @Test(arguments: [
    (
      MatrixEnsemble.gaussian(rows: 2, columns: 3),
      #"{"coefficients":"uniform","columns":3,"kind":"gaussian","rows":2,"seed":18446744073709551615,"#
        + #""snr":20.5,"sparsity":1,"unitColumns":true}"#
    ),
    (
      .toeplitz(rows: 2, columns: 3, correlation: 0.5),
      #"{"coefficients":"uniform","columns":3,"correlation":0.5,"kind":"toeplitz","rows":2,"#
        + #""seed":18446744073709551615,"snr":20.5,"sparsity":1}"#
    ),
    (
      .deconvolution(size: 4, width: 3),
      #"{"boundary":"circulant","coefficients":"uniform","columns":4,"kernel":"gaussian","#
        + #""kind":"deconvolution","rows":4,"seed":18446744073709551615,"snr":20.5,"#
        + #""sparsity":1,"width":3}"#
    ),
  ])
  func parametersAsJSON(ensemble: MatrixEnsemble, expected: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let parameters = SyntheticParameters(ensemble: ensemble, sparsity: 1, snr: 20.5, seed: .max)
    #expect(String(decoding: try encoder.encode(parameters), as: UTF8.self) == expected)
  }

  @Test func noNoiseAsJSON() throws {
    let parameters = SyntheticParameters(ensemble: .dct(rows: 1, columns: 1), sparsity: 1)
    let json = String(decoding: try JSONEncoder().encode(parameters), as: UTF8.self)
    #expect(json.contains(#""snr":null"#))
  }
}

@Suite struct SupportDistanceTests {
  @Test(
    arguments: [
      ([1, 2, 3], [1, 2, 3], 0), ([3, 2, 1], [1, 2, 3], 0), ([4, 5], [1, 2], 1),
      ([1, 9, 8, 7], [1, 2], 0.5), ([], [1, 2, 3], 1), ([1], [1, 2, 3, 4], 0.75), ([1, 2], [], 0),
      ([1, 1, 1], [1, 2], 0.5),
    ] as [([Int], [Int], Double)])
  func distance(found: [Int], truth: [Int], expected: Double) {
    #expect(supportDistance(found, from: truth) == expected)
  }
}
