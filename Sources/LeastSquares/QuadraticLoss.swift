import CLAPACKE
import COpenBLAS
package import SparseCore

/// The squared loss of supports that consist of some chosen atoms and a few more of the candidates, as a function of the
/// coefficients of these: F(c) = ℓ − 2 bᵀc + cᵀH c.
///
/// For every c the chosen atoms have the coefficients that are best. With the Gram matrix G, which has the ridge on its
/// diagonal, H and b are what is left of G and Aᵀy without the span of the chosen atoms (Schur complements), and ℓ is the loss
/// of the chosen atoms alone. Several observations have b and c plane after plane, and their losses are added up.
package struct QuadraticLoss: Sendable {
  /// The candidates, as places among the atoms of the root.
  package let candidates: [Int]
  /// ℓ.
  package private(set) var leastLoss: Double
  /// H, |C| × |C|.
  private(set) var curvature: [Double]
  /// b, plane after plane.
  private(set) var slopes: [Double]
  /// The lengths of all that each candidate is a sum of: ‖a_j‖ with the ridge, and |w_p| ‖a_p‖ for what was taken away of the
  /// chosen ones. By the products of these are inner products off, times ``roundoff``.
  private var lengths: [Double]
  /// The same of y.
  private var observationLength: Double
  /// By how much rounding changes an inner product of vectors of length one.
  private let roundoff: Double

  /// The number of candidates, |C|.
  package var count: Int { candidates.count }
  private var planes: Int { slopes.count / max(count, 1) }

  /// No atom chosen, and all of `set` candidates: its Gram matrix is m · n² flops.
  ///
  /// - Parameter cancellation: by how much the rounding of its inner products exceeds that of gathered columns.
  package init(_ set: SwapSet, cancellation: Double) {
    candidates = Array(0..<set.count)
    curvature = set.gram
    slopes = set.correlations
    lengths = (0..<set.count).map { set.gram[$0 * (set.count + 1)].squareRoot() }
    leastLoss = set.observation.squaredNorm
    observationLength = leastLoss.squareRoot()
    // γ of a sum of m products, of a factor of n rows and of the sums of n numbers here (Higham 2002, §3.1, §10.1).
    let terms = set.atoms.rows + 3 * set.count + 4
    roundoff = Double(terms) * Double.ulpOfOne / 2 * cancellation
  }

  /// The same with some candidates chosen and others left out, of a loss with no atom chosen: 2 · c² flops for each chosen
  /// one, for the c chosen and kept.
  ///
  /// A candidate in the span of those chosen before lowers no loss, and so one that rounding cannot tell from it: it is
  /// nearer than some 10⁻⁶ of its length. Chosen, it changes nothing; else it is left out, and among `dependent`.
  package func choosing(
    _ chosen: [Int], among kept: [Int]
  ) -> (loss: QuadraticLoss, dependent: [Int]) {
    let place = Dictionary(uniqueKeysWithValues: zip(candidates, candidates.indices))
    // What is left out takes part in nothing.
    var rest = QuadraticLoss(self, (chosen + kept).compactMap { place[$0] })
    let floors = rest.lengths.map { 16 * roundoff * $0 * $0 }
    func isInSpan(_ place: Int) -> Bool {
      rest.curvature[place * (rest.count + 1)] <= floors[place]
    }
    for pivot in chosen.indices where !isInSpan(pivot) { rest.eliminate(pivot) }
    let others = chosen.count..<rest.count
    return (
      QuadraticLoss(rest, others.filter { !isInSpan($0) }),
      others.filter(isInSpan).map { rest.candidates[$0] }
    )
  }

  /// Minimises over the coefficient of one candidate.
  private mutating func eliminate(_ pivot: Int) {
    let n = count
    let column = Array(curvature[pivot * n..<(pivot + 1) * n])
    let inverse = 1 / column[pivot]
    let length = lengths[pivot]
    for i in 0..<n where i != pivot { lengths[i] += abs(column[i]) * inverse * length }
    let slope = (0..<planes).map { slopes[$0 * n + pivot] }.norm
    observationLength += slope * inverse * length
    cblas_dsyr(CblasColMajor, CblasLower, Int32(n), -inverse, column, 1, &curvature, Int32(n))
    for j in 0..<n { for i in 0..<j { curvature[i + j * n] = curvature[j + i * n] } }
    for l in 0..<planes {
      let slope = slopes[l * n + pivot]
      leastLoss = max(leastLoss - slope * slope * inverse, 0)
      for i in 0..<n { slopes[l * n + i] -= slope * inverse * column[i] }
    }
  }

  /// Some of the candidates of another loss, by their places.
  private init(_ loss: QuadraticLoss, _ places: [Int]) {
    candidates = places.map { loss.candidates[$0] }
    leastLoss = loss.leastLoss
    lengths = places.map { loss.lengths[$0] }
    curvature = places.flatMap { j in places.map { loss.curvature[$0 + j * loss.count] } }
    slopes = (0..<loss.planes).flatMap { l in places.map { loss.slopes[l * loss.count + $0] } }
    observationLength = loss.observationLength
    roundoff = loss.roundoff
  }

  /// What the loss is at least with each candidate by itself: the loss, less what rounding may add to it.
  package func entries() -> [(atom: Int, loss: Double)] {
    (0..<count).map { j in
      let square = (0..<planes).reduce(0) { $0 + slopes[$1 * count + j] * slopes[$1 * count + j] }
      let distance = curvature[j * (count + 1)]
      let size = observationLength + lengths[j] * square.squareRoot() / distance
      return (candidates[j], leastLoss - square / distance - 4 * roundoff * size * size)
    }
  }
}

extension QuadraticLoss {
  /// A lower bound on the loss of every support that adds at most k candidates, with what follows from it.
  package struct Bound: Sendable {
    /// The bound: rounding is taken off.
    package let loss: Double
    /// By how much each candidate lowers the bound of supports that have it. The bound is that of the k largest.
    package let gains: [Double]
    /// How large the relaxed coefficients are, in units in which candidates compare.
    package let weights: [Double]

    /// The places of the k largest gains; of equal ones the first.
    package func largest(_ k: Int) -> [Int] {
      places(ofLargest: k, in: gains)
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

  /// The candidate of which the others leave least: first to be decided where there is no bound. Nil without candidates.
  package var mostDependent: Int? {
    guard count > 0 else { return nil }
    let n = Int32(count)
    var factor = curvature
    let minor = LAPACKE_dpotrf(LAPACK_COL_MAJOR, .lower, n, &factor, n)
    guard minor == 0 else { return minor > 0 ? candidates[Int(minor) - 1] : nil }
    let pivots = (0..<count).map { factor[$0 * (count + 1)] / lengths[$0] }
    return pivots.indices.min { (pivots[$0], $0) < (pivots[$1], $1) }.map { candidates[$0] }
  }

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
  ) throws(RecoveryError) -> Bound? {
    guard var relaxation = try Relaxation(self, atMost: k, isNonnegative) else { return nil }
    var best = relaxation.bound()
    var earlier = best.loss
    for step in 1...max(steps, 1) where best.loss < target && !isCancelled() {
      relaxation.step()
      let next = relaxation.bound()
      if next.loss > best.loss { best = next }
      guard step % Self.stride == 0 else { continue }
      // Where steps as large as the latest ones do not get there, branching is what helps.
      let left = Double((steps - step) / Self.stride)
      if (best.loss - earlier) * left < target - best.loss { break }
      earlier = best.loss
    }
    return best
  }

  /// After how many steps progress is looked at.
  private static var stride: Int { 10 }

  /// The relaxation in coordinates u = D^½ c, where D is the identity.
  private struct Relaxation {
    private let k: Int
    private let isNonnegative: Bool
    private let loss: QuadraticLoss
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

    private var count: Int { loss.count }
    private var planes: Int { loss.planes }

    init?(_ loss: QuadraticLoss, atMost k: Int, _ isNonnegative: Bool) throws(RecoveryError) {
      LinearAlgebra.prepare()
      let n = loss.count
      self.loss = loss
      (self.k, self.isNonnegative) = (k, isNonnegative)
      var factor = loss.curvature
      let size = Int32(n)
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
      var scaled = loss.scaled(by: distances)
      var eigenvalues = [Double](repeating: 0, count: n)
      let whole = scaled
      try check(
        "dsyevd",
        LAPACKE_dsyevd(LAPACK_COL_MAJOR, .plain, .lower, size, &scaled, size, &eigenvalues))
      // The inner products are off by `roundoff` times the lengths: by that much of ‖·‖_F, and so of every eigenvalue.
      let inflation = zip(loss.lengths, distances).reduce(0) { $0 + ($1.0 / $1.1) * ($1.0 / $1.1) }
      let δ = (eigenvalues.first ?? 0) - 4 * loss.roundoff * inflation
      guard δ > 0, let largest = eigenvalues.last else { return nil }
      let root = δ.squareRoot()
      curvature = whole.map { $0 / δ }
      lengths = zip(loss.lengths, distances).map { $0 / ($1 * root) }
      slopes = loss.slopes.enumerated().map { $1 / (distances[$0 % n] * root) }
      steepness = max(largest / δ - 1, 0x1p-40)
      u = minimum.enumerated().map {
        let value = $1 * (distances[$0 % n] * root)
        return isNonnegative ? max(value, 0) : value
      }
      ahead = u
      look()
    }

    /// Computes g at the point ahead.
    private mutating func look() {
      let n = count
      image = [Double](repeating: 0, count: ahead.count)
      for l in 0..<planes {
        ahead.withUnsafeBufferPointer { ahead in
          image.withUnsafeMutableBufferPointer { image in
            guard let x = ahead.baseAddress, let z = image.baseAddress else { return }
            cblas_dsymv(
              CblasColMajor, CblasLower, Int32(n), 1, curvature, Int32(n), x + l * n, 1, 0,
              z + l * n, 1)
          }
        }
      }
      for i in image.indices { image[i] -= ahead[i] }
      g = zip(slopes, image).map(-)
    }

    /// The squares of the rows of x.
    private func rowSquares(_ x: some Sequence<Double>) -> [Double] {
      var squares = [Double](repeating: 0, count: count)
      for (i, x) in x.enumerated() { squares[i % count] += x * x }
      return squares
    }

    /// x, or what signs leave of it.
    private func allowed(_ x: [Double]) -> [Double] { isNonnegative ? x.map { max($0, 0) } : x }

    /// The bound at the point ahead.
    func bound() -> Bound {
      let gains = rowSquares(allowed(g))
      let chosen = places(ofLargest: k, in: gains)
      let value = zip(ahead, image).reduce(loss.leastLoss) { $0 - $1.0 * $1.1 }
      let sum = chosen.reduce(0) { $0 + gains[$1] }
      // The bound is F at the best c less what the tangent at x leaves out: inner products of y, A c and A x, all of which
      // are off by `roundoff` times the lengths at most; four times that covers the sums here, and the second order.
      let weights = rowSquares(ahead).map { $0.squareRoot() }
      var size = loss.observationLength
      for j in 0..<count { size += lengths[j] * weights[j] }
      for j in chosen { size += lengths[j] * gains[j].squareRoot() }
      return Bound(
        loss: max(value - sum - 4 * loss.roundoff * size * size, 0), gains: gains, weights: weights)
    }

    /// One step of the accelerated proximal gradient method, restarted where it turned around (Beck and Teboulle 2009;
    /// O'Donoghue and Candès 2015).
    mutating func step() {
      let moved = zip(ahead, g).map { $0 + $1 / steepness }
      let next = nearest(to: moved)
      let turned = zip(zip(ahead, next), u).reduce(0) { $0 + ($1.0.0 - $1.0.1) * ($1.0.1 - $1.1) }
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
      let norms = rowSquares(allowed(v)).map { $0.squareRoot() }
      let largest = norms.max() ?? 0
      guard largest > 0 else { return [Double](repeating: 0, count: v.count) }
      // With 1 / θ between its bounds the sum ascends from 0. Any z of sum k or less does: it is a step, not a bound.
      var (low, high) = (τ / largest, (1 + τ) / (norms.filter { $0 > 0 }.min() ?? largest))
      func sum(_ inverse: Double) -> Double {
        norms.reduce(0) { $0 + min(max($1 * inverse - τ, 0), 1) }
      }
      if sum(high) > Double(k) {
        for _ in 0..<50 {
          let middle = (low * high).squareRoot()
          if sum(middle) > Double(k) { high = middle } else { low = middle }
        }
      } else {
        low = high
      }
      return allowed(v).enumerated().map { i, v in
        let z = min(max(norms[i % count] * low - τ, 0), 1)
        return v * z / (z + τ)
      }
    }
  }

  /// H_ij / (s_i s_j).
  private func scaled(by s: [Double]) -> [Double] {
    var scaled = curvature
    for j in 0..<count { for i in 0..<count { scaled[i + j * count] /= s[i] * s[j] } }
    return scaled
  }
}

/// The places of the k largest numbers, in descending order; of equal ones the first.
private func places(ofLargest k: Int, in numbers: [Double]) -> [Int] {
  Array(numbers.indices.sorted { (numbers[$0], $1) > (numbers[$1], $0) }.prefix(k))
}
