import SparseCore

/// What one run of vector message passing begins with. Coefficients are measured in √(‖y‖² / k).
struct VAMPRun: Sendable {
  /// What is known of the noise.
  enum Noise: Sendable {
    /// There is none.
    case none
    /// Learned, from a hundredth of ‖y‖² / m.
    case learned
  }

  /// A first guess of the coefficients, one a column that may be selected, or nil for zeros.
  var start: [Double]?
  /// μ of the prior, in [0, 1].
  var meanShare: Double
  /// The weight of a new message against the one before, in (0, 1].
  var damping: Double
  /// What is known of the noise.
  var noise = Noise.none
  /// Added to the log-odds that a coefficient is a nonzero, or nil for zeros.
  var logOdds: [Double]?

  /// From zero, with nonzeros away from zero.
  static var first: VAMPRun { VAMPRun(meanShare: 0.9, damping: 0.9) }

  /// One of many unlike runs: a random start of about the size of the coefficients, a random prior, and
  /// random log-odds, which bring more than all the rest. Every fourth learns the noise, every eighth is
  /// Bernoulli–Gaussian.
  ///
  /// - Parameters:
  ///   - number: from 1.
  ///   - columns: how many may be selected.
  ///   - share: of the nonzeros among them.
  static func random(
    number: Int, columns: Int, share: Double, using generator: inout SeededGenerator
  ) -> VAMPRun {
    let isGaussian = number % 8 == 1
    let meanShare = generator.uniform(0.3, 0.99)
    let size = generator.uniform(0.3, 1.5) * share.squareRoot()
    let doubt = generator.uniform()
    let damping = generator.uniform(0.5, 0.97)
    return VAMPRun(
      start: normal(columns, times: size, &generator), meanShare: isGaussian ? 0 : meanShare,
      damping: damping, noise: number % 4 == 3 ? .learned : .none,
      logOdds: normal(columns, times: doubt, &generator))
  }

  private static func normal(
    _ count: Int, times factor: Double, _ generator: inout SeededGenerator
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { target, initialized in
      generator.fillNormal(UnsafeMutableBufferPointer(rebasing: target[..<count]))
      for i in 0..<count { target[i] *= factor }
      initialized = count
    }
  }
}

extension SeededGenerator {
  /// A number uniform on [`low`, `high`).
  fileprivate mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }
}
