import CLAPACKE
import COpenBLAS
package import SparseCore

/// A loss near its minimum on a support, to second order: ℓ(u + δ) ≈ ℓ(u) − rᵀδ + ½ δᵀDδ, with the curvature D.
///
/// For least squares that is all there is, and what is said of exchanges is exact. Else it says which of them to try.
package struct LossModel {
  /// An exchange of the atom at a place of the support for another.
  package struct Move {
    /// The place of what leaves.
    package let place: Int
    /// The number of what enters, of those asked for.
    package let entry: Int
    /// How much larger the loss would be.
    package let change: Double
  }

  private let problem: RecoveryProblem
  private let rows: Int
  /// How many columns Z has: those of Q, then the atoms.
  private let count: Int
  private let first: Int
  /// D^½ Z.
  private let scaled: [Double]
  private let roots: [Double]
  /// r.
  private let residual: [Double]
  private let coefficients: [Double]
  /// (ZᵀDZ + P)⁻¹, both halves.
  private let inverse: [Double]

  /// Nil where ZᵀDZ + P has no inverse.
  ///
  /// - Parameters:
  ///   - columns: Z.
  ///   - size: how many of its last columns are the atoms of the support.
  init?(
    _ problem: RecoveryProblem, _ columns: [Double], _ penalties: [Double], _ end: Newton.End,
    size: Int
  ) {
    self.problem = problem
    rows = problem.rows
    count = end.coefficients.count
    first = count - size
    coefficients = Array(end.coefficients[first...])
    residual = end.point.slope.map(-)
    roots = end.point.curvature.map { $0.squareRoot() }
    var scaled = columns
    for p in 0..<count { for i in 0..<rows { scaled[p * rows + i] *= roots[i] } }
    self.scaled = scaled
    var h = innerProducts(scaled, rows: rows, count: count)
    for p in 0..<count { h[p * (count + 1)] += penalties[p] }
    let n = Int32(count)
    guard count > 0, LAPACKE_dpotrf(LAPACK_COL_MAJOR, .lower, n, &h, n) == 0,
      LAPACKE_dpotri(LAPACK_COL_MAJOR, .lower, n, &h, n) == 0
    else { return nil }
    for q in 0..<count { for p in 0..<q { h[q * count + p] = h[p * count + q] } }
    guard h.allSatisfy(\.isFinite) else { return nil }
    inverse = h
  }

  /// How much larger the loss would be without each atom of the support: c_i² / 2 H⁻¹_ii, half the square of Wald's
  /// statistic.
  package var exitCosts: [Double] {
    coefficients.enumerated().map { i, c in
      c * c / (2 * inverse[(first + i) * (count + 1)])
    }
  }

  /// The exchanges with the smallest losses, the best first: of each atom that enters, for what is worth least beside it.
  ///
  /// With v = H⁻¹ZᵀDa and s = aᵀDa + p − aᵀDZv, a in the support has the coefficient t = aᵀr / s and takes t v off the
  /// others: the loss falls by (aᵀr)²/2s (Rao's score), and what leaves costs (c_i − t v_i)² / 2(H⁻¹_ii + v_i²/s).
  /// 2 · m · p flops for each atom.
  package func moves(
    _ most: Int, entering candidates: [Int]
  ) throws(RecoveryError) -> [Move] {
    var moves: [Move] = []
    // Few atoms at a time: some megabytes.
    let width = max(1, (1 << 19) / rows)
    for start in stride(from: 0, to: candidates.count, by: width) {
      let part = Array(candidates[start..<min(start + width, candidates.count)])
      var block = try problem.atoms.block(part)
      let (m, p, n) = (Int32(rows), Int32(count), Int32(part.count))
      var gradients = [Double](repeating: 0, count: part.count)
      cblas_dgemv(
        CblasColMajor, CblasTrans, m, n, 1, block, m, residual, 1, 0, &gradients, 1)
      var squares = part.map(problem.penalty)
      for f in part.indices {
        for i in 0..<rows {
          block[f * rows + i] *= roots[i]
          squares[f] += block[f * rows + i] * block[f * rows + i]
        }
      }
      var (cross, v) = ([Double](repeating: 0, count: count * part.count), [Double]())
      v = cross
      cblas_dgemm(
        CblasColMajor, CblasTrans, CblasNoTrans, p, n, m, 1, scaled, m, block, m, 0, &cross, p)
      cblas_dgemm(
        CblasColMajor, CblasNoTrans, CblasNoTrans, p, n, p, 1, inverse, p, cross, p, 0, &v, p)
      for f in part.indices {
        let s = (0..<count).reduce(squares[f]) { $0 - cross[f * count + $1] * v[f * count + $1] }
        // An atom in the span of the support, as far as rounding lets one tell.
        guard s > 1e-10 * squares[f] else { continue }
        let t = gradients[f] / s
        let costs = coefficients.indices.map { i in
          let turn = v[f * count + first + i]
          let c = coefficients[i] - t * turn
          return c * c / (2 * (inverse[(first + i) * (count + 1)] + turn * turn / s))
        }
        guard let place = costs.indices.min(by: { costs[$0] < costs[$1] }) else { continue }
        moves.append(
          Move(place: place, entry: start + f, change: costs[place] - gradients[f] * t / 2))
      }
      moves.sort { ($0.change, $0.entry) < ($1.change, $1.entry) }
      if moves.count > most { moves.removeLast(moves.count - most) }
    }
    return moves
  }
}
