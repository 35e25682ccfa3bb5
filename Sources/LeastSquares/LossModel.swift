import COpenBLAS
package import SparseCore

/// A loss near its minimum on a support, to second order: ℓ(u + δ) ≈ ℓ(u) − rᵀδ + ½ δᵀDδ, with the curvature D.
///
/// For least squares that is all there is, and what is said of exchanges is exact. Else it says which of them to try.
/// With signs, what they hold at zero stays there.
package struct LossModel {
  /// An exchange of the atom at a place of the support for another.
  package struct Move {
    /// The place of what leaves.
    package let place: Int
    /// The number of what enters, of those asked for.
    package let entry: Int
    /// How much larger the loss would be.
    package let change: Double
    /// By how much it would fall if nothing left.
    package let gain: Double
  }

  /// The loss at the minimum.
  package let loss: Double
  /// Whether there is a minimum, as ``LossFit/isAttained`` says. Else the coefficients that grow without bound have hardly
  /// any curvature, and what their atoms cost seems to vanish.
  package let isAttained: Bool
  private let problem: RecoveryProblem
  private let planes: [Plane]
  /// How many atoms the support has.
  private let size: Int

  /// - Parameters:
  ///   - planes: one for each observation, whose losses add up.
  ///   - ends: where their minima are.
  init(_ problem: RecoveryProblem, _ planes: [Plane], _ ends: [Newton.End], size: Int) {
    loss = ends.reduce(0) { $0 + $1.objective }
    isAttained = ends.allSatisfy(\.isAttained)
    self.problem = problem
    self.planes = planes
    self.size = size
  }

  /// How much larger the loss would be without each atom of the support: c_i² / 2 H⁻¹_ii, half the square of Wald's
  /// statistic.
  package var exitCosts: [Double] {
    planes.reduce(Array(repeating: 0, count: size)) { zip($0, $1.exitCosts(size)).map(+) }
  }

  /// The exchanges with the smallest losses, the best first: of each atom that enters, for what is worth least beside it.
  ///
  /// With v = H⁻¹ZᵀDa and s = aᵀDa + p − aᵀDZv, a in the support has the coefficient t = aᵀr / s and takes t v off the
  /// others: the loss falls by (aᵀr)²/2s (Rao's score), and what leaves costs (c_i − t v_i)² / 2(H⁻¹_ii + v_i²/s).
  /// With signs an atom enters where its coefficient, t + (c_i − t v_i) v_i / s(H⁻¹_ii + v_i²/s) in the end, is above
  /// zero for an observation. 2 · m · p flops for each atom and observation.
  package func moves(
    _ most: Int, entering candidates: [Int]
  ) throws(RecoveryError) -> [Move] {
    let exits = exitCosts
    var moves: [Move] = []
    try forEachBlock(of: candidates) { start, entries in
      let count = entries[0].count
      var changes = [Double](repeating: 0, count: size * count)
      for (plane, entries) in zip(planes, entries) {
        plane.addChanges(entries, isNonnegative: problem.model.isNonnegative, size, to: &changes)
      }
      for f in 0..<count {
        // What does not enter changes as much as what leaves costs.
        let places = (0..<size).filter { changes[f * size + $0] < exits[$0] }
        guard let place = places.min(by: { changes[f * size + $0] < changes[f * size + $1] })
        else { continue }
        moves.append(
          Move(
            place: place, entry: start + f, change: changes[f * size + place],
            gain: gain(f, of: entries)))
      }
      Self.keep(most, of: &moves)
    }
    return moves
  }

  /// The exchanges with the smallest losses where this is the model without the atom at a place: of each atom that enters,
  /// Rao's score alone.
  ///
  /// - Parameters:
  ///   - place: what the moves say of what leaves.
  ///   - cost: how much larger the loss is without it.
  package func moves(
    _ most: Int, entering candidates: [Int], inPlaceOf place: Int, costing cost: Double
  ) throws(RecoveryError) -> [Move] {
    var moves: [Move] = []
    try forEachBlock(of: candidates) { start, entries in
      for f in 0..<entries[0].count {
        let gain = gain(f, of: entries)
        if gain > 0 {
          moves.append(Move(place: place, entry: start + f, change: cost - gain, gain: gain))
        }
      }
      Self.keep(most, of: &moves)
    }
    return moves
  }

  /// By how much an atom that enters lowers the losses of all observations.
  private func gain(_ f: Int, of entries: [Plane.Entries]) -> Double {
    entries.reduce(0) { $0 + $1.gain(f, isNonnegative: problem.model.isNonnegative) }
  }

  /// The moves with the smallest changes, in their order.
  package static func keep(_ most: Int, of moves: inout [Move]) {
    moves.sort { ($0.change, $0.entry) < ($1.change, $1.entry) }
    if moves.count > most { moves.removeLast(moves.count - most) }
  }

  /// What each plane says of some atoms at a time: some megabytes. With the place of the first among all.
  private func forEachBlock(
    of candidates: [Int], _ body: (Int, [Plane.Entries]) -> Void
  ) throws(RecoveryError) {
    let width = max(1, (1 << 19) / problem.rows)
    for start in stride(from: 0, to: candidates.count, by: width) {
      let part = Array(candidates[start..<min(start + width, candidates.count)])
      let (block, penalties) = (try problem.atoms.block(part), part.map(problem.penalty))
      body(start, planes.map { $0.entries(block, penalties) })
    }
  }
}

extension LossModel {
  /// The model of one observation.
  struct Plane {
    private let rows: Int
    /// How many columns Z has: those of Q, then the atoms.
    private let count: Int
    private let first: Int
    /// The places in the support of the atoms in Z: all but those that signs hold at zero.
    private let places: [Int]
    /// E = D^½ Z W, of orthonormal columns.
    private let whitened: [Double]
    /// W, with W Wᵀ = H⁻¹ = (ZᵀDZ + P)⁻¹.
    private let factor: [Double]
    /// H⁻¹_ii of each atom in Z.
    private let variances: [Double]
    private let roots: [Double]
    /// r.
    private let residual: [Double]
    private let coefficients: [Double]

    /// - Throws: what ``Newton/minimize()`` throws.
    init(_ newton: Newton, _ end: Newton.End, places: [Int]) throws(RecoveryError) {
      let (rows, count) = (end.prediction.count, end.coefficients.count)
      let first = count - places.count
      (self.rows, self.count, self.first, self.places) = (rows, count, first, places)
      coefficients = Array(end.coefficients[first...])
      residual = end.point.slope.map(-)
      roots = end.point.curvature.map { $0.squareRoot() }
      let (whitened, factor) = try newton.whitened(at: end)
      (self.whitened, self.factor) = (whitened, factor)
      variances = (first..<count).map { p in
        stride(from: p, to: factor.count, by: count).reduce(0) { $0 + factor[$1] * factor[$1] }
      }
    }

    /// What each atom of a support of `size` costs.
    func exitCosts(_ size: Int) -> [Double] {
      var costs = [Double](repeating: 0, count: size)
      for (i, (place, c)) in zip(places, coefficients).enumerated() {
        costs[place] = c * c / (2 * variances[i])
      }
      return costs
    }

    /// What atoms that enter bring.
    struct Entries {
      /// aᵀr.
      let gradients: [Double]
      /// v, column after column.
      let v: [Double]
      /// s; infinite for an atom in the span of the support, as far as rounding lets one tell.
      let s: [Double]

      var count: Int { gradients.count }

      /// How much the loss falls with an atom added.
      func gain(_ f: Int, isNonnegative: Bool) -> Double {
        let t = gradients[f] / s[f]
        return isNonnegative && !(t > 0) ? 0 : gradients[f] * t / 2
      }
    }

    /// Looks at the atoms of a block.
    func entries(_ block: [Double], _ penalties: [Double]) -> Entries {
      let (m, p, n) = (Int32(rows), Int32(count), Int32(penalties.count))
      var (block, squares) = (block, penalties)
      var gradients = [Double](repeating: 0, count: penalties.count)
      cblas_dgemv(CblasColMajor, CblasTrans, m, n, 1, block, m, residual, 1, 0, &gradients, 1)
      for f in penalties.indices {
        for i in 0..<rows {
          block[f * rows + i] *= roots[i]
          squares[f] += block[f * rows + i] * block[f * rows + i]
        }
      }
      var cross = [Double](repeating: 0, count: count * penalties.count)
      var v = cross
      if count > 0 {
        cblas_dgemm(
          CblasColMajor, CblasTrans, CblasNoTrans, p, n, m, 1, whitened, m, block, m, 0, &cross, p)
        cblas_dgemm(
          CblasColMajor, CblasNoTrans, CblasNoTrans, p, n, p, 1, factor, p, cross, p, 0, &v, p)
      }
      let s = penalties.indices.map { f in
        let s = (0..<count).reduce(squares[f]) {
          $0 - cross[f * count + $1] * cross[f * count + $1]
        }
        return s > 1e-10 * squares[f] ? s : .infinity
      }
      return Entries(gradients: gradients, v: v, s: s)
    }

    /// Adds how much larger the loss becomes with each atom of a block in the place of each of the support, an atom after
    /// the other: infinitely for an atom in the span of the support.
    func addChanges(
      _ entries: Entries, isNonnegative: Bool, _ size: Int, to changes: inout [Double]
    ) {
      let exits = exitCosts(size)
      for f in 0..<entries.count {
        let s = entries.s[f]
        let isFree = s < .infinity
        let t = entries.gradients[f] / s
        // In the place of one that is held at zero.
        let gain = entries.gain(f, isNonnegative: isNonnegative)
        var own = [Double](repeating: isFree ? -gain : .infinity, count: size)
        for (i, (place, c)) in zip(places, coefficients).enumerated() where isFree {
          let turn = entries.v[f * count + first + i]
          let rest = c - t * turn
          let variance = variances[i] + turn * turn / s
          let enters = !isNonnegative || t + rest * turn / (s * variance) > 0
          own[place] =
            enters ? rest * rest / (2 * variance) - entries.gradients[f] * t / 2 : exits[place]
        }
        for place in 0..<size { changes[f * size + place] += own[place] }
      }
    }
  }
}
