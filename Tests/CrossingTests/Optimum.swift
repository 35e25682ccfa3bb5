import SparseRecovery
import SparseRecoveryTesting

extension Findings {
  /// What promises the best of all supports is compared with all of them, where they are few.
  mutating func compareWithOptimum(_ found: [Trial.Found], _ trial: Trial) {
    // Under another loss nobody promises it.
    guard trial.row[Method.self].findsOptimum, trial.row[Minimised.self] == .squares else { return }
    let isJoint = trial.row[Observations.self] == .joint
    let groups = isJoint ? [found] : found.map { [$0] }
    for group in groups {
      guard let first = group.first else { continue }
      let oracles = group.map { trial.oracles[$0.observation] }
      let usable = oracles[0].usable
      let selected = max(
        0, min(first.sparsity - trial.includedSize, trial.size(of: usable)))
      let isNonnegative = trial.model.isNonnegative
      if isNonnegative, selected == usable.count {
        // Nothing to choose: the problem is convex.
        for (oracle, item) in zip(oracles, group) { expectNoneEnters(item, usable, oracle) }
        continue
      }
      // Of all nonnegative solutions with at most k columns, those that are least squares.
      let sizes = isNonnegative && !isJoint ? 0...selected : selected...selected
      let choices = trial.size(of: usable)
      guard sizes.reduce(0, { $0 + numberOfSubsets($1, of: choices) }) <= 1.1e4 else {
        continue
      }
      var (best, place) = (Double.infinity, [Int]())
      for size in sizes {
        for subset in trial.supports(of: size, among: usable) {
          let support = (trial.model.included + subset).sorted()
          let loss = oracles.reduce(0) { sum, oracle in
            sum + (isJoint ? oracle.constrainedLoss(support) : oracle.ownLoss(support))
          }
          if loss < best { (best, place) = (loss, support) }
        }
      }
      let loss = zip(oracles, group).reduce(0) { $0 + $1.0.loss(of: $1.1.solution) }
      let tolerance = oracles.reduce(0) { $0 + $1.lossTolerance($1.observationNorm) }
      expect(
        loss <= best + tolerance,
        "observation \(first.observation), k = \(first.sparsity): twice the loss is \(loss) on "
          + "\(first.solution.support), the best of all supports is \(place) with \(best)")
    }
  }
}

extension Oracle {
  /// The loss of least squares on a support, infinite where a coefficient has a forbidden sign.
  func ownLoss(_ support: [Int]) -> Double {
    let fit = fit(support)
    guard model.isNonnegative else { return fit.loss }
    return fit.condition.isFinite && fit.coefficients.allSatisfy { $0 > 0 } ? fit.loss : .infinity
  }
}

/// n! / (k! (n − k)!).
func numberOfSubsets(_ k: Int, of n: Int) -> Double {
  (0..<k).reduce(1) { ($0 * Double(n - $1) / Double($1 + 1)).rounded() }
}

/// Calls `body` with every subset of so many elements.
func forEachSubset(_ count: Int, of elements: [Int], _ body: ([Int]) -> Void) {
  func extend(_ chosen: [Int], from first: Int) {
    guard chosen.count < count else { return body(chosen) }
    let missing = count - chosen.count
    guard elements.count - first >= missing else { return }
    for place in first...(elements.count - missing) {
      extend(chosen + [elements[place]], from: place + 1)
    }
  }
  extend([], from: 0)
}
