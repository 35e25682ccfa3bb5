import Glibc

/// What message passing believes of a row of coefficients, one for each plane of the observations, before it looks:
/// (1 − ρ) δ₀ + (ρ / 2) [N(μ, diag v) + N(−μ, diag v)], or (1 − ρ) δ₀ + ρ N(μ, diag v) where signs are known.
///
/// A row is a nonzero in all planes or in none: its log-odds are a sum over the planes, to which one whose v is near
/// zero adds nothing (Ziniel and Schniter 2013, doi:10.1109/TSP.2012.2222382). μ = 0 makes it Bernoulli–Gaussian. μ and
/// v follow the data by expectation maximisation (Vila and Schniter 2013).
struct SparsePrior: Sendable {
  /// ρ, the share of nonzeros, in (0, 1].
  let share: Double
  /// μ, a number for each plane.
  private(set) var means: [Double]
  /// v > 0, but in a plane that is zero.
  private(set) var variances: [Double]
  /// Whether nonzeros have one sign.
  let isOneSided: Bool
  /// The least v.
  private let leastVariances: [Double]

  /// The share of a learned number that replaces the one before: undamped, μ and v run away with the
  /// first poor estimates.
  private static var step: Double { 0.3 }
  /// The least v relative to the mean square: below it exponents are steps, and μ no longer moves.
  private static var leastShare: Double { 1e-4 }
  /// Beyond this log-odds against it, a nonzero changes nothing in a double: e⁻⁴⁰ < 2⁻⁵³.
  private static var certainty: Double { 40 }

  /// Nonzeros of these mean squares, of which μ² is a share.
  ///
  /// - Parameters:
  ///   - share: ρ in (0, 1].
  ///   - meanSquares: of the nonzeros in each plane.
  ///   - meanShares: μ relative to the roots of the mean squares, in [−1, 1].
  init(share: Double, meanSquares: [Double], meanShares: [Double], isOneSided: Bool) {
    self.share = share
    self.isOneSided = isOneSided
    leastVariances = meanSquares.map { Self.leastShare * $0 }
    means = zip(meanShares, meanSquares).map { $0 * $1.squareRoot() }
    variances = zip(zip(meanShares, meanSquares), leastVariances).map {
      max((1 - $0.0 * $0.0) * $0.1, $1)
    }
  }

  /// Goes on with what was learned; false where nobody can have learned that.
  mutating func resume(means: [Double], variances: [Double]) -> Bool {
    let isOnFirst = means[0] >= 0 && means.dropFirst().allSatisfy { $0 == 0 }
    guard isOnFirst || isOneSided,
      zip(variances, leastVariances).allSatisfy({ $0 >= $1 * (1 - 0x1p-40) })
    else { return false }
    (self.means, self.variances) = (means, variances)
    return true
  }

  /// What one look at all rows tells of them together.
  struct Moments {
    /// Those of the coefficients of a plane.
    struct Plane {
      /// The mean posterior variance.
      var variance = 0.0
      /// The posterior mean of a nonzero along μ: of x where it came from N(μ, v), of −x where from N(−μ, v).
      var mean = 0.0
      /// The posterior mean of x², taken for the nonzeros alone.
      var square = 0.0
    }
    var planes: [Plane]
    /// ‖x − x before‖₂².
    var change = 0.0
    /// ‖x‖₂².
    var squaredNorm = 0.0
  }

  /// What the posterior of a plane is made of, at some noise.
  private struct Terms {
    /// Given that it is a nonzero of mean ±μ, x has the mean gain · r ± pull and this spread.
    let gain, pull, spread: Double
    /// Log-odds of a zero against a nonzero of mean μ, as a polynomial in r: half log s / τ and μ² / 2s, then the rest.
    let width, offset, slope, curve: Double
    /// Log-odds of a nonzero of mean μ against one of mean −μ, divided by r.
    let crossing: Double

    init(mean: Double, variance: Double, noise: Double) {
      let total = variance + noise
      gain = variance / total
      pull = mean * noise / total
      spread = gain * noise
      width = log(total / noise) / 2
      offset = mean * mean / (2 * total)
      (slope, curve) = (-mean / total, -gain / (2 * noise))
      crossing = 2 * mean / total
    }
  }

  /// x ← E[x | r] for r = x + N(0, `noise`): O(n) for each plane, two exponentials for each row that is in doubt,
  /// none for the others.
  ///
  /// - Parameters:
  ///   - noise: τ > 0 of each plane.
  ///   - r: n numbers for each plane, plane after plane.
  ///   - logOdds: n numbers, added to the log-odds that a row is a nonzero; nil for zeros.
  ///   - x: the estimate before, arranged as `r`.
  func denoise(
    _ r: UnsafeBufferPointer<Double>, noise: [Double], logOdds: UnsafePointer<Double>? = nil,
    into x: UnsafeMutablePointer<Double>
  ) -> Moments {
    let terms = means.indices.map {
      Terms(mean: means[$0], variance: variances[$0], noise: noise[$0])
    }
    var moments = Moments(planes: Array(repeating: Moments.Plane(), count: terms.count))
    terms.withUnsafeBufferPointer { terms in
      moments.planes.withUnsafeMutableBufferPointer { planes in
        (moments.change, moments.squaredNorm) = denoise(r, terms, logOdds, x, planes)
      }
    }
    return moments
  }

  private func denoise(
    _ r: UnsafeBufferPointer<Double>, _ terms: UnsafeBufferPointer<Terms>,
    _ logOdds: UnsafePointer<Double>?, _ x: UnsafeMutablePointer<Double>,
    _ planes: UnsafeMutableBufferPointer<Moments.Plane>
  ) -> (change: Double, squaredNorm: Double) {
    let n = r.count / terms.count
    let constant = terms.reduce(log((1 - share) / (isOneSided ? share : share / 2))) {
      $0 + $1.width + $1.offset
    }
    var (moved, squaredNorm, weight) = (0.0, 0.0, 0.0)
    for i in 0..<n {
      var crossing = 0.0
      if !isOneSided { for l in terms.indices { crossing += terms[l].crossing * r[l * n + i] } }
      // Seen from the nearer of the two means.
      let sign: Double = crossing < 0 ? -1 : 1
      var logZero = constant
      for l in terms.indices {
        let a = sign * r[l * n + i]
        logZero += a * (terms[l].slope + terms[l].curve * a)
      }
      logZero -= logOdds?[i] ?? 0
      let isInDoubt = logZero < Self.certainty
      var (p, q, none) = (0.0, 0.0, 1.0)
      if isInDoubt {
        // Results below the normal numbers take twice as long.
        let zero = logZero < -Self.certainty ? 0 : exp(logZero)
        let opposite = isOneSided || abs(crossing) > Self.certainty ? 0 : exp(-abs(crossing))
        let scale = 1 / (1 + opposite + zero)
        (p, q, none) = (scale, opposite * scale, zero * scale)
        weight += p + q
      }
      for l in terms.indices {
        let place = l * n + i
        var estimate = 0.0
        if isInDoubt {
          let (gain, pull) = (terms[l].gain, terms[l].pull)
          let a = sign * r[place]
          let (near, far) = (gain * a + pull, gain * a - pull)
          let square = p * near * near + q * far * far
          estimate = p * near + q * far
          // Within the parts and between them: E[x²] − E[x]² would cancel.
          planes[l].variance +=
            (p + q) * terms[l].spread + none * square + 4 * p * q * pull * pull
          planes[l].mean += p * near - q * far
          planes[l].square += (p + q) * terms[l].spread + square
          estimate *= sign
        }
        let change = estimate - x[place]
        moved += change * change
        squaredNorm += estimate * estimate
        x[place] = estimate
      }
    }
    for l in planes.indices {
      planes[l].variance /= Double(max(n, 1))
      // Where nothing is a nonzero, there is nothing to learn of them but zeros.
      planes[l].mean /= max(weight, 1e-12)
      planes[l].square /= max(weight, 1e-12)
    }
    return (moved, squaredNorm)
  }

  /// Moves μ and v towards what the estimates have. A mean keeps its sign, and one that is zero stays so.
  mutating func learn(_ moments: Moments) {
    for (l, plane) in moments.planes.enumerated() {
      var square = plane.square
      if means[l] != 0 {
        square -= plane.mean * plane.mean
        let learned = means[l] > 0 ? max(plane.mean, 0) : min(plane.mean, 0)
        means[l] += Self.step * (learned - means[l])
      }
      variances[l] += Self.step * (max(square, leastVariances[l]) - variances[l])
    }
  }
}
