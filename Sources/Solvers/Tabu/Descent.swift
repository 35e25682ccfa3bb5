import LeastSquares
import SparseCore

/// Steepest descent over exchanges until none of the k · (n − k) lowers the loss: a swap-optimal support.
struct Descent {
  /// An exchange must lower the squared loss by more than this part of it: by more than rounding, so that
  /// no support comes twice.
  static var leastGain: Double { 0x1p-31 }
  /// How many exchanges of a working set are confirmed before there is none: their losses are those of
  /// the projection, but for signs and for rounding.
  private static var trials: Int { 16 }

  /// Makes the best support of a search swap-optimal, unless it stopped for good.
  ///
  /// Every loss is confirmed from the columns by the projector, signs and ridge included. A working set
  /// is chosen around every support that the descent on the set before led to.
  ///
  /// - Parameter reason: why the search stopped. Limits of iterations are left behind.
  static func finish<Sets: WorkingSets>(
    _ search: inout Search, _ workspace: Workspace, on sets: inout Sets,
    after reason: StopReason, observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    guard [.iterations, .stagnation, .converged].contains(reason),
      let best = search.best, !best.support.isEmpty
    else { return reason }
    let interruption = search.interruption
    var x = try workspace.project(onto: best.support)
    var isImproved = true
    while isImproved, interruption.reason == nil {
      isImproved = false
      let set = try sets.around(x.support)
      guard x.support.count < set.count else { break }
      while let next = try improve(x, workspace, set, until: interruption) {
        (x, isImproved) = (next, true)
        if let stop = search.record(x, observer: observer),
          ![.iterations, .stagnation].contains(stop)
        {
          return stop
        }
      }
    }
    return interruption.reason ?? reason
  }

  /// The best exchange within a set, if one lowers the loss.
  private static func improve(
    _ x: Iterate, _ workspace: Workspace, _ set: SwapSet, until interruption: Interruption
  ) throws(RecoveryError) -> Iterate? {
    let columns = set.atoms.columns
    let swept = try SweptGram(set, support: set.atoms.places(of: x.support))
    let isSigned = workspace.problem.model.isNonnegative
    let bound = x.residualNorm * x.residualNorm * (1 - leastGain)
    for move in swept.bestMoves(trials, positive: isSigned) where isSigned || move.loss < bound {
      if interruption.reason != nil { break }
      var support = x.support
      support[move.place] = columns[move.atom]
      let next = try workspace.project(onto: support.sorted())
      if next.residualNorm * next.residualNorm < bound { return next }
    }
    return nil
  }
}
