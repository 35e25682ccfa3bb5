import SparseCore

/// Upper bounds of the scores outside the working set, at every state of a block.
///
/// Between neighbouring checkpoints a < t < b, with θ = (t − a)/(b − a), u is linear up to
/// D = Rᵗ − (1−θ) Rᵃ − θ Rᵇ, so that
///
///     |u_jᵗ| ≤ (1−θ) max|u_jᵃ| + θ max|u_jᵇ| + ‖a_j‖₂ ‖D‖₂,
///
/// and u_jᵗ likewise. Of several observations u_j is a row, its magnitude the norm of that, and ‖D‖ the Frobenius norm:
/// the triangle inequality and ‖a_jᵀD‖₂ ≤ ‖a_j‖₂ ‖D‖_F give the same bound. A support is proved when this, with a margin for rounding, stays below the
/// smallest score selected. Scores that tie with it count as violations.
struct SupportBounds {
  private let thresholds: [Double]
  private let path: BlockPath
  private let atomNorm: Double
  /// What rounding may change in |u_jᵗ|, on the engine and on the host.
  private let engineMargins: [Double]
  private let hostMargins: [Double]
  /// The largest score outside at each checkpoint, with the margin of the engine, or of the host
  /// where it was computed anew.
  private var peaks: [Int: Double]

  /// - Parameters:
  ///   - norm: ‖R‖ at the start of the block.
  ///   - offset: max |u⁰_j|.
  ///   - start: no score outside exceeds this at the start.
  init(_ block: Block, _ workspace: Workspace, norm: Double, offset: Double, start: Double) {
    let (problem, engine) = (workspace.problem, workspace.engine)
    thresholds = block.states.map(\.threshold)
    let path = BlockPath(block, problem)
    let atomNorm = problem.atoms.largestNorm * (1 + 1e-12)
    // |fl(aᵀr) − aᵀr| ≤ (m + 2) u ‖a‖ ‖r‖ in any order of summation, to first order in u (Higham
    // 2002, §3.1); twice that covers the rounding of atoms and residuals as well. Atoms stored less
    // precisely add ‖ã − a‖ ‖r‖, by Cauchy and Schwarz. What u⁰ loses when it is stored and added is
    // 2 u |u⁰_j|, and R itself is rounded when it is formed.
    let rows = Double(problem.rows + 8)
    func margins(_ unit: Double, _ storageRoundoff: Double) -> [Double] {
      let relative = problem.atoms.correlationError(
        sumRoundoff: 2 * rows * unit, storageRoundoff: storageRoundoff)
      return path.lengths.indices.map { t in
        let error = relative * (norm + path.lengths[t]) + 4 * unit * offset
        return (1 + 1e-12) * error + atomNorm * path.formationError(of: t, from: norm)
      }
    }
    engineMargins = margins(
      engine.precision == .single ? 0x1p-24 : 0x1p-53, engine.storageRoundoff)
    hostMargins = margins(0x1p-53, 0)
    peaks = [0: start + engineMargins[0]]
    (self.path, self.atomNorm) = (path, atomNorm)
  }

  /// Notes the largest score outside at checkpoint `t`.
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
    /// Whether checkpoints at `from` and `to` probably prove all states between.
    func proves(_ from: Int, _ to: Int) -> Bool {
      (from + 1..<to).allSatisfy { t in
        isBelow(t, between(from, expected(from), to, expected(to), at: t))
      }
    }
    var plan = [0]
    while let from = plan.last, from < last {
      // As far as it goes: in strides that double, then halve.
      var (to, stride) = (from + 1, 1)
      while to < last, proves(from, min(to + stride, last)) {
        to = min(to + stride, last)
        stride *= 2
      }
      while stride > 1 {
        stride /= 2
        if to + stride <= last, proves(from, to + stride) { to += stride }
      }
      plan.append(to)
    }
    return Array(plan.dropFirst())
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
    return (1 - θ) * peakA + θ * peakB + atomNorm * path.deviation(t, between: a, and: b)
  }
}
