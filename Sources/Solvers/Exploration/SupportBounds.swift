import SparseCore

/// Upper bounds of |u_j| outside the working set, at every state of a block.
///
/// Between neighbouring checkpoints a < t < b, with θ = (t − a)/(b − a), u is linear up to
/// D = Rᵗ − (1−θ) Rᵃ − θ Rᵇ, so that
///
///     |u_jᵗ| ≤ (1−θ) max|u_jᵃ| + θ max|u_jᵇ| + ‖a_j‖₂ ‖D‖₂.
///
/// A support is proved when this, with a margin for rounding, stays below the smallest magnitude
/// selected. Magnitudes that tie with it count as violations.
struct SupportBounds {
  private let thresholds: [Double]
  /// ⟨Rˢ − R⁰, Rᵗ − R⁰⟩, count × count.
  private let products: [Double]
  private let count: Int
  private let atomNorm: Double
  /// What rounding may change in |u_jᵗ|, on the engine and on the host.
  private let engineMargins: [Double]
  private let hostMargins: [Double]
  /// How far rounding may move an inner product, relative to the squares of its factors.
  private let productError: Double
  /// The largest magnitude outside at each checkpoint, with the margin of the engine, or of the host
  /// where it was computed anew.
  private var peaks: [Int: Double]

  init(
    _ block: Block, _ problem: RecoveryProblem, _ precision: Precision, storageRoundoff: Double,
    total: [Double], start: Double
  ) {
    thresholds = block.states.map(\.threshold)
    products = block.sumProducts()
    count = block.states.count + 1
    atomNorm = problem.atoms.largestNorm * (1 + 1e-12)
    // |fl(aᵀr) − aᵀr| ≤ (m + 2) u ‖a‖ ‖r‖ in any order of summation, to first order in u (Higham
    // 2002, §3.1); twice that covers the rounding of atoms and residuals as well. Atoms stored less
    // precisely add ‖ã − a‖ ‖r‖, by Cauchy and Schwarz.
    let rows = Double(problem.rows + 8)
    let totalNorm = total.squaredNorm.squareRoot()
    let (products, count) = (products, count)
    let norms = (0..<count).map { totalNorm + products[$0 * (count + 1)].squareRoot() }
    let engineUnit = precision == .single ? 0x1p-24 : 0x1p-53
    func margin(_ unit: Double, _ storageRoundoff: Double) -> Double {
      (1 + 1e-12)
        * problem.atoms.correlationError(
          sumRoundoff: 2 * rows * unit, storageRoundoff: storageRoundoff)
    }
    let (engineMargin, hostMargin) = (margin(engineUnit, storageRoundoff), margin(0x1p-53, 0))
    engineMargins = norms.map { engineMargin * $0 }
    hostMargins = norms.map { hostMargin * $0 }
    productError = rows * 0x1p-53
    peaks = [0: start + engineMargins[0]]
  }

  /// Notes the largest magnitude outside at checkpoint `t`.
  mutating func note(_ peak: Double, at t: Int) {
    peaks[t] = peak * (1 + 1e-6) + engineMargins[t]
  }

  /// Where an engine told that the largest magnitude outside at checkpoint `t` is `peak`: the least
  /// magnitude that may reach the threshold in truth, if that is what remains to be found out. Nil
  /// where the support is proved, or is wrong whatever rounding did.
  func leastDoubtful(_ peak: Double, at t: Int) -> Double? {
    guard t < thresholds.count, !isProved(t) else { return nil }
    let least = thresholds[t] * (1 - 0x1p-31) - hostMargins[t] - engineMargins[t]
    return peak - engineMargins[t] < thresholds[t] ? least : nil
  }

  /// Notes better knowledge of the largest magnitude outside at checkpoint `t`: some were computed
  /// on the host, and none of the others is larger than `others` as the engine computes it.
  mutating func note(onHost peak: Double, others: Double, at t: Int) {
    peaks[t] = max(peak + hostMargins[t], others * (1 + 1e-6) + engineMargins[t])
  }

  /// What rounding may change in a magnitude that the engine computes at state `t`.
  func engineMargin(at t: Int) -> Double { engineMargins[t] }

  /// The checkpoints to compute first, so that one pass probably proves everything up to `last`.
  ///
  /// - Parameter growth: of the peaks in an iteration; nil when nothing is known about it.
  func plan(growth: Double?, last: Int) -> [Int] {
    guard last > 0 else { return [] }
    guard let growth else { return Array(1...last) }
    let start = peaks[0] ?? 0
    func expected(_ t: Int) -> Double { start + 1.25 * growth * Double(t) }
    var plan: [Int] = []
    var from = 0
    while from < last {
      var to = from + 1
      while to < last,
        (from + 1...to).allSatisfy({ t in
          isBelow(t, between(from, expected(from), to + 1, expected(to + 1), at: t))
        })
      { to += 1 }
      plan.append(to)
      from = to
    }
    return plan
  }

  /// The first checkpoint whose support is not proved although its peak is known.
  func firstViolation(before end: Int) -> Int? {
    peaks.keys.filter { $0 > 0 && $0 < end && !isProved($0) }.min()
  }

  /// The states whose supports are not proved yet.
  func unproved(before end: Int) -> [Int] {
    (1..<max(end, 1)).filter { !isProved($0) }
  }

  /// How much the peak grew in an iteration from the start to checkpoint `last`.
  func growth(to last: Int) -> Double? {
    guard last > 0, let start = peaks[0], let end = peaks[last] else { return nil }
    return max(0, end - start) / Double(last)
  }

  private func isProved(_ t: Int) -> Bool {
    if let peak = peaks[t] { return isBelow(t, peak) }
    guard let a = peaks.keys.filter({ $0 < t }).max(), let peakA = peaks[a],
      let b = peaks.keys.filter({ $0 > t }).min(), let peakB = peaks[b]
    else { return false }
    return isBelow(t, between(a, peakA, b, peakB, at: t))
  }

  private func isBelow(_ t: Int, _ bound: Double) -> Bool {
    bound + hostMargins[t] < thresholds[t] * (1 - 0x1p-31)
  }

  /// The bound at t between two checkpoints with known peaks.
  private func between(
    _ a: Int, _ peakA: Double, _ b: Int, _ peakB: Double, at t: Int
  ) -> Double {
    let θ = Double(t - a) / Double(b - a)
    func product(_ s: Int, _ t: Int) -> Double { products[s + t * count] }
    let square =
      product(t, t) + (1 - θ) * (1 - θ) * product(a, a) + θ * θ * product(b, b)
      - 2 * (1 - θ) * product(t, a) - 2 * θ * product(t, b)
      + 2 * θ * (1 - θ) * product(a, b)
    let error = 8 * productError * (product(t, t) + product(a, a) + product(b, b))
    return (1 - θ) * peakA + θ * peakB + atomNorm * (max(square, 0) + error).squareRoot()
  }
}
