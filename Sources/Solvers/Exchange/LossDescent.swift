import LeastSquares
import SparseCore

/// Steepest descent over exchanges of one atom under any loss, from one support after another.
///
/// A second-order model of the loss at the minimum on the support says what each of the k · (n − k) exchanges leads to
/// (``LossModel``); the best by it are fitted, until one of them lowers the loss. It ends where none of them does.
struct LossDescent: IterativeSolver {
  static let name = "exchanges"

  /// Where to set out from, one after another.
  var starts: [[Int]]
  var limits: Limits

  /// It does.
  var minimizesAnyLoss: Bool { true }
  /// It does.
  var recoversJointly: Bool { true }

  /// How many exchanges are fitted before there is none: those that the model ranks first.
  private static var trials: Int { 24 }
  /// An exchange whose atom that leaves is worth more than so many times what enters, by the model at a minimum, is not
  /// fitted. Of 342 that lowered a loss, on 170 problems of 30 to 300 rows, it was 1.2 times at most; of 5171 that did
  /// not, more than twice for 3627.
  private static var mostCost: Double { 2 }
  /// So many numbers of atoms are looked at for an exchange: 64 MB. Of larger problems the atoms with the largest
  /// gradients are.
  private static var mostNumbers: Int { 1 << 23 }

  /// Where a descent stands between two exchanges.
  struct State: IterationState {
    /// The latest support, or nil where the next start is due.
    var x: Iterate?
    /// How many starts were taken.
    var started = 0

    init() {}

    func write(to writer: inout StateWriter) {
      writer.write(ifAny: x) { $0.write($1) }
      writer.write(started)
    }

    init(from reader: inout StateReader) throws(RecoveryError) {
      x = try reader.optional { (r) throws(RecoveryError) in try r.iterate(atMost: r.atomCount) }
      started = try reader.int(in: 0...Elite.capacity)
    }
  }

  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State { State() }

  /// One exchange, or a start.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    guard let x = state.x else {
      guard state.started < starts.count else { return .end(.converged) }
      let x = try workspace.project(onto: starts[state.started])
      state.x = x
      state.started += 1
      return Step(x)
    }
    let interruption = search.interruption
    let fits = try Self.exchanges(of: x, workspace, until: interruption)
    let last = fits.last.flatMap { Self.isBetter($0, than: x) ? $0 : nil }
    if last == nil, let reason = interruption.reason {
      return .cut(Candidate(x, untold: fits.count), reason)
    }
    state.x = last
    // A start that leads nowhere is no iteration.
    return fits.isEmpty ? .silent : Step(fits.map { Candidate($0) })
  }

  /// What exchanges of one atom of x for another lead to, up to the first that lowers the loss.
  ///
  /// - Parameter interruption: ends it with the exchanges fitted until then.
  static func exchanges(
    of x: Iterate, _ workspace: Workspace, until interruption: Interruption
  ) throws(RecoveryError) -> [Iterate] {
    let problem = workspace.problem
    guard !x.support.isEmpty, let model = try workspace.minimizer.model(onto: x.support) else {
      return []
    }
    let most = max(mostNumbers / problem.rows, x.support.count)
    let inside = Set(x.support)
    let candidates =
      problem.atoms.usableColumns <= most
      ? problem.atoms.usable.filter { !inside.contains($0) }
      : try workspace.strongest(most, at: x).support
    var fits: [Iterate] = []
    func tryAll(_ moves: [LossModel.Move]) throws(RecoveryError) -> Bool {
      for move in moves where interruption.reason == nil {
        if model.isAttained, move.change > (Self.mostCost - 1) * move.gain { continue }
        var support = x.support
        support[move.place] = candidates[move.entry]
        support.sort()
        if fits.contains(where: { $0.support == support }) { continue }
        let next = try workspace.project(onto: support)
        fits.append(next)
        if isBetter(next, than: x) { return true }
      }
      return false
    }
    guard try !tryAll(model.moves(trials, entering: candidates)), !model.isAttained else {
      return fits
    }
    _ = try tryAll(refittedMoves(from: x, model, candidates, workspace, until: interruption))
    return fits
  }

  /// The best exchanges by models without each of the atoms of x, one after another: k fits, and as many times the flops
  /// of ``LossModel/moves(_:entering:)``.
  ///
  /// Wald's statistic of an atom whose coefficient grows without bound vanishes, whatever the atom is worth (Hauck and
  /// Donner 1977): by ``LossModel/exitCosts`` every exchange is one for this atom.
  private static func refittedMoves(
    from x: Iterate, _ model: LossModel, _ candidates: [Int], _ workspace: Workspace,
    until interruption: Interruption
  ) throws(RecoveryError) -> [LossModel.Move] {
    var moves: [LossModel.Move] = []
    for (place, atom) in x.support.enumerated() where interruption.reason == nil {
      guard let rest = try workspace.minimizer.model(onto: x.support.removing(atom)) else {
        continue
      }
      moves += try rest.moves(
        trials, entering: candidates, inPlaceOf: place, costing: rest.loss - model.loss)
      LossModel.keep(trials, of: &moves)
    }
    return moves
  }

  /// Whether a loss is smaller by more than rounding, as ``Descent/leastGain`` has it.
  static func isBetter(_ next: Iterate, than x: Iterate) -> Bool {
    let (loss, before) = (next.residualNorm * next.residualNorm, x.residualNorm * x.residualNorm)
    return loss < before * (1 - Descent.leastGain)
  }
}
