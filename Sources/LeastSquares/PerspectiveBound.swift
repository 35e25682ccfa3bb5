import CLAPACKE
import COpenBLAS
package import SparseCore

/// A lower bound on the loss of every support that adds at most k candidates, with what follows from it.
package struct PerspectiveBound: Sendable {
  /// The bound: rounding is taken off. Below zero where it says nothing yet.
  package let loss: Double
  /// By how much each candidate lowers the bound of supports that have it. The bound is that of the k largest.
  package let gains: [Double]
  /// How large the relaxed coefficients are, in units in which candidates compare.
  package let weights: [Double]
  /// How many steps were taken for it.
  package fileprivate(set) var steps = 0

  /// The places of the k largest gains, in descending order; of equal ones the first.
  package func largest(_ k: Int) -> [Int] {
    Array(gains.indices.sorted { (gains[$0], $1) > (gains[$1], $0) }.prefix(k))
  }

  /// The candidate with the largest relaxed coefficients.
  package var mostWeighted: Int {
    weights.indices.max { (weights[$0], $1) < (weights[$1], $0) } ?? 0
  }

  /// Candidates that every support of a loss below `target` has, and such that none has: by the bound without one of the k
  /// largest gains, and by that with another one in the place of the last of them.
  /// None where k is not less than the number of candidates.
  package func settled(atMost k: Int, target: Double) -> (chosen: [Int], leftOut: [Int]) {
    guard k < gains.count else { return ([], []) }
    let order = largest(gains.count)
    let (last, next) = (gains[order[k - 1]], gains[order[k]])
    return (
      order.prefix(k).filter { loss + gains[$0] - next >= target },
      order.dropFirst(k).filter { loss + last - gains[$0] >= target }
    )
  }
}

extension QuadraticLoss {
  /// The perspective bound on supports of at most k candidates, by at most `steps` of an accelerated proximal gradient
  /// method; it ends early once the bound reaches `target`. Nil where the candidates are linearly dependent.
  ///
  /// Let D be diagonal with H − D ⪰ 0. What is convex in F without cᵀD c lies above its tangent at any x, so that for every
  /// c with at most k nonzeros F(c) ≥ ℓ − xᵀ(H − D)x − S_k(g_j² / D_jj), g = b − (H − D)x, where S_k adds up the k largest.
  /// The best x minimises the perspective relaxation, whose penalty is the squared k-support norm (Argyriou, Foygel and
  /// Srebro 2012; Pilanci, Wainwright and El Ghaoui 2015; Atamtürk and Gómez 2020). D is δ / (H⁻¹)_jj, the squared
  /// distance of an atom from the span of all others times the largest δ that H allows.
  ///
  /// Under signs g_j counts where it is positive, and the chosen atoms are free: still a lower bound.
  ///
  /// About 3 · |C|³ flops, and 2 · |C|² for each step and observation.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package func bound(
    atMost k: Int, target: Double, isNonnegative: Bool, steps: Int,
    isCancelled: () -> Bool
  ) throws(RecoveryError) -> PerspectiveBound? {
    guard var relaxation = try Relaxation(self, atMost: k, isNonnegative) else { return nil }
    var best = relaxation.bound()
    var earlier = best.loss
    for step in stride(from: 1, through: steps, by: 1)
    where best.loss < target && !isCancelled() {
      relaxation.step()
      let next = relaxation.bound()
      if next.loss > best.loss { best = next }
      best.steps = step
      guard step % Self.lookEvery == 0 else { continue }
      // Where steps as large as the latest ones do not get there, branching is what helps.
      let left = Double((steps - step) / Self.lookEvery)
      if (best.loss - earlier) * left < target - best.loss { break }
      earlier = best.loss
    }
    return best
  }

  /// After how many steps progress is looked at.
  private static var lookEvery: Int { 10 }

  /// H_ij / (s_i s_j).
  fileprivate func curvature(scaledBy s: [Double]) -> [Double] {
    var scaled = curvature
    let inverse = s.map { 1 / $0 }
    for j in 0..<count {
      for i in 0..<count { scaled[i + j * count] *= inverse[i] * inverse[j] }
    }
    return scaled
  }
}

/// The relaxation in coordinates u = D^½ c, where D is the identity.
private struct Relaxation {
  private let k: Int
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
  /// The lengths of atoms in these coordinates.
  private let lengths: [Double]
  /// The largest eigenvalue of D^-½ (H − D) D^-½.
  private let steepness: Double
  /// The latest step, and the point that the next one sets out from.
  private var u: [Double]
  private var ahead: [Double]
  private var momentum = 1.0
  /// g at this point, and (H − D) times it.
  private var g: [Double] = []
  private var image: [Double] = []

  /// Nil where the candidates are linearly dependent.
  init?(_ loss: QuadraticLoss, atMost k: Int, _ isNonnegative: Bool) throws(RecoveryError) {
    LinearAlgebra.prepare()
    let n = loss.count
    let size = Int32(n)
    var factor = loss.curvature
    guard n > 0, LAPACKE_dpotrf(LAPACK_COL_MAJOR, .lower, size, &factor, size) == 0 else {
      return nil
    }
    var minimum = loss.slopes
    try check(
      "dpotrs",
      LAPACKE_dpotrs(
        LAPACK_COL_MAJOR, .lower, size, Int32(loss.planes), factor, size, &minimum, size))
    try check("dpotri", LAPACKE_dpotri(LAPACK_COL_MAJOR, .lower, size, &factor, size))
    // The distances from the span of all others.
    let distances = (0..<n).map { (1 / factor[$0 * (n + 1)]).squareRoot() }
    let scaled = loss.curvature(scaledBy: distances)
    var (overwritten, eigenvalues) = (scaled, [Double](repeating: 0, count: n))
    try check(
      "dsyevd",
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, .plain, .lower, size, &overwritten, size, &eigenvalues))
    // The inner products are off by `roundoff` times the lengths: by that much of ‖·‖_F, and so of every eigenvalue.
    let inflation = zip(loss.lengths, distances).reduce(0) { $0 + ($1.0 / $1.1) * ($1.0 / $1.1) }
    let δ = (eigenvalues.first ?? 0) - 4 * loss.roundoff * inflation
    guard δ > 0, let largest = eigenvalues.last else { return nil }
    let roots = distances.map { $0 * δ.squareRoot() }
    (self.k, self.isNonnegative) = (min(k, n), isNonnegative)
    (count, planes) = (n, loss.planes)
    (leastLoss, observationLength) = (loss.leastLoss, loss.observationLength)
    roundoff = loss.roundoff
    curvature = scaled.map { $0 / δ }
    lengths = zip(loss.lengths, roots).map(/)
    slopes = loss.slopes.enumerated().map { $1 / roots[$0 % n] }
    steepness = max(largest / δ - 1, 0x1p-40)
    u = minimum.enumerated().map { i, c in
      isNonnegative ? max(c * roots[i % n], 0) : c * roots[i % n]
    }
    ahead = u
    look()
  }

  /// Computes g at the point ahead.
  private mutating func look() {
    let n = count
    image = ahead
    for l in 0..<planes {
      ahead.withUnsafeBufferPointer { ahead in
        image.withUnsafeMutableBufferPointer { image in
          guard let x = ahead.baseAddress, let z = image.baseAddress else { return }
          cblas_dsymv(
            CblasColMajor, CblasLower, Int32(n), 1, curvature, Int32(n), x + l * n, 1, -1,
            z + l * n, 1)
        }
      }
    }
    g = zip(slopes, image).map(-)
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
    let largest = gains.sorted(by: >).prefix(k)
    let least = largest.last ?? 0
    let value = zip(ahead, image).reduce(leastLoss) { $0 - $1.0 * $1.1 }
    let sum = largest.reduce(0, +)
    // The bound is F at the best c less what the tangent at x leaves out: inner products of y, A c and A x, all of which
    // are off by `roundoff` times the lengths at most; four times that covers the sums here, and the second order.
    let weights = rowSquares(ahead).map { $0.squareRoot() }
    var size = observationLength
    for j in 0..<count {
      size += lengths[j] * (weights[j] + (gains[j] >= least ? gains[j].squareRoot() : 0))
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
  /// 0...1, where θ makes Σ z_j = k.
  private func nearest(to v: [Double]) -> [Double] {
    let τ = 1 / steepness
    let norms = rowSquares(v, signed: isNonnegative).map { $0.squareRoot() }
    let descending = norms.sorted(by: >)
    guard let largest = descending.first, largest > 0 else {
      return [Double](repeating: 0, count: v.count)
    }
    /// Σ z_j for 1 / θ, and its derivative.
    func sum(_ inverse: Double) -> (value: Double, slope: Double) {
      var (value, slope) = (0.0, 0.0)
      for norm in descending {
        let z = norm * inverse - τ
        if z <= 0 { break }
        value += min(z, 1)
        if z < 1 { slope += norm }
      }
      return (value, slope)
    }
    // It ascends from 0; where the k largest are one, the sum is k at least, or nothing is above zero beside them. Newton's
    // method between bounds. Any z of about the sum does: it is a step, not a bound.
    var low = τ / largest
    var high = (1 + τ) / (descending.prefix(k).last { $0 > 0 } ?? largest)
    var inverse = high
    for _ in 0..<50 {
      let (value, slope) = sum(inverse)
      if value >= Double(k) { high = inverse } else { low = inverse }
      let miss = value - Double(k)
      if abs(miss) <= 1e-12 * Double(k) { break }
      let next = inverse - miss / slope
      inverse = next > low && next < high ? next : (low + high) / 2
    }
    var u = v
    for i in v.indices {
      let z = min(max(norms[i % count] * inverse - τ, 0), 1)
      u[i] = isNonnegative && v[i] < 0 ? 0 : v[i] * z / (z + τ)
    }
    return u
  }
}
