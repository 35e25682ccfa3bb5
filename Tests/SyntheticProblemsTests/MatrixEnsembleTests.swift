import SparseCore
import Testing

@testable import SyntheticProblems

/// Awkward sizes of every family.
let ensembles: [MatrixEnsemble] = [
  .gaussian(rows: 1, columns: 1), .gaussian(rows: 7, columns: 13),
  .gaussian(rows: 333, columns: 501, unitColumns: false),
  .bernoulli(rows: 1, columns: 3), .bernoulli(rows: 77, columns: 2001),
  .dct(rows: 1, columns: 1), .dct(rows: 5, columns: 31), .dct(rows: 12, columns: 12),
  .toeplitz(rows: 3, columns: 1, correlation: 0.5),
  .toeplitz(rows: 61, columns: 1301, correlation: -0.7),
  .deconvolution(size: 1, width: 3), .deconvolution(size: 63, width: 2.5),
  .deconvolution(size: 40, width: 3, kernel: .ricker, boundary: .truncated),
  .uniform(rows: 1, columns: 2), .uniform(rows: 9, columns: 31),
]

@Suite struct MatrixEnsembleTests {
  @Test(arguments: ensembles)
  func sameSeedSameBits(ensemble: MatrixEnsemble) throws {
    let first = try elements(ensemble.matrix(seed: 11))
    #expect(first.count == ensemble.rows * ensemble.columns)
    #expect(first.allSatisfy { $0.isFinite })
    #expect(try first == elements(ensemble.matrix(seed: 11)))
  }

  @Test(arguments: [
    MatrixEnsemble.gaussian(rows: 7, columns: 13), .bernoulli(rows: 77, columns: 20),
    .dct(rows: 5, columns: 31), .toeplitz(rows: 61, columns: 13, correlation: -0.7),
  ])
  func otherSeedOtherBits(ensemble: MatrixEnsemble) throws {
    #expect(try elements(ensemble.matrix(seed: 1)) != elements(ensemble.matrix(seed: 2)))
  }

  @Test func columnsDependOnTheSeedAndTheirIndexAlone() throws {
    let matrix = try MatrixEnsemble.gaussian(rows: 5, columns: 30_000, unitColumns: false)
      .matrix(seed: 12)
    for j in [0, 1, 13_107, 13_108, 29_999] {
      var generator = SeededGenerator(seed: 12, purpose: .matrix, index: j)
      var expected = [Double](repeating: 0, count: 5)
      expected.withUnsafeMutableBufferPointer { generator.fillNormal($0) }
      #expect(Array(matrix.column(j)) == expected)
    }
  }

  @Test(arguments: [
    MatrixEnsemble.gaussian(rows: 1, columns: 9), .gaussian(rows: 200, columns: 31),
    .bernoulli(rows: 200, columns: 31), .deconvolution(size: 101, width: 4),
    .deconvolution(size: 8, width: 1e-300), .deconvolution(size: 8, width: 1e300),
    .deconvolution(size: 8, width: 1e-300, kernel: .ricker),
    .deconvolution(size: 101, width: 4, kernel: .ricker, boundary: .truncated),
    .deconvolution(size: 8, width: 1e-300, kernel: .exponential, boundary: .truncated),
    .uniform(rows: 200, columns: 31),
  ])
  func unitColumns(ensemble: MatrixEnsemble) throws {
    let matrix = try ensemble.matrix(seed: 13)
    for j in 0..<matrix.columns {
      // Squares and scaling round a few times an entry, the sum once an entry.
      let tolerance = 2 * Double(matrix.rows + 4) * .ulpOfOne
      #expect(abs(matrix.column(j).squaredNorm - 1) <= tolerance)
    }
  }

  @Test func gaussianMoments() throws {
    let entries = try elements(
      MatrixEnsemble.gaussian(rows: 300, columns: 400, unitColumns: false).matrix(seed: 14))
    let n = Double(entries.count)
    #expect(abs(entries.reduce(0, +) / n) < 5 * (1 / n).squareRoot())
    #expect(abs(entries.squaredNorm / n - 1) < 5 * (2 / n).squareRoot())
  }

  @Test func bernoulliSigns() throws {
    let entries = try elements(MatrixEnsemble.bernoulli(rows: 100, columns: 500).matrix(seed: 15))
    #expect(entries.allSatisfy { abs($0) == 0.1 })
    let n = Double(entries.count)
    #expect(abs(entries.reduce(0, +) / 0.1 / n) < 5 * (1 / n).squareRoot())
  }

  @Test func uniformColumnsAreCoherent() throws {
    let matrix = try MatrixEnsemble.uniform(rows: 20_000, columns: 4).matrix(seed: 19)
    for j in 0..<4 {
      #expect(matrix.column(j).allSatisfy { $0 > 0 })
      for l in 0..<j {
        // E[uv] / E[u²] = (1/4) / (1/3); the standard error of either mean is below 0.0025.
        let product = zip(matrix.column(j), matrix.column(l)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - 0.75) < 0.025)
      }
    }
  }

  @Test(arguments: BlurKernel.allCases)
  func truncatedColumnsAreCutAtTheEnds(kernel: BlurKernel) throws {
    let n = 60
    let whole = try MatrixEnsemble.deconvolution(size: n, width: 2, kernel: kernel).matrix(seed: 0)
    let cut = try MatrixEnsemble.deconvolution(
      size: n, width: 2, kernel: kernel, boundary: .truncated
    ).matrix(seed: 0)
    #expect(whole[n - 1, 0] == whole[1, 0])
    #expect(abs(cut[n - 1, 0]) < 1e-9)
    // Half the kernel has half the energy, but for its middle.
    #expect(cut[0, 0] > 1.1 * whole[0, 0])
    for i in 1..<10 {
      let ratio = cut[i, 0] / cut[0, 0]
      #expect(abs(ratio - whole[i, 0] / whole[0, 0]) <= 8 * .ulpOfOne)
    }
  }

  @Test(arguments: [
    (BlurKernel.gaussian, 0.6065306597126334), (.ricker, 0), (.exponential, 0.36787944117144233),
  ])
  func kernelsOneWidthAway(kernel: BlurKernel, expected: Double) {
    #expect(kernel.value(at: 0) == 1)
    #expect(abs(kernel.value(at: 1) - expected) <= 2 * .ulpOfOne)
    #expect(kernel.value(at: .infinity) == 0)
  }

  @Test(arguments: [(1, 1), (1, 40), (17, 40), (40, 40), (9, 27)])
  func dctRowsAreOrthonormal(rows: Int, columns: Int) throws {
    let matrix = try MatrixEnsemble.dct(rows: rows, columns: columns).matrix(seed: 16)
    for i in 0..<rows {
      for l in 0...i {
        var sum = 0.0
        var magnitudes = 0.0
        for j in 0..<columns {
          sum += matrix[i, j] * matrix[l, j]
          magnitudes += abs(matrix[i, j] * matrix[l, j])
        }
        #expect(abs(sum - (i == l ? 1 : 0)) <= 8 * Double.ulpOfOne * max(1, magnitudes))
      }
    }
  }

  @Test func dctOfAllRowsHasTheKnownEntries() throws {
    // n = 2: the sum and the difference, over √2.
    let matrix = try MatrixEnsemble.dct(rows: 2, columns: 2).matrix(seed: 17)
    let expected = [1.0, 1, 1, -1].map { $0 * 0.5.squareRoot() }
    for (found, wanted) in zip(elements(matrix), expected) {
      #expect(abs(found - wanted) <= 2 * Double.ulpOfOne)
    }
  }

  @Test(arguments: [-0.9, 0, 0.5, 0.99])
  func toeplitzCorrelation(correlation: Double) throws {
    let rows = 20_000
    let matrix = try MatrixEnsemble.toeplitz(rows: rows, columns: 6, correlation: correlation)
      .matrix(seed: 18)
    for i in 0..<6 {
      for j in 0...i {
        let mean =
          zip(matrix.column(i), matrix.column(j)).reduce(0) { $0 + $1.0 * $1.1 } / Double(rows)
        let expected = (j..<i).reduce(1.0) { power, _ in power * correlation }
        // The variance of a product of normals of unit variance is 1 + ρ².
        let standardError = ((1 + expected * expected) / Double(rows)).squareRoot()
        #expect(abs(mean - expected) < 5 * standardError)
      }
    }
  }

  @Test(arguments: [(1, 1.0), (2, 1.0), (31, 0.5), (64, 3.0), (64, 1000.0)])
  func deconvolutionIsCirculant(size: Int, width: Double) throws {
    let matrix = try MatrixEnsemble.deconvolution(size: size, width: width).matrix(seed: 0)
    for j in 0..<size {
      for i in 0..<size {
        #expect(matrix[i, j] == matrix[(i + 1) % size, (j + 1) % size])
        #expect(matrix[i, j] == matrix[j, i])
      }
    }
    guard size > 2 else { return }
    let ratio = matrix[1, 0] * matrix[1, 0] / (matrix[0, 0] * matrix[0, 0])
    // exp(−1/(2w²))² = exp(−1/w²), and three distances give the ninth power of it.
    let third = matrix[3, 0] * matrix[3, 0] / (matrix[0, 0] * matrix[0, 0])
    let ninth = (0..<9).reduce(1.0) { power, _ in power * ratio }
    #expect(abs(third - ninth) <= 64 * Double.ulpOfOne * ninth)
    if width == 0.5 { #expect(abs(ratio - 0.018315638888734180) <= 16 * Double.ulpOfOne * ratio) }
  }

  @Test(arguments: [
    (MatrixEnsemble.dct(rows: 6, columns: 5), "rows"),
    (.dct(rows: 1, columns: 1 << 32), "columns"),
    (.toeplitz(rows: 2, columns: 2, correlation: 1), "correlation"),
    (.toeplitz(rows: 2, columns: 2, correlation: -1.5), "correlation"),
    (.toeplitz(rows: 2, columns: 2, correlation: .nan), "correlation"),
    (.deconvolution(size: 4, width: 0), "width"),
    (.deconvolution(size: 4, width: -1), "width"),
    (.deconvolution(size: 4, width: .infinity), "width"),
    (.deconvolution(size: 4, width: .nan), "width"),
  ])
  func refusedParameters(ensemble: MatrixEnsemble, name: String) {
    let error = #expect(throws: RecoveryError.self) { try ensemble.matrix(seed: 0) }
    guard case .invalidOption(name, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    MatrixEnsemble.gaussian(rows: 0, columns: 3), .bernoulli(rows: 3, columns: -1),
    .dct(rows: 0, columns: 0), .toeplitz(rows: -4, columns: 2, correlation: 0),
    .deconvolution(size: 0, width: 1),
  ])
  func emptySizes(ensemble: MatrixEnsemble) {
    #expect(throws: RecoveryError.emptyMatrix(rows: ensemble.rows, columns: ensemble.columns)) {
      try ensemble.matrix(seed: 0)
    }
  }

  @Test(arguments: [
    MatrixEnsemble.gaussian(rows: .max, columns: .max), .gaussian(rows: 1 << 60, columns: 1),
    .bernoulli(rows: 2, columns: .max), .toeplitz(rows: .max, columns: 2, correlation: 0),
    .deconvolution(size: .max, width: 1), .deconvolution(size: 1 << 31, width: 1),
  ])
  func sizesBeyondMemory(ensemble: MatrixEnsemble) {
    #expect(throws: RecoveryError.matrixTooLarge(rows: ensemble.rows, columns: ensemble.columns)) {
      try ensemble.matrix(seed: 0)
    }
  }

  private func elements(_ matrix: Matrix<Double>) -> [Double] {
    (0..<matrix.columns).flatMap { Array(matrix.column($0)) }
  }
}
