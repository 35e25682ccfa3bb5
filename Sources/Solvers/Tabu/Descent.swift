import LeastSquares
import SparseCore

/// Steepest descent over exchanges until none of the k · (n − k) lowers the loss: a swap-optimal support.
struct Descent {
  /// An exchange must lower the squared loss by more than this part of it: by more than rounding, so that
  /// no support comes twice.
  private static var leastGain: Double { 0x1p-31 }
  /// How many exchanges are confirmed by a projection before a working set counts as tried.
  private static var trials: Int { 16 }

  /// `support` after the descent, with the number of exchanges made. Every loss is confirmed from the
  /// columns by the projector, signs and ridge included.
  ///
  /// - Parameters:
  ///   - sets: where to look for exchanges: a set is made around every support that a descent on the set
  ///     before led to.
  ///   - project: the squared loss of a support.
  ///   - mayGoOn: asked after every exchange.
  static func run<Sets: WorkingSets>(
    from support: [Int], loss: Double, isNonnegative: Bool, on sets: inout Sets,
    _ project: ([Int]) throws(RecoveryError) -> Double,
    while mayGoOn: ([Int], Double) -> Bool
  ) throws(RecoveryError) -> [Int] {
    var (support, loss) = (support, loss)
    var isImproved = true
    while isImproved {
      isImproved = false
      let set = try sets.around(support)
      let columns = set.atoms.columns
      let places = Dictionary(uniqueKeysWithValues: zip(columns, columns.indices))
      guard support.count < set.count else { return support }
      var isDescending = true
      while isDescending {
        isDescending = false
        let swept = SweptGram(set, support: support.compactMap { places[$0] })
        for move in swept.bestMoves(trials, positive: isNonnegative)
        where isNonnegative || move.loss < loss * (1 - leastGain) {
          var next = swept.support.map { columns[$0] }
          next[move.place] = columns[move.atom]
          next.sort()
          let found = try project(next)
          guard found < loss * (1 - leastGain) else { continue }
          (support, loss) = (next, found)
          (isDescending, isImproved) = (true, true)
          if !mayGoOn(support, loss) { return support }
          break
        }
      }
    }
    return support
  }
}
