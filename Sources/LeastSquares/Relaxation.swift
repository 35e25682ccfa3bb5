import COpenBLAS
import SparseCore

/// The perspective relaxation of a squared loss in coordinates u = D^½ c, where D is the identity, and an accelerated proximal
/// gradient method for it.
struct Relaxation {
  private let k: Int
  private let chosen: Int
  private let isNonnegative: Bool
  private let count: Int
  private let planes: Int
  private let leastLoss: Double
  private let observationLength: Double
  private let roundoff: Double
  /// D^-½ H D^-½.
  private let curvature: [Double]
  /// D^-½ b.
  private let slopes: [Double]
  /// D^½.
  private let roots: [Double]
  /// The lengths of atoms in these coordinates.
  private let lengths: [Double]
  /// The largest eigenvalue of D^-½ (H − D) D^-½.
  private let steepness: Double
  /// The latest step, and the point that the next one sets out from.
  private var u: [Double]
  private var ahead: [Double]
  private var momentum = 1.0
  /// 1 / θ of the latest step, and z: how far each candidate is in.
  private var latestInverse = 0.0
  private var shares: [Double] = []
  /// g at this point, and (H − D) times it.
  private var g: [Double] = []
  private var image: [Double] = []

  /// - Parameters:
  ///   - roots: D^½.
  ///   - curvature: D^-½ H D^-½.
  ///   - steepness: the largest eigenvalue of D^-½ (H − D) D^-½.
  ///   - chosen: so many candidates are in every support, the first ones.
  ///   - k: the most candidates beside these.
  ///   - start: c to begin with.
  init(
    _ loss: QuadraticLoss, roots: [Double], _ curvature: [Double], steepness: Double,
    chosen: Int = 0, atMost k: Int, _ isNonnegative: Bool, from start: [Double]
  ) {
    let n = loss.count
    (self.k, self.chosen, self.isNonnegative) = (min(k, n - chosen), chosen, isNonnegative)
    (count, planes) = (n, loss.planes)
    (leastLoss, observationLength) = (loss.leastLoss, loss.observationLength)
    roundoff = loss.roundoff
    self.roots = roots
    self.curvature = curvature
    lengths = zip(loss.lengths, roots).map(/)
    slopes = loss.slopes.enumerated().map { $1 / roots[$0 % n] }
    self.steepness = steepness
    u = start.enumerated().map { i, c in
      isNonnegative ? max(c * roots[i % n], 0) : c * roots[i % n]
    }
    ahead = u
    look()
  }

  /// c at the point of which ``bound()`` is.
  var point: [Double] { ahead.enumerated().map { $1 / roots[$0 % count] } }

  /// Computes g at the point ahead.
  private mutating func look() {
    image = image(of: ahead)
    g = zip(slopes, image).map(-)
  }

  /// (H − D) x, plane after plane.
  private func image(of x: [Double]) -> [Double] {
    let n = count
    var image = x
    for l in 0..<planes {
      x.withUnsafeBufferPointer { x in
        image.withUnsafeMutableBufferPointer { image in
          guard let x = x.baseAddress, let z = image.baseAddress else { return }
          cblas_dsymv(
            CblasColMajor, CblasLower, Int32(n), 1, curvature, Int32(n), x + l * n, 1, -1,
            z + l * n, 1)
        }
      }
    }
    return image
  }

  /// The value of the relaxation after the latest step, ℓ − 2 bᵀu + uᵀ(H − D)u + Σ u_j² / z_j: no bound is larger but for
  /// rounding.
  func value() -> Double {
    let squares = rowSquares(u)
    let penalty = zip(squares, shares).reduce(0) { $1.1 > 0 ? $0 + $1.0 / $1.1 : $0 }
    let image = image(of: u)
    return u.indices.reduce(leastLoss + penalty) { $0 + u[$1] * (image[$1] - 2 * slopes[$1]) }
  }

  /// The squares of the rows of x, of what signs leave of them where they count.
  private func rowSquares(_ x: [Double], signed isSigned: Bool = false) -> [Double] {
    var squares = [Double](repeating: 0, count: count)
    for l in 0..<planes {
      for i in 0..<count {
        let entry = x[l * count + i]
        if entry > 0 || !isSigned { squares[i] += entry * entry }
      }
    }
    return squares
  }

  /// The bound at the point ahead.
  func bound() -> PerspectiveBound {
    let gains = rowSquares(g, signed: isNonnegative)
    let largest = gains[chosen...].placesOfLargest(k)
    let least = largest.last.map { gains[$0] } ?? .infinity
    let value = zip(ahead, image).reduce(leastLoss) { $0 - $1.0 * $1.1 }
    let sum = gains[..<chosen].reduce(largest.reduce(0) { $0 + gains[$1] }, +)
    // The bound is F at the best c less what the tangent at x leaves out: inner products of y, A c and A x, all of which
    // are off by `roundoff` times the lengths at most; four times that covers the sums here, and the second order.
    let weights = rowSquares(ahead).map { $0.squareRoot() }
    var size = observationLength
    for j in 0..<count {
      let counts = j < chosen || gains[j] >= least
      size += lengths[j] * (weights[j] + (counts ? gains[j].squareRoot() : 0))
    }
    return PerspectiveBound(
      loss: value - sum - 4 * roundoff * size * size, gains: gains, weights: weights)
  }

  /// One step of the accelerated proximal gradient method, restarted where it turned around (Beck and Teboulle 2009;
  /// O'Donoghue and Candès 2015).
  mutating func step() {
    let next = nearest(to: zip(ahead, g).map { $0 + $1 / steepness })
    var turned = 0.0
    for i in next.indices { turned += (ahead[i] - next[i]) * (next[i] - u[i]) }
    if turned > 0 {
      momentum = 1
      ahead = next
    } else {
      let longer = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
      let share = (momentum - 1) / longer
      ahead = zip(next, u).map { $0 + share * ($0 - $1) }
      momentum = longer
    }
    u = next
    look()
  }

  /// The proximal operator of the squared k-support norm: u = v z / (z + τ), τ = 1 / steepness, z_j = |v_j| / θ − τ within
  /// 0...1, where θ makes Σ z_j = k. Of what is chosen z is 1.
  private mutating func nearest(to v: [Double]) -> [Double] {
    let τ = 1 / steepness
    let norms = rowSquares(v, signed: isNonnegative).map { $0.squareRoot() }
    let scale = inverse(of: norms[chosen...], τ)
    latestInverse = scale
    shares = norms.indices.map { $0 < chosen ? 1 : min(max(norms[$0] * scale - τ, 0), 1) }
    var u = v
    for i in v.indices {
      let z = shares[i % count]
      u[i] = isNonnegative && v[i] < 0 ? 0 : v[i] * z / (z + τ)
    }
    return u
  }

  /// 1 / θ for the lengths of the rows of v.
  private func inverse(of norms: ArraySlice<Double>, _ τ: Double) -> Double {
    let positive = norms.filter { $0 > 0 }
    guard k > 0, let largest = positive.max(), let least = positive.min() else { return 0 }
    guard positive.count > k else { return (1 + τ) / least }
    /// Σ z_j for 1 / θ, and its derivative.
    func sum(_ inverse: Double) -> (value: Double, slope: Double) {
      var (value, slope) = (0.0, 0.0)
      for norm in norms {
        let z = norm * inverse - τ
        value += min(max(z, 0), 1)
        slope += z > 0 && z < 1 ? norm : 0
      }
      return (value, slope)
    }
    // It ascends from 0 to the number of rows that are not zero. Newton's method between bounds. Any z of about the sum
    // does: it is a step, not a bound.
    var (low, high) = (τ / largest, (1 + τ) / least)
    var inverse = min(max(latestInverse, low), high)
    for _ in 0..<50 {
      let (value, slope) = sum(inverse)
      let miss = value - Double(k)
      if miss >= 0 { high = inverse } else { low = inverse }
      if abs(miss) <= 1e-12 * Double(k) || low >= high { break }
      let next = inverse - miss / slope
      inverse = next > low && next < high ? next : (low * high).squareRoot()
    }
    return inverse
  }
}
