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
