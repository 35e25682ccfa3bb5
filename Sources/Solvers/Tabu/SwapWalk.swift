import Glibc
import LeastSquares
import SparseCore

/// Tabu search over exchanges: Glover 1989, with the random tenures of Taillard 1991; for regression
/// Drezner, Marcoulides and Salhi 1999.
///
/// Every step makes the best of all k · (|W| − k) exchanges, even if the loss rises. The atom that left
/// may not return for a while and the one that came may not leave, unless that leads below the best of
/// this walk: so the walk climbs out of local minima instead of falling back. A walk ends when nothing
/// better came for a number of steps.
///
/// With signs, exchanges are ranked by the loss without them among those that bring an atom in with a
/// positive coefficient; the few best are refitted with signs, and the best of these is made.
struct SwapWalk: Sendable {
  /// The best support so far, in ascending order, and its squared loss.
  private(set) var best: (support: [Int], loss: Double)
  /// How many exchanges were made.
  private(set) var steps = 0

  private let problem: RecoveryProblem
  /// The squared loss that leaves nothing to explain.
  private let explained: Double
  /// How many steps may go by without anything better.
  private let patience: Int
  /// Whether atoms almost parallel to one that left stay away with it.
  private let bansNeighbours: Bool
  private var support: [Int]
  private var generator: SeededGenerator
  /// The step from which an atom may return.
  private var away: [Int]
  /// The step from which an atom may leave.
  private var held: [Int]
  private var bestStep = 0
  private var projector: Projector?

  /// Whether it has ended by its own rule.
  private var isOver: Bool { best.loss <= explained || steps - bestStep > patience }

  /// Exchanges of one atom whose losses differ by less lead nowhere.
  static var leastChange: Double { 1e-9 }
  /// Atoms of a larger inner product, relative to their lengths, are neighbours: of .7, .85 and .95 the
  /// best on data, and the one that hinders least in deconvolution.
  private static var neighbour: Double { 0.85 }
  /// After so many steps a working set is chosen again: of 50, 100, 300, 1000 and 3000 the best.
  static var stepsOnSet: Int { 300 }
  /// So many exchanges are looked at between two questions: about two milliseconds.
  private static var exchangesBetweenQuestions: Int { 1 << 20 }
  /// With signs, how many exchanges are refitted in a step.
  private static var refits: Int { 4 }

  /// - Parameters:
  ///   - support: the atoms to begin with, at least one.
  ///   - explained: the squared loss at which nothing is left to explain.
  ///   - patience: how many steps may go by without anything better.
  init(
    _ problem: RecoveryProblem, from support: [Int], explained: Double, patience: Int,
    bansNeighbours: Bool, generator: SeededGenerator
  ) {
    self.problem = problem
    self.support = support.sorted()
    self.explained = explained
    self.patience = patience
    self.bansNeighbours = bansNeighbours
    self.generator = generator
    best = (support.sorted(), .infinity)
    away = Array(repeating: 0, count: problem.columns)
    held = away
    if problem.model.isNonnegative { projector = Projector(problem, capacity: support.count + 1) }
  }

  /// Walks for at most `count` steps, or until it is over; false once it is.
  ///
  /// - Parameter mayGoOn: asked every few milliseconds, with signs before every step: a no leaves the walk where it
  ///   is, with the best so far.
  mutating func advance<Sets: WorkingSets>(
    _ count: Int, on sets: inout Sets, while mayGoOn: () -> Bool = { true }
  ) throws(RecoveryError) -> Bool {
    let end = steps + count
    while steps < end, !isOver, mayGoOn() {
      let set = try sets.around(support)
      let isWhole = set.count == problem.atoms.usableColumns
      try walk(
        on: set, until: isWhole ? end : min(end, steps + Self.stepsOnSet), while: mayGoOn)
    }
    return !isOver
  }

  private mutating func walk(
    on set: SwapSet, until end: Int, while mayGoOn: () -> Bool
  ) throws(RecoveryError) {
    let columns = set.atoms.columns
    let swept = try SweptGram(set, support: set.atoms.places(of: support))
    let k = swept.support.count
    defer { support = swept.support.map { columns[$0] }.sorted() }
    try claim(swept, columns, loss: swept.loss)
    guard k < set.count else {
      steps = max(steps + 1, bestStep + patience + 1)
      return
    }
    var banned = columns.indices.filter { away[columns[$0]] > steps }
    // With signs a step is some projections, each by as many others as the support has atoms.
    let between =
      projector == nil ? max(1, min(64, Self.exchangesBetweenQuestions / (k * set.count))) : 1
    while steps < end, !isOver, steps % between != 0 || mayGoOn() {
      try swept.refresh()
      banned.removeAll { away[columns[$0]] <= steps }
      guard
        let move = try bestMove(swept, columns, banned)
          ?? anyMove(swept, set.count)
      else { return bestStep = steps - patience - 1 }
      let leaving = swept.support[move.place]
      ban(leaving, set, &banned)
      held[columns[move.atom]] = steps + 2 + generator.int(below: 4)
      swept.make(move)
      steps += 1
      try claim(swept, columns, loss: swept.loss)
    }
  }

  /// Keeps an atom that leaves, and maybe its neighbours, away for a random time.
  private mutating func ban(_ leaving: Int, _ set: SwapSet, _ banned: inout [Int]) {
    let columns = set.atoms.columns
    let longest = max(4, support.count / 2)
    let end = steps + 3 + generator.int(below: longest - 1)
    away[columns[leaving]] = end
    banned.append(leaving)
    guard bansNeighbours else { return }
    let (w, size) = (set.count, set.gram[leaving * (set.count + 1)])
    for j in 0..<w where away[columns[j]] < end {
      let product = set.gram[leaving * w + j]
      if product * product > Self.neighbour * Self.neighbour * size * set.gram[j * (w + 1)] {
        away[columns[j]] = end
        banned.append(j)
      }
    }
  }

  private mutating func bestMove(
    _ swept: SweptGram, _ columns: [Int], _ banned: [Int]
  ) throws(RecoveryError) -> SweptGram.Move? {
    let (held, now) = (held, steps)
    func isHeld(_ place: Int) -> Bool { held[columns[swept.support[place]]] > now }
    guard projector != nil else {
      return swept.bestMove(
        banned: banned, isHeld: isHeld, aspiration: best.loss * (1 - Self.leastChange))
    }
    var chosen: (move: SweptGram.Move, loss: Double)?
    for move in swept.bestMoves(
      Self.refits, positive: true, banned: banned, isHeld: isHeld)
    {
      var support = swept.support.map { columns[$0] }
      support[move.place] = columns[move.atom]
      let loss = try signedLoss(support.sorted())
      if loss < chosen?.loss ?? .infinity { chosen = (move, loss) }
    }
    return chosen?.move
  }

  /// Some exchange, where all are tabu; nil where every one tried leads to dependent atoms.
  private mutating func anyMove(_ swept: SweptGram, _ count: Int) -> SweptGram.Move? {
    for _ in 0..<16 {
      let (place, atom) = (generator.int(below: swept.support.count), generator.int(below: count))
      if !swept.support.contains(atom), let move = swept.move(to: place, atom) { return move }
    }
    return nil
  }

  /// Takes the present support for the best if it is, by a loss computed from the columns.
  private mutating func claim(
    _ swept: SweptGram, _ columns: [Int], loss: Double
  ) throws(RecoveryError) {
    let bound = best.loss * (1 - Self.leastChange)
    guard loss < bound else { return }
    let atoms = swept.support.map { columns[$0] }.sorted()
    let exact: Double
    if projector != nil {
      exact = try signedLoss(atoms)
    } else {
      try swept.measure()
      exact = swept.loss
    }
    guard exact < bound else { return }
    best = (atoms, exact)
    bestStep = steps
  }

  private mutating func signedLoss(_ support: [Int]) throws(RecoveryError) -> Double {
    guard let norm = try projector?.projectAllowed(onto: support).residualNorm else {
      return .infinity
    }
    return norm * norm
  }
}

// MARK: As a checkpoint keeps it

extension SwapWalk {
  func write(to writer: inout StateWriter) {
    writer.write(best.support)
    writer.write([best.loss, explained])
    writer.write([steps, bestStep, patience])
    writer.write(bansNeighbours)
    writer.write(support)
    writer.write(generator)
    writer.write(away)
    writer.write(held)
    writer.write(ifAny: projector) { $0.write($1.arrangement) }
  }

  init(from reader: inout StateReader) throws(RecoveryError) {
    let (k, n) = (reader.atomCount, reader.workspace.problem.columns)
    problem = reader.workspace.problem
    let best = try reader.support(atMost: k)
    let losses = try reader.array { (reader) throws(RecoveryError) in try reader.double() }
    let counts = try reader.ints(count: 3, in: 0...(1 << 48))
    try reader.require(losses.count == 2 && losses.allSatisfy { $0 >= 0 })
    self.best = (best, losses[0])
    explained = losses[1]
    (steps, bestStep, patience) = (counts[0], counts[1], counts[2])
    bansNeighbours = try reader.flag()
    support = try reader.support(atMost: k)
    generator = try reader.generator()
    away = try reader.ints(count: n, in: 0...(1 << 49))
    held = try reader.ints(count: n, in: 0...(1 << 49))
    let size = support.count + 1
    projector = try reader.optional { (reader) throws(RecoveryError) in
      try Projector(
        reader.workspace.problem, capacity: size, arrangement: reader.arrangement(atMost: size))
    }
    try reader.require(
      !support.isEmpty && bestStep <= steps
        && (projector != nil) == problem.model.isNonnegative)
  }
}

extension SwapWalk {
  /// How long a walk goes on without anything better: 3 k to 100 k steps and 500. No length is best on
  /// all problems, so that it is drawn.
  static func patience(sparsity k: Int, _ generator: inout SeededGenerator) -> Int {
    Int(pow(10, 0.5 + 1.5 * generator.uniform()) * Double(k)) + 500
  }
}
