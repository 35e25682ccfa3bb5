import Glibc

/// What a spike becomes when it is blurred, by its distance t from the spike in widths.
public enum BlurKernel: String, CaseIterable, Sendable, Encodable {
  /// exp(−t²/2): a Gaussian of standard deviation one width.
  case gaussian
  /// (1 − t²) exp(−t²/2), the second derivative of a Gaussian: a wavelet of seismology.
  case ricker
  /// exp(−t), falling to both sides.
  case exponential

  /// The kernel at a distance of t ≥ 0 widths, infinity included; 1 at zero.
  func value(at t: Double) -> Double {
    switch self {
    case .gaussian: exp(-t * t / 2)
    // Far out the square may overflow where the exponential has long vanished.
    case .ricker: t < 100 ? (1 - t * t) * exp(-t * t / 2) : 0
    case .exponential: exp(-t)
    }
  }
}

/// What happens to a blurred spike at the ends of the samples.
public enum Boundary: String, CaseIterable, Sendable, Encodable {
  /// It goes on at the other end.
  case circulant
  /// What lies outside is not observed; the column is scaled to unit norm all the same.
  case truncated
}
