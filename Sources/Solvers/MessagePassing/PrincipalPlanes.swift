import LeastSquares
import SparseCore

/// Observations that share a support, turned onto their principal axes: Y V, with Y = U Σ Vᵀ.
///
/// V is orthogonal: ‖Y − A X‖_F, the rows of X that are not zero and white noise are those of Y V − A X V. The planes of
/// Y V are uncorrelated, so that each counts as evidence of its own, and those that are zero but for rounding are left
/// out: an observation that is a combination of others adds nothing. One observation is left as it is.
struct PrincipalPlanes: Sendable {
  /// Y V, plane after plane, the largest first.
  let entries: [Double]
  /// How many planes there are, at least one.
  let count: Int
  /// ‖Y v_l‖₂² of each.
  let energies: [Double]
  /// How many observations there are, L.
  private let observations: Int
  /// V, L × `count`, column-major.
  private let axes: [Double]

  /// Some 6 · m · L · min(m, L) flops.
  ///
  /// - Parameter observations: L vectors of length m, one after another.
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  init(_ observations: [Double], count observationCount: Int) throws(RecoveryError) {
    self.observations = observationCount
    guard observationCount > 1 else {
      (entries, count, axes) = (observations, 1, [1])
      energies = [observations.squaredNorm]
      return
    }
    let m = observations.count / observationCount
    let parts = try singularValues(observations, rows: m, columns: observationCount)
    let largest = parts.values.first ?? 0
    let rounding = Double(max(m, observationCount)) * .ulpOfOne * largest
    let count = max(1, parts.values.count { $0 > rounding })
    self.count = count
    entries = (0..<count).flatMap { l in
      parts.left[l * m..<(l + 1) * m].map { $0 * parts.values[l] }
    }
    axes = (0..<count).flatMap { l in
      (0..<observationCount).map { parts.right[l + $0 * parts.values.count] }
    }
    energies = parts.values[..<count].map { $0 * $0 }
  }

  /// Plane `l`.
  subscript(l: Int) -> [Double] { entries.part(l, of: count) }

  /// What a row of one number for each observation is in the planes.
  func turned(_ row: [Double]) -> [Double] {
    (0..<count).map { l in
      (0..<observations).reduce(0) { $0 + axes[l * observations + $1] * row[$1] }
    }
  }

  /// What rows of one number for each plane are in the observations; both one vector after another.
  private func turnedBack(_ rows: [Double]) -> [Double] {
    let n = rows.count / count
    var result = [Double](repeating: 0, count: n * observations)
    for o in 0..<observations {
      for l in 0..<count {
        let part = axes[l * observations + o]
        for i in 0..<n { result[o * n + i] += part * rows[l * n + i] }
      }
    }
    return result
  }

  /// μ of a prior to begin with, relative to the roots of the mean squares. Nonzeros of any sign are away from zero along
  /// the first axis; those of one sign are so for every observation.
  func meanShares(_ share: Double, isOneSided: Bool) -> [Double] {
    guard isOneSided, observations > 1 else {
      return [share] + [Double](repeating: 0, count: count - 1)
    }
    let sizes = (0..<observations).map { o in
      (0..<count).reduce(0) {
        let part = axes[$1 * observations + o]
        return $0 + part * part * energies[$1]
      }.squareRoot()
    }
    return zip(turned(sizes), energies).map {
      $1 > 0 ? max(-share, min(share, share * $0 / $1.squareRoot())) : 0
    }
  }

  /// The columns of the `count` largest rows of scores, by their norms, in ascending order; where coefficients must not be
  /// negative, by the norms of what would grow. Rows of zeros are never among them. O(n) for each observation.
  ///
  /// - Parameters:
  ///   - scores: a number for each of `columns` and each plane, plane after plane.
  ///   - columns: in ascending order.
  func support(
    _ count: Int, of scores: [Double], columns: [Int], isNonnegative: Bool
  ) -> [Int] {
    guard observations > 1 else {
      return leadingSupport(count, of: scores, columns: columns, isNonnegative: isNonnegative)
    }
    let norms =
      isNonnegative
      ? rowMagnitudes(of: turnedBack(scores).map { max($0, 0) }, planes: observations)
      : rowMagnitudes(of: scores, planes: self.count)
    return leadingSupport(count, of: norms, columns: columns, isNonnegative: false)
  }
}
