import LeastSquares
public import SparseCore

/// The nodes that are left to look at, and what all of them begin with.
public struct SearchTree: IterationState, Sendable {
  private let isNonnegative: Bool
  /// The loss of all supports; nil where their Gram matrix would be too large.
  private let root: QuadraticLoss?
  /// As a heap: the smallest bound first.
  private var nodes: [Node]
  /// Whether nothing was branched on.
  private(set) var isAtRoot = true
  /// Whether an atom counted as in the span of others that is not: there is no proof then.
  private(set) var isDoubtful = false
  /// What was found before, until it was told.
  private var start: Iterate?
  /// The smallest squared loss of the supports found since ``toldAll()``: where the solve ends before all of them were
  /// told, no node stands for them any more.
  private var latest = Double.infinity

  init(
    _ workspace: Workspace, atMost k: Int, best start: Iterate? = nil
  ) throws(RecoveryError) {
    let problem = workspace.problem
    let columns = problem.atoms.usable
    isNonnegative = problem.model.isNonnegative
    self.start = start
    guard !WideNodes.apply(to: problem, atMost: k) else {
      root = nil
      let known = Dictionary(
        uniqueKeysWithValues: (start?.support ?? []).enumerated().map { place, atom in
          (atom, (0..<problem.planes).map { start?.vector.plane($0).coefficients[place] ?? 0 })
        })
      nodes = [Node(pool: Pool(columns), point: known)]
      return
    }
    let set =
      if let atoms = try workspace.host.atoms(), let gram = try workspace.host.gram() {
        try SwapSet(atoms, gram: gram, observation: problem.scaledPlanes)
      } else {
        try SwapSet(HostAtoms(columns, of: problem), observation: problem.scaledPlanes)
      }
    let root = QuadraticLoss(set, cancellation: problem.atoms.gramCancellation(columns))
    // Beside the one that they repeat they lower no loss, and in its place they change none.
    var left = Set(columns)
    for (repeated, first) in root.repeats(isNonnegative: isNonnegative)
    where try Self.isInSpan(repeated, of: [first], problem.atoms) {
      left.remove(repeated)
    }
    self.root = root
    nodes = [Node(pool: Pool(left.sorted()))]
  }

  /// Whether there can be a bound: with as many rows as atoms, or a ridge, and Gram matrices of at most so many atoms.
  static func applies(to problem: RecoveryProblem, atMost k: Int, columns most: Int) -> Bool {
    let n = problem.atoms.usableColumns
    return n <= min(most, problem.mostIndependentAtoms) || WideNodes.apply(to: problem, atMost: k)
  }

  /// No support, but for those told, has a smaller squared loss.
  var bound: Double { min(nodes.first?.bound ?? .infinity, latest) }

  /// Whether a proof may be in sight: whether the bound is so large a share of the best loss, or may still come to it.
  func isPromising(below loss: Double, _ share: Double = Self.promisingShare) -> Bool {
    let most = isAtRoot ? nodes.first?.ceiling ?? .infinity : bound
    return most > share * loss
  }

  /// Where the bound is a smaller share of the best loss, a tree is too large to be searched beside walks.
  static var promisingShare: Double { 0.5 }

  /// The share of a squared loss by which that of another support may be smaller, and no less than `least`; nil where that is
  /// not known.
  func gap(below loss: Double, atLeast least: Double = Self.leastGap) -> Double? {
    isDoubtful ? nil : max(least, 1 - bound / loss)
  }

  /// What is not proved within rounding: the projections that losses come from are off by less.
  static var leastGap: Double { 1e-9 }

  /// All supports found until now were told.
  mutating func toldAll() { latest = .infinity }

  mutating func takeStart() -> Iterate? {
    defer { start = nil }
    return start
  }

  /// The supports found in a step over nodes, and how much work they were.
  struct Advance {
    let found: [Iterate]
    /// In nanoseconds of a model, as of one core: the answer may depend on it, and on no clock.
    let work: Double
  }

  /// So many nodes are looked at side by side, by however many threads: the answer does not depend on them.
  private static var nodesInStep: Int { 8 }

  /// Looks at the nodes of the smallest bounds, side by side: each takes |C|³ flops a few times, for |C| candidates, and more
  /// where candidates were settled. One pass over A where these have no Gram matrix.
  ///
  /// - Returns: nil where it was cut short; the tree is as before then.
  mutating func advance(
    atMost k: Int, below target: Double, on workspace: Workspace, until interruption: Interruption
  ) throws(RecoveryError) -> Advance? {
    let outcomes: [Outcome]
    let nodes: [Node]
    if let root {
      nodes = takeFirst(Self.nodesInStep, below: target)
      let bounds = NarrowNodes(
        isNonnegative: isNonnegative, atMost: k, below: target, until: interruption)
      outcomes = try concurrently(nodes, threads: workspace.engine.threads) {
        (node) throws(RecoveryError) in try bounds.outcome(of: node, root)
      }
    } else {
      let wide = WideNodes(workspace, atMost: k, below: target, until: interruption)
      let taken = takeFirst(wide.mostNodes, below: target)
      nodes = wide.fitting(taken)
      insert(Array(taken[nodes.count...]))
      outcomes = try wide.outcomes(of: nodes)
    }
    guard interruption.reason == nil else {
      insert(nodes)
      return nil
    }
    isAtRoot = isAtRoot && outcomes.count == 1 && outcomes[0].children.count == 1
    for (chosen, dependent) in outcomes.flatMap(\.spans) {
      for j in dependent where !isDoubtful {
        let others = chosen.filter { $0 != j }
        isDoubtful = try !Self.isInSpan(j, of: others, workspace.problem.atoms)
      }
    }
    insert(outcomes.flatMap(\.children))
    let found = try outcomes.flatMap(\.found).map { (support) throws(RecoveryError) in
      try workspace.project(onto: support)
    }
    latest = found.reduce(latest) { min($0, $1.residualNorm * $1.residualNorm) }
    return Advance(found: found, work: outcomes.reduce(0) { $0 + $1.work })
  }

  /// Whether an atom is in the span of others, as far as their entries let one tell: 8 · m · k² flops.
  private static func isInSpan(
    _ atom: Int, of chosen: [Int], _ atoms: Atoms
  ) throws(RecoveryError) -> Bool {
    var basis = OrthonormalBasis(rows: atoms.rows)
    for other in chosen {
      if let direction = try basis.direction(ofAtom: other, of: atoms) {
        basis.append(direction)
      }
    }
    return try basis.direction(ofAtom: atom, of: atoms) == nil
  }

  /// Takes out the nodes of the smallest bounds, as far as these are below the target.
  private mutating func takeFirst(_ most: Int, below target: Double) -> [Node] {
    var taken: [Node] = []
    while taken.count < most, let first = nodes.first, first.bound < target {
      taken.append(first)
      nodes.swapAt(0, nodes.count - 1)
      nodes.removeLast()
      sink()
    }
    return taken
  }

  /// Takes nodes in.
  private mutating func insert(_ more: [Node]) {
    for node in more {
      nodes.append(node)
      var place = nodes.count - 1
      while place > 0, nodes[place].bound < nodes[(place - 1) / 2].bound {
        nodes.swapAt(place, (place - 1) / 2)
        place = (place - 1) / 2
      }
    }
  }

  /// Brings the first node to its place.
  private mutating func sink() {
    var place = 0
    while true {
      let children = [2 * place + 1, 2 * place + 2].filter { $0 < nodes.count }
      guard let least = children.min(by: { nodes[$0].bound < nodes[$1].bound }),
        nodes[least].bound < nodes[place].bound
      else { return }
      nodes.swapAt(place, least)
      place = least
    }
  }

  // MARK: As a checkpoint keeps it

  /// Writes the nodes and what was not told yet.
  public func write(to writer: inout StateWriter) {
    for flag in [isAtRoot, isDoubtful] { writer.write(flag) }
    writer.write(ifAny: start) { $0.write($1) }
    writer.write(latest)
    Self.write(nodes, to: &writer)
  }

  /// Reads both, and computes the Gram matrix again.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    let k = reader.atomCount
    let (isAtRoot, isDoubtful) = (try reader.flag(), try reader.flag())
    let start = try reader.optional { (reader) throws(RecoveryError) in
      try reader.iterate(atMost: k)
    }
    try self.init(reader.workspace, atMost: k, best: start)
    (self.isAtRoot, self.isDoubtful) = (isAtRoot, isDoubtful)
    latest = try reader.double()
    try reader.require(latest >= 0)
    nodes = try Self.nodes(from: &reader)
  }
}
