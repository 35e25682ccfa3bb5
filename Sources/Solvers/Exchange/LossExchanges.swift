import LeastSquares
import SparseCore

/// Exchanges of one atom of a support for another under any loss, fitted in the order of second-order models until one
/// lowers the loss.
struct LossExchanges {
  /// Which exchanges are fitted before there is none that helps.
  enum Breadth {
    /// Those that the model at the minimum on the support ranks first (``LossModel``). Where there is no minimum, or atoms
    /// are dependent, those that models without each of the atoms rank first as well.
    case ranked
    /// The same, and those that models without each of the atoms rank first in any case.
    case refitted
    /// All of them, these first.
    case all
  }

  /// So many numbers of atoms are looked at. Of larger problems the atoms with the largest gradients are.
  private let mostNumbers: Int
  /// What may be done before it ends with what it has, by the model of ``FitWork``.
  var mostWork = Double.infinity
  /// What was done since it was made.
  private(set) var work = 0.0
  /// What was fitted for the latest support.
  private(set) var fits: [Candidate] = []

  private let workspace: Workspace
  private let interruption: Interruption
  private let turns: Turns?
  /// What exchanges are fitted on side by side; one after another where it is empty.
  var helpers: [Workspace] = []
  private let fitWork: FitWork
  private var tried: Set<[Int]> = []

  /// How many exchanges of each ranking are fitted before there is none.
  private static var trials: Int { 24 }
  /// An exchange whose atom that leaves is worth more than so many times what enters, by the model at a minimum, is not
  /// fitted. Of 342 that lowered a loss, on 170 problems of 30 to 300 rows, it was 1.2 times at most; of 5171 that did
  /// not, more than twice for 3627.
  private static var mostCost: Double { 2 }

  /// - Parameters:
  ///   - mostNumbers: 64 MB unless given.
  ///   - interruption: ends it with what was fitted until then.
  ///   - turns: taken to use the engine, where others use it at the same time; nothing else of the workspace is shared then.
  init(
    _ workspace: Workspace, mostNumbers: Int = 1 << 23, until interruption: Interruption,
    taking turns: Turns? = nil
  ) {
    (self.workspace, self.mostNumbers, self.interruption) = (workspace, mostNumbers, interruption)
    self.turns = turns
    fitWork = FitWork(workspace.problem)
  }

  /// Whether neither the time nor the work is over.
  var mayGoOn: Bool { work < mostWork && interruption.reason == nil }

  /// The minimum on a support, whose work counts.
  mutating func fit(_ support: [Int]) throws(RecoveryError) -> Iterate {
    guard !support.isEmpty else { return try workspace.nullModel() }
    let fit = try workspace.minimizer.minimize(onto: support)
    work += fitWork.fit(fit, of: support.count)
    return Iterate(support: support, projection: fit.projection)
  }

  /// What an exchange of one atom of x for another leads to: the first found that lowers the loss, or nil.
  mutating func better(
    than x: Iterate, _ breadth: Breadth = .ranked
  ) throws(RecoveryError) -> Iterate? {
    (fits, tried) = ([], [])
    guard !x.support.isEmpty else { return nil }
    let candidates = try candidates(at: x)
    let model = try model(onto: x.support, entering: candidates)
    if let model {
      var moves = try model.moves(Self.trials, entering: candidates)
      if model.isAttained { moves.removeAll { $0.change > (Self.mostCost - 1) * $0.gain } }
      if let next = try firstBetter(moves, than: x, candidates) { return next }
    }
    let isUnsure = model.map { !$0.isAttained } ?? true
    guard breadth != .ranked || isUnsure else { return nil }
    let most = breadth == .all ? .max : Self.trials
    let (moves, unranked) = try refittedMoves(most, from: x, candidates)
    if let next = try firstBetter(moves, than: x, candidates) { return next }
    guard breadth == .all else { return nil }
    for place in unranked {
      for atom in candidates where mayGoOn {
        if let next = try attempt(atom, at: place, of: x) { return next }
      }
    }
    return nil
  }

  /// The atoms that lower the loss most beside a support, the best first: of those with the largest scores (Rao) by fits. None
  /// where those of the support are dependent.
  mutating func entering(_ most: Int, beside support: [Int]) throws(RecoveryError) -> [Int] {
    let x = try fit(support)
    let candidates = try candidates(at: x)
    guard let model = try model(onto: support, entering: candidates) else { return [] }
    let moves = try model.moves(
      Self.trials / 2, entering: candidates, inPlaceOf: 0, costing: 0)
    var fits: [(atom: Int, norm: Double)] = []
    for move in moves where mayGoOn {
      let atom = candidates[move.entry]
      fits.append((atom, try fit((support + [atom]).sorted()).residualNorm))
    }
    fits.sort { $0.norm < $1.norm }
    return fits.prefix(most).map(\.atom)
  }

  /// Whether a loss is smaller by more than rounding, as ``Descent/leastGain`` has it.
  static func isBetter(_ next: Iterate, than x: Iterate) -> Bool {
    let (loss, before) = (next.residualNorm * next.residualNorm, x.residualNorm * x.residualNorm)
    return loss < before * (1 - Descent.leastGain)
  }

  /// What may enter the support of x.
  private mutating func candidates(at x: Iterate) throws(RecoveryError) -> [Int] {
    let problem = workspace.problem
    let most = max(mostNumbers / problem.rows, x.support.count)
    let inside = Set(x.support)
    guard problem.atoms.usableColumns > most else {
      return problem.atoms.usable.filter { !inside.contains($0) }
    }
    work += fitWork.pass(over: problem.columns)
    func strongest() throws(RecoveryError) -> [Int] {
      try workspace.strongest(most, at: x).support
    }
    let leading = if let turns { try turns.take(strongest) } else { try strongest() }
    return leading.filter { !inside.contains($0) }
  }

  private mutating func model(
    onto support: [Int], entering candidates: [Int]
  ) throws(RecoveryError) -> LossModel? {
    work += fitWork.model(of: support.count, entering: candidates.count)
    return try workspace.minimizer.model(onto: support)
  }

  private mutating func firstBetter(
    _ moves: [LossModel.Move], than x: Iterate, _ candidates: [Int]
  ) throws(RecoveryError) -> Iterate? {
    guard helpers.isEmpty else { return try firstBetterSideBySide(moves, than: x, candidates) }
    for move in moves where mayGoOn {
      if let next = try attempt(candidates[move.entry], at: move.place, of: x) { return next }
    }
    return nil
  }

  /// The same of fits side by side, of which those within the work count: some at a time, since most moves may never be tried.
  private mutating func firstBetterSideBySide(
    _ moves: [LossModel.Move], than x: Iterate, _ candidates: [Int]
  ) throws(RecoveryError) -> Iterate? {
    for start in stride(from: 0, to: moves.count, by: Self.fitsAtOnce) where mayGoOn {
      let supports = moves[start..<min(start + Self.fitsAtOnce, moves.count)].map {
        x.support.exchanging($0.place, for: candidates[$0.entry])
      }
      let untried = supports.filter { tried.insert($0).inserted }
      if let next = try firstBetter(untried, than: x) { return next }
    }
    return nil
  }

  private static var fitsAtOnce: Int { 256 }

  /// The first of some supports that lowers the loss.
  private mutating func firstBetter(
    _ supports: [[Int]], than x: Iterate
  ) throws(RecoveryError) -> Iterate? {
    struct Fitted: Sendable {
      let candidate: Candidate
      let work: Double
      /// Nil where it is no better.
      let next: Iterate?
    }
    nonisolated(unsafe) let helpers = helpers
    let fitWork = fitWork
    let (findings, _) = try SideBySide.run(
      supports.count, workers: helpers.count, until: interruption, limit: mostWork - work,
      cost: { $0.next == nil ? $0.work : .infinity }
    ) { (place, worker, _) throws(RecoveryError) in
      let support = supports[place]
      let fit = try helpers[worker].minimizer.minimize(onto: support)
      let next = Iterate(support: support, projection: fit.projection)
      return Fitted(
        candidate: Candidate(next), work: fitWork.fit(fit, of: support.count),
        next: Self.isBetter(next, than: x) ? next : nil)
    }
    for fitted in findings {
      work += fitted.work
      fits.append(fitted.candidate)
    }
    return findings.last?.next
  }

  /// What the exchange leads to, if it is new and lowers the loss.
  private mutating func attempt(
    _ atom: Int, at place: Int, of x: Iterate
  ) throws(RecoveryError) -> Iterate? {
    let support = x.support.exchanging(place, for: atom)
    guard tried.insert(support).inserted else { return nil }
    let next = try fit(support)
    fits.append(Candidate(next))
    return Self.isBetter(next, than: x) ? next : nil
  }

  /// The best exchanges by models without each of the atoms of x, one after another: k fits, and as many times the flops
  /// of ``LossModel/moves(_:entering:)``. And the places without whose atom the others are dependent, so that there is none.
  ///
  /// Wald's statistic of an atom whose coefficient grows without bound vanishes, whatever the atom is worth (Hauck and
  /// Donner 1977): by ``LossModel/exitCosts`` every exchange is one for this atom. And where a loss is far from its
  /// parabola, what leaves costs something else than the statistic says.
  private mutating func refittedMoves(
    _ most: Int, from x: Iterate, _ candidates: [Int]
  ) throws(RecoveryError) -> (moves: [LossModel.Move], unranked: [Int]) {
    var moves: [LossModel.Move] = []
    var unranked: [Int] = []
    let loss = x.residualNorm * x.residualNorm / 2
    for (place, atom) in x.support.enumerated() where mayGoOn {
      let rest = x.support.removing(atom)
      _ = try fit(rest)
      guard let model = try model(onto: rest, entering: candidates) else {
        unranked.append(place)
        continue
      }
      moves += try model.moves(
        most, entering: candidates, inPlaceOf: place, costing: model.loss - loss)
      LossModel.keep(most, of: &moves)
    }
    return (moves, unranked)
  }
}
