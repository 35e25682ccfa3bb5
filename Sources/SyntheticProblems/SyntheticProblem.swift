import Glibc
public import SparseCore

/// A random problem whose answer is known: y = A x + e with at most k nonzero entries in x.
public struct SyntheticProblem: Sendable {
  /// What the problem was made from.
  public let parameters: SyntheticParameters
  /// A, m × n.
  public let matrix: Matrix<Double>
  /// The columns with nonzero coefficients: k indices in ascending order.
  public let support: [Int]
  /// The coefficients of these columns, none of them zero.
  public let coefficients: [Double]
  /// A x, of length m.
  public let cleanObservation: [Double]
  /// y = A x + e, of length m.
  public let observation: [Double]

  /// The true x, of length n.
  public var truth: [Double] {
    var x = [Double](repeating: 0, count: matrix.columns)
    for (j, value) in zip(support, coefficients) { x[j] = value }
    return x
  }

  /// The signal-to-noise ratio of the observation as rounded, in decibels; nil without noise.
  public var snr: Double? {
    let noisePower = zip(observation, cleanObservation).map { $0 - $1 }.squaredNorm
    return noisePower > 0 ? 10 * log10(cleanObservation.squaredNorm / noisePower) : nil
  }

  /// Draws the problem that belongs to the parameters.
  ///
  /// The matrix, the support, the magnitudes, the signs and the noise each come from a sequence of
  /// their own: changing how one is drawn leaves the others as they are.
  ///
  /// - Throws: what ``MatrixEnsemble/matrix(seed:)`` throws,
  ///   ``RecoveryError/sparsityOutOfRange(sparsity:columns:)``, or
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` for an `snr` beyond ±300 dB.
  public init(_ parameters: SyntheticParameters) throws(RecoveryError) {
    let columns = parameters.ensemble.columns
    if let snr = parameters.snr, !(abs(snr) <= 300) {
      throw .invalidOption(
        name: "snr", value: "\(snr)", expected: "a number of decibels from -300 to 300")
    }
    guard columns <= 0 || 1...columns ~= parameters.sparsity else {
      throw .sparsityOutOfRange(sparsity: parameters.sparsity, columns: columns)
    }
    self.parameters = parameters
    matrix = try parameters.ensemble.matrix(seed: parameters.seed)
    support = Self.support(parameters)
    coefficients = Self.coefficients(parameters)
    cleanObservation = Self.product(matrix, support: support, coefficients: coefficients)
    observation = Self.noisy(cleanObservation, parameters)
  }

  private static func support(_ parameters: SyntheticParameters) -> [Int] {
    var generator = SeededGenerator(seed: parameters.seed, purpose: .support)
    return generator.sample(parameters.sparsity, of: parameters.ensemble.columns)
  }

  private static func coefficients(_ parameters: SyntheticParameters) -> [Double] {
    var magnitudes = SeededGenerator(seed: parameters.seed, purpose: .magnitudes)
    var signs = SeededGenerator(seed: parameters.seed, purpose: .signs)
    let ranks = (1...parameters.sparsity).map(Double.init)
    let drawn =
      switch parameters.coefficients {
      case .uniform: ranks.map { _ in 1 + magnitudes.uniform() }
      case .gaussian: ranks.map { _ in abs(magnitudes.normal()) }
      case .signs: ranks.map { _ in 1.0 }
      case .decay: magnitudes.shuffled(ranks).map { 1 / $0 }
      }
    return drawn.map { signs.sign() * $0 }
  }

  private static func product(
    _ matrix: Matrix<Double>, support: [Int], coefficients: [Double]
  ) -> [Double] {
    var sum = [Double](repeating: 0, count: matrix.rows)
    for (j, coefficient) in zip(support, coefficients) {
      let column = matrix.column(j)
      for i in sum.indices { sum[i] = sum[i] + coefficient * column[i] }
    }
    return sum
  }

  /// Adds Gaussian noise scaled to the exact ratio ‖Ax‖² / ‖e‖² = 10^(snr/10).
  private static func noisy(_ clean: [Double], _ parameters: SyntheticParameters) -> [Double] {
    guard let snr = parameters.snr else { return clean }
    var generator = SeededGenerator(seed: parameters.seed, purpose: .noise)
    var noise = clean
    noise.withUnsafeMutableBufferPointer { generator.fillNormal($0) }
    let scale = (clean.squaredNorm / noise.squaredNorm).squareRoot() * pow(10, -snr / 20)
    return zip(clean, noise).map { $0 + scale * $1 }
  }
}
