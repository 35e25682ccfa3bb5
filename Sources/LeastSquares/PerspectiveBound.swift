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

  /// - Parameters:
  ///   - loss: with rounding taken off.
  ///   - gains: of every candidate, no less than they are.
  ///   - weights: of every candidate.
  package init(loss: Double, gains: [Double], weights: [Double]) {
    (self.loss, self.gains, self.weights) = (loss, gains, weights)
  }

  /// The places of the k largest gains, in descending order; of equal ones the first: O(|C|) where they are in no order.
  package func largest(_ k: Int) -> [Int] { gains[...].placesOfLargest(k) }

  /// The candidate with the largest relaxed coefficients.
  package var mostWeighted: Int {
    weights.indices.max { (weights[$0], $1) < (weights[$1], $0) } ?? 0
  }

  /// Candidates that every support of a loss below `target` has, and such that none has: by the bound without one of the k
  /// largest gains, and by that with another one in the place of the last of them.
  /// None where k is not less than the number of candidates.
  package func settled(atMost k: Int, target: Double) -> (chosen: [Int], leftOut: [Int]) {
    guard k < gains.count else { return ([], []) }
    let order = largest(k + 1)
    let (last, next) = (gains[order[k - 1]], gains[order[k]])
    let first = Set(order.prefix(k))
    return (
      order.prefix(k).filter { loss + gains[$0] - next >= target },
      gains.indices.filter { !first.contains($0) && loss + last - gains[$0] >= target }
    )
  }
}

extension ArraySlice<Double> {
  /// The places of the k largest, in descending order; of equal ones the first. O(n) where they are in no order.
  func placesOfLargest(_ k: Int) -> [Int] {
    var largest: [Int] = []
    guard k > 0 else { return largest }
    for place in indices {
      if largest.count == k {
        guard self[place] > self[largest[k - 1]] else { continue }
        largest.removeLast()
      }
      var (low, high) = (0, largest.count)
      while low < high {
        let middle = (low + high) / 2
        if self[largest[middle]] >= self[place] { low = middle + 1 } else { high = middle }
      }
      largest.insert(place, at: low)
    }
    return largest
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
    guard let distances = try distances() else { return nil }
    var relaxation = Relaxation(
      self, roots: distances.roots, curvature(scaledBy: distances.roots),
      steepness: distances.steepness, atMost: k, isNonnegative, from: distances.minimum)
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

  /// D^½ of the largest D, the largest eigenvalue of D^-½ (H − D) D^-½, and the c with the smallest loss of all. Nil where the
  /// candidates are linearly dependent.
  private func distances() throws(RecoveryError) -> (
    roots: [Double], steepness: Double, minimum: [Double]
  )? {
    let (n, size) = (count, Int32(count))
    guard let (inverse, minimum) = try LeastSquares.inverse(of: curvature, times: slopes) else {
      return nil
    }
    // The distances from the span of all others.
    let distances = (0..<n).map { (1 / inverse[$0 * (n + 1)]).squareRoot() }
    var (scaled, eigenvalues) = (
      curvature(scaledBy: distances), [Double](repeating: 0, count: n)
    )
    try check(
      "dsyevd",
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, .plain, .lower, size, &scaled, size, &eigenvalues))
    // The inner products are off by `roundoff` times the lengths: by that much of ‖·‖_F, and so of every eigenvalue.
    let inflation = zip(lengths, distances).reduce(0) { $0 + ($1.0 / $1.1) * ($1.0 / $1.1) }
    let δ = (eigenvalues.first ?? 0) - 4 * roundoff * inflation
    guard δ > 0, let largest = eigenvalues.last else { return nil }
    return (distances.map { $0 * δ.squareRoot() }, max(largest / δ - 1, 0x1p-40), minimum)
  }

  /// A point near the best one of the relaxation with the ridge as D, of which the first `chosen` candidates are in every
  /// support: coefficients of all candidates, plane after plane; what the relaxation is worth there, which no bound of these
  /// candidates exceeds; and how many steps led to it.
  ///
  /// Here D is less than ``bound(atMost:target:isNonnegative:steps:isCancelled:)`` has, but it is so whatever other candidates
  /// there are. It ends where ten steps bring the bound nearer to `target` by less than a thousandth, or bring it there.
  /// Some n² flops a step and observation.
  ///
  /// - Parameters:
  ///   - k: the most candidates beside the chosen ones.
  ///   - start: the coefficients to begin with.
  package func relaxed(
    chosen: Int, atMost k: Int, target: Double, isNonnegative: Bool, from start: [Double],
    steps: Int, isCancelled: () -> Bool
  ) -> (coefficients: [Double], value: Double, steps: Int) {
    let roots = penalties.map { $0.squareRoot() }
    let scaled = curvature(scaledBy: roots)
    var relaxation = Relaxation(
      self, roots: roots, scaled, steepness: Self.steepness(scaled, count), chosen: chosen,
      atMost: k, isNonnegative, from: start)
    var best = (loss: relaxation.bound().loss, point: relaxation.point, steps: 0)
    var value = Double.infinity
    for step in stride(from: 1, through: steps, by: 1) where !isCancelled() {
      relaxation.step()
      let loss = relaxation.bound().loss
      if loss > best.loss { best = (loss, relaxation.point, step) }
      guard step % Self.lookEvery == 0 else { continue }
      value = min(value, relaxation.value())
      if best.loss >= target || value - best.loss < 0.02 * (target - best.loss) { break }
    }
    return (best.point, value, best.steps)
  }

  /// The largest eigenvalue of D^-½ (H − D) D^-½ to about a tenth, of n × n numbers D^-½ H D^-½, by the power method: the
  /// length of steps, on which no bound depends.
  private static func steepness(_ scaled: [Double], _ n: Int) -> Double {
    var vector = (0..<n).map { 1 + 0.5 * Double($0 % 3) }
    var largest = 0x1p-40
    for _ in 0..<powerSteps {
      let norm = vector.norm
      guard norm > 0 else { break }
      vector = vector.map { $0 / norm }
      let unit = vector
      cblas_dsymv(
        CblasColMajor, CblasLower, Int32(n), 1, scaled, Int32(n), unit, 1, -1, &vector, 1)
      largest = max(largest, vector.norm)
    }
    return 1.1 * largest
  }

  private static var powerSteps: Int { 20 }

  /// H_ij / (s_i s_j).
  func curvature(scaledBy s: [Double]) -> [Double] {
    var scaled = curvature
    let (inverse, n) = (s.map { 1 / $0 }, count)
    scaled.withUnsafeMutableBufferPointer { scaled in
      for j in 0..<n {
        for i in 0..<n { scaled[i + j * n] *= inverse[i] * inverse[j] }
      }
    }
    return scaled
  }
}
