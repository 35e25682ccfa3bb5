import Glibc

/// The share of successes as a logistic function of x, p = 1 / (1 + exp(−(a + b x))), by maximum
/// likelihood.
///
/// x is centred and scaled to unit variance, and a ridge of 10⁻³ on a and b keeps the slope finite
/// where a threshold separates successes from failures; elsewhere it moves the estimate by far less
/// than its standard error.
struct LogisticFit {
  /// The problems at one x.
  struct Count {
    let x: Double
    let successes: Int
    let trials: Int
  }

  /// Where the curve reaches a share, and how well that is known.
  struct Crossing: Equatable {
    let x: Double
    let standardError: Double
  }

  /// a and b of centred, scaled x.
  private let intercept: Double
  private let slope: Double
  private let mean: Double
  private let scale: Double
  /// The inverse of the Hessian: var(a), cov(a, b), var(b).
  private let covariance: (Double, Double, Double)

  private static var ridge: Double { 1e-3 }

  /// Fits by Newton's method (iteratively reweighted least squares), a few passes over the counts.
  ///
  /// Returns nil where no curve can be told: without both successes and failures, or with a single x.
  init?(_ counts: [Count]) {
    let total = counts.reduce(0) { $0 + $1.trials }
    let successes = counts.reduce(0) { $0 + $1.successes }
    guard 1..<max(total, 1) ~= successes else { return nil }
    let mean = counts.reduce(0) { $0 + Double($1.trials) * $1.x } / Double(total)
    let variance =
      counts.reduce(0) { $0 + Double($1.trials) * ($1.x - mean) * ($1.x - mean) } / Double(total)
    guard variance > 0 else { return nil }
    self.mean = mean
    scale = variance.squareRoot()
    let scaled = counts.map { Count(x: ($0.x - mean) / variance.squareRoot(), $0) }

    var (a, b) = (0.0, 0.0)
    var value = Self.penalisedLoss(scaled, a, b)
    for _ in 0..<100 {
      let (gradient, hessian) = Self.derivatives(scaled, a, b)
      let determinant = hessian.0 * hessian.2 - hessian.1 * hessian.1
      var stepA = (hessian.2 * gradient.0 - hessian.1 * gradient.1) / determinant
      var stepB = (hessian.0 * gradient.1 - hessian.1 * gradient.0) / determinant
      // Newton's step may be too long far from the minimum of this convex function.
      while Self.penalisedLoss(scaled, a - stepA, b - stepB) > value,
        max(abs(stepA), abs(stepB)) > 1e-12
      {
        stepA /= 2
        stepB /= 2
      }
      a -= stepA
      b -= stepB
      value = Self.penalisedLoss(scaled, a, b)
      if max(abs(stepA), abs(stepB)) < 1e-10 * max(1, abs(a), abs(b)) { break }
    }
    intercept = a
    slope = b
    let hessian = Self.derivatives(scaled, a, b).hessian
    let determinant = hessian.0 * hessian.2 - hessian.1 * hessian.1
    covariance = (hessian.2 / determinant, -hessian.1 / determinant, hessian.0 / determinant)
  }

  /// Where a falling curve reaches `share`, with its standard error by the delta method; nil for a
  /// curve that does not fall.
  func crossing(of share: Double) -> Crossing? {
    guard slope < 0 else { return nil }
    let target = log(share / (1 - share))
    let x = (target - intercept) / slope
    // ∂x/∂a = −1/b and ∂x/∂b = −x/b.
    let variance =
      (covariance.0 + 2 * x * covariance.1 + x * x * covariance.2) / (slope * slope)
    return Crossing(x: mean + scale * x, standardError: scale * max(variance, 0).squareRoot())
  }

  private static func penalisedLoss(_ counts: [Count], _ a: Double, _ b: Double) -> Double {
    counts.reduce(ridge / 2 * (a * a + b * b)) { sum, count in
      let η = a + b * count.x
      // log(1 + exp η), without overflow.
      let softplus = max(η, 0) + log1p(exp(-abs(η)))
      return sum + Double(count.trials) * softplus - Double(count.successes) * η
    }
  }

  private static func derivatives(
    _ counts: [Count], _ a: Double, _ b: Double
  ) -> (gradient: (Double, Double), hessian: (Double, Double, Double)) {
    var gradient = (ridge * a, ridge * b)
    var hessian = (ridge, 0.0, ridge)
    for count in counts {
      let p = 1 / (1 + exp(-(a + b * count.x)))
      let residual = Double(count.successes) - Double(count.trials) * p
      let weight = Double(count.trials) * p * (1 - p)
      gradient.0 -= residual
      gradient.1 -= residual * count.x
      hessian.0 += weight
      hessian.1 += weight * count.x
      hessian.2 += weight * count.x * count.x
    }
    return (gradient, hessian)
  }
}

extension LogisticFit.Count {
  /// The same problems at another x.
  fileprivate init(x: Double, _ other: Self) {
    self.init(x: x, successes: other.successes, trials: other.trials)
  }
}
