import Glibc

/// What message passing believes of a coefficient before it looks:
/// (1 − ρ) δ₀ + (ρ / 2) [N(μ, v) + N(−μ, v)], or (1 − ρ) δ₀ + ρ N(μ, v) where signs are known.
///
/// μ = 0 makes it Bernoulli–Gaussian. μ and v follow the data by expectation maximisation
/// (Vila and Schniter 2013).
struct SparsePrior: Sendable {
  /// ρ, the share of nonzeros, in (0, 1].
  let share: Double
  /// μ ≥ 0.
  private(set) var mean: Double
  /// v > 0.
  private(set) var variance: Double
  /// Whether nonzeros have one sign.
  let isOneSided: Bool
  /// The least v.
  private let leastVariance: Double

  /// The share of a learned number that replaces the one before: undamped, μ and v run away with the
  /// first poor estimates.
  private static var step: Double { 0.3 }
  /// The least v relative to the mean square: below it exponents are steps, and μ no longer moves.
  private static var leastShare: Double { 1e-4 }
  /// Beyond this log-odds against it, a nonzero changes nothing in a double: e⁻⁴⁰ < 2⁻⁵³.
  private static var certainty: Double { 40 }

  /// Nonzeros of mean square `meanSquare`, of which μ² is a share.
  ///
  /// - Parameters:
  ///   - share: ρ in (0, 1].
  ///   - meanShare: μ relative to the root of the mean square, in [0, 1].
  init(share: Double, meanSquare: Double, meanShare: Double, isOneSided: Bool) {
    self.share = share
    self.isOneSided = isOneSided
    leastVariance = Self.leastShare * meanSquare
    mean = meanShare * meanSquare.squareRoot()
    variance = max((1 - meanShare * meanShare) * meanSquare, leastVariance)
  }

  /// Goes on with what was learned; false where nobody can have learned that.
  mutating func resume(mean: Double, variance: Double) -> Bool {
    guard mean >= 0, variance >= leastVariance * (1 - 0x1p-40) else { return false }
    (self.mean, self.variance) = (mean, variance)
    return true
  }

  /// What one look at all coefficients tells of them together.
  struct Moments {
    /// The mean posterior variance.
    var variance = 0.0
    /// The posterior mean of |x|, taken for the nonzeros alone.
    var mean = 0.0
    /// The posterior mean of x², taken for the nonzeros alone.
    var square = 0.0
    /// ‖x − x before‖₂².
    var change = 0.0
    /// ‖x‖₂².
    var squaredNorm = 0.0
  }

  /// x ← E[x | r] for r = x + N(0, `noise`): O(n), two exponentials for each entry that is in doubt,
  /// none for the others.
  ///
  /// - Parameters:
  ///   - noise: τ > 0.
  ///   - r: n numbers.
  ///   - logOdds: n numbers, added to the log-odds that an entry is a nonzero; nil for zeros.
  ///   - x: n numbers, the estimate before.
  func denoise(
    _ r: UnsafeBufferPointer<Double>, noise: Double, logOdds: UnsafePointer<Double>? = nil,
    into x: UnsafeMutablePointer<Double>
  ) -> Moments {
    let total = variance + noise
    // Given that it is a nonzero of mean ±μ, x has the mean gain · r ± pull and this spread.
    let gain = variance / total
    let pull = mean * noise / total
    let spread = gain * noise
    // Log-odds of a zero against a nonzero of mean μ, as a polynomial in r.
    let constant =
      log((1 - share) / (isOneSided ? share : share / 2)) + log(total / noise) / 2
      + mean * mean / (2 * total)
    let (slope, curve) = (-mean / total, -gain / (2 * noise))
    let crossing = 2 * mean / total
    var (moments, weight) = (Moments(), 0.0)
    for i in r.indices {
      let a = isOneSided ? r[i] : abs(r[i])
      let logZero = constant + a * (slope + curve * a) - (logOdds?[i] ?? 0)
      var estimate = 0.0
      if logZero < Self.certainty {
        // Results below the normal numbers take twice as long.
        let zero = logZero < -Self.certainty ? 0 : exp(logZero)
        let opposite = isOneSided || crossing * a > Self.certainty ? 0 : exp(-crossing * a)
        let scale = 1 / (1 + opposite + zero)
        let (p, q) = (scale, opposite * scale)
        let (near, far) = (gain * a + pull, gain * a - pull)
        let square = p * near * near + q * far * far
        estimate = p * near + q * far
        // Within the parts and between them: E[x²] − E[x]² would cancel.
        moments.variance += (p + q) * spread + zero * scale * square + 4 * p * q * pull * pull
        moments.mean += p * near - q * far
        moments.square += (p + q) * spread + square
        weight += p + q
        if !isOneSided && r[i] < 0 { estimate = -estimate }
      }
      let change = estimate - x[i]
      moments.change += change * change
      moments.squaredNorm += estimate * estimate
      x[i] = estimate
    }
    moments.variance /= Double(max(r.count, 1))
    // Where nothing is a nonzero, there is nothing to learn of them but zeros.
    moments.mean /= max(weight, 1e-12)
    moments.square /= max(weight, 1e-12)
    return moments
  }

  /// Moves μ and v towards what the estimates have.
  mutating func learn(_ moments: Moments) {
    var square = moments.square
    if mean > 0 {
      square -= moments.mean * moments.mean
      mean += Self.step * (max(moments.mean, 0) - mean)
    }
    variance += Self.step * (max(square, leastVariance) - variance)
  }
}
