import LeastSquares
import SparseCore

/// Tabu search over exchanges of one group of atoms for another, as ``SwapWalk`` has it for single atoms.
///
/// Every step makes the best of all k · (G − k) exchanges, even if the loss rises. A walk ends when nothing better came for a
/// number of steps.
struct GroupWalk: Sendable {
  /// The best groups so far, by their numbers in the set, and their squared loss.
  private(set) var best: (groups: [Int], loss: Double) = ([], .infinity)
  /// How many exchanges were made.
  private(set) var steps = 0

  private let problem: RecoveryProblem
  private let set: GroupSet
  /// The squared loss that leaves nothing to explain.
  private let explained: Double
  /// How many steps may go by without anything better.
  private let patience: Int
  private var groups: [Int]
  private var generator: SeededGenerator
  /// The step from which a group may return.
  private var away: [Int]
  /// The step from which a group may leave.
  private var held: [Int]
  private var bestStep = 0

  private var isOver: Bool { best.loss <= explained || steps - bestStep > patience }

  /// - Parameters:
  ///   - groups: those to begin with, at least one and fewer than there are.
  ///   - explained: the squared loss at which nothing is left to explain.
  ///   - patience: how many steps may go by without anything better; 0 for a descent.
  init(
    _ problem: RecoveryProblem, _ set: GroupSet, from groups: [Int], explained: Double,
    patience: Int, generator: SeededGenerator
  ) {
    (self.problem, self.set, self.groups) = (problem, set, groups)
    (self.explained, self.patience, self.generator) = (explained, patience, generator)
    away = Array(repeating: 0, count: set.count)
    held = away
  }

  /// Walks until it is over.
  ///
  /// - Parameter mayGoOn: asked before every step: a no leaves the walk where it is, with the best so far.
  mutating func run(while mayGoOn: () -> Bool) throws(RecoveryError) {
    let swept = try SweptGroups(set, support: groups)
    try claim(swept)
    while !isOver, mayGoOn() {
      let now = steps
      let move = swept.bestMove(
        isBanned: { away[$0] > now }, isHeld: { held[$0] > now },
        aspiration: best.loss * (1 - SwapWalk.leastChange))
      // Where all are tabu, the walk has nowhere to go.
      guard let move else { return }
      let leaving = swept.support[move.place]
      away[leaving] = steps + 3 + generator.int(below: max(4, groups.count / 2) - 1)
      held[move.group] = steps + 2 + generator.int(below: 4)
      try swept.make(move)
      steps += 1
      try claim(swept)
    }
  }

  /// Takes the present groups for the best if they are, by a loss computed from the columns.
  private mutating func claim(_ swept: SweptGroups) throws(RecoveryError) {
    let bound = best.loss * (1 - SwapWalk.leastChange)
    guard swept.loss < bound else { return }
    let atoms = swept.support.flatMap { set.columns(of: $0) }.sorted()
    let norm = try problem.projection(onto: atoms).residualNorm
    guard norm * norm < bound else { return }
    best = (swept.support.sorted(), norm * norm)
    bestStep = steps
  }
}
