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

/// How the nonzero coefficients are drawn. Signs are fair in every case.
public enum CoefficientLaw: String, CaseIterable, Sendable, Encodable {
  /// Magnitudes uniform on [1, 2): no coefficient is too small to be found.
  case uniform
  /// Standard normal: some coefficients are close to zero.
  case gaussian
  /// Magnitude one: the hardest for greedy algorithms.
  case signs
  /// Magnitudes 1, 1/2, 1/3, …, 1/k in random order: a power law, easy at first.
  case decay
}

/// Everything that decides a synthetic problem: equal parameters give equal bits.
public struct SyntheticParameters: Equatable, Sendable {
  /// The family of the matrix, with its size.
  public var ensemble: MatrixEnsemble
  /// The number of nonzero coefficients, k.
  public var sparsity: Int
  /// How the nonzero coefficients are drawn.
  public var coefficients: CoefficientLaw
  /// The signal-to-noise ratio 10 · log₁₀(‖Ax‖² / ‖e‖²) in decibels, or nil for no noise.
  public var snr: Double?
  /// The name of all random sequences.
  public var seed: UInt64

  /// Collects the parameters.
  public init(
    ensemble: MatrixEnsemble, sparsity: Int, coefficients: CoefficientLaw = .uniform,
    snr: Double? = nil, seed: UInt64 = 0
  ) {
    self.ensemble = ensemble
    self.sparsity = sparsity
    self.coefficients = coefficients
    self.snr = snr
    self.seed = seed
  }
}

extension SyntheticParameters: Encodable {
  private enum Key: String, CodingKey {
    case kind, rows, columns, unitColumns, correlation, width, kernel, boundary
    case sparsity, coefficients, snr, seed
  }

  /// Writes one flat object: `kind`, `rows`, `columns`, what else the kind needs, `sparsity`,
  /// `coefficients`, `snr` (null for no noise) and `seed`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(ensemble.name, forKey: .kind)
    try container.encode(ensemble.rows, forKey: .rows)
    try container.encode(ensemble.columns, forKey: .columns)
    switch ensemble {
    case .gaussian(_, _, let unitColumns): try container.encode(unitColumns, forKey: .unitColumns)
    case .toeplitz(_, _, let correlation): try container.encode(correlation, forKey: .correlation)
    case .deconvolution(_, let width, let kernel, let boundary):
      try container.encode(width, forKey: .width)
      try container.encode(kernel, forKey: .kernel)
      try container.encode(boundary, forKey: .boundary)
    case .bernoulli, .uniform, .dct: break
    }
    try container.encode(sparsity, forKey: .sparsity)
    try container.encode(coefficients, forKey: .coefficients)
    try container.encode(snr, forKey: .snr)
    try container.encode(seed, forKey: .seed)
  }
}

/// How much of the true support S* was missed: (k − |S* ∩ S|) / k with k = |S*|.
///
/// 0 when all of it was found, 1 when none of it was, and 0 when there is nothing to find.
public func supportDistance(_ found: [Int], from truth: [Int]) -> Double {
  let wanted = Set(truth)
  guard !wanted.isEmpty else { return 0 }
  return Double(wanted.subtracting(found).count) / Double(wanted.count)
}
