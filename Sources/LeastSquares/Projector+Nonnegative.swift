package import SparseCore

extension Projector {
  /// argmin ‖A_S c − y‖₂ over c ≥ 0, by the active-set method of Lawson and Hanson (1974, chapter 23).
  ///
  /// Some k projections on subsets of the support, k³/3 flops each.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func projectNonnegative(
    onto support: [Int]
  ) throws(RecoveryError) -> Projection {
    var c = [Double](repeating: 0, count: support.count)
    var passive = [Bool](repeating: false, count: support.count)
    var best = Projection(
      coefficients: c, residual: observation.map(-),
      fit: Fit(
        residualNorm: observation.squaredNorm.squareRoot(), method: .cholesky, rank: support.count,
        isGramAccurate: true))
    // A multiplier within the rounding of a correlation is zero.
    let rounding = 4 * Double(slots.rows) * Double.ulpOfOne * best.residualNorm
    // Each round ends with a smaller loss, so that none repeats but by rounding.
    for _ in 0..<3 * support.count + 3 {
      let gradient = try correlate(best.residual, with: support)
      let entering = support.indices.filter { !passive[$0] }.min { gradient[$0] < gradient[$1] }
      guard let entering, gradient[entering] < -rounding else { break }
      passive[entering] = true
      guard let next = try settle(&c, &passive, support), next.residualNorm < best.residualNorm
      else { break }
      // What is held at zero is no sign of dependent columns.
      let fit = Fit(
        residualNorm: next.residualNorm, method: next.method, rank: support.count,
        isGramAccurate: next.isGramAccurate)
      best = Projection(coefficients: c, residual: next.residual, fit: fit)
    }
    return best
  }

  /// Moves c to the projection on the passive atoms, making those active that reach zero before.
  private mutating func settle(
    _ c: inout [Double], _ passive: inout [Bool], _ support: [Int]
  ) throws(RecoveryError) -> Projection? {
    while true {
      let places = support.indices.filter { passive[$0] }
      guard !places.isEmpty else { return nil }
      let target = try project(onto: places.map { support[$0] })
      /// The part of the way at which a coefficient reaches zero.
      func part(_ place: Int, _ wanted: Double) -> Double {
        wanted > 0 ? 1 : c[place] / (c[place] - wanted)
      }
      let steps = zip(places, target.coefficients).map { part($0, $1) }
      let step = steps.reduce(1) { min($0, $1) }
      for ((place, wanted), own) in zip(zip(places, target.coefficients), steps) {
        let leaves = wanted <= 0 && own <= step
        c[place] = leaves ? 0 : step == 1 ? wanted : c[place] + step * (wanted - c[place])
        passive[place] = !leaves
      }
      if step == 1, target.coefficients.allSatisfy({ $0 > 0 }) { return target }
    }
  }
}
