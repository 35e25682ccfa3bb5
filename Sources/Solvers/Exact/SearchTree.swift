import LeastSquares
public import SparseCore
import Synchronization

/// The nodes that are left to look at, and what all of them begin with.
public struct SearchTree: IterationState, Sendable {
  /// The supports that have all of some atoms, and beside them candidates alone.
  struct Node: Sendable {
    /// Atoms that are in, as places among the columns that may be selected.
    var chosen: [Int]
    /// Atoms of which any may be.
    var candidates: [Int]
    /// None of these supports has a smaller squared loss.
    var bound: Double

    /// Takes some candidates in, and others out.
    mutating func settle(_ taken: [Int], _ leftOut: [Int]) {
      let gone = Set(taken + leftOut)
      chosen += taken
      candidates.removeAll { gone.contains($0) }
    }

    /// Those with one of the candidates, and those without it.
    func children(at branch: Int) -> [Node] {
      let rest = candidates.filter { $0 != branch }
      return [
        Node(chosen: chosen + [branch], candidates: rest, bound: bound),
        Node(chosen: chosen, candidates: rest, bound: bound),
      ]
    }
  }

  /// The columns that may be selected.
  private let columns: [Int]
  private let isNonnegative: Bool
  /// The loss of all their supports.
  private let root: QuadraticLoss
  /// As a heap: the smallest bound first.
  private var nodes: [Node]
  /// Whether no node was looked at.
  private(set) var isFresh = true
  /// Whether an atom counted as in the span of others that is not: there is no proof then.
  private(set) var isDoubtful = false
  /// What was found before, until it was told.
  private var start: Iterate?
  /// The smallest squared loss of the supports found since ``toldAll()``: where the solve ends before all of them were
  /// told, no node stands for them any more.
  private var latest = Double.infinity

  init(_ workspace: Workspace, best start: Iterate? = nil) throws(RecoveryError) {
    let problem = workspace.problem
    columns = problem.atoms.usable
    isNonnegative = problem.model.isNonnegative
    let set =
      if let atoms = try workspace.host.atoms(), let gram = try workspace.host.gram() {
        try SwapSet(atoms, gram: gram, observation: problem.scaledPlanes)
      } else {
        try SwapSet(HostAtoms(columns, of: problem), observation: problem.scaledPlanes)
      }
    root = QuadraticLoss(set, cancellation: problem.atoms.gramCancellation(columns))
    // Beside the one that they repeat they lower no loss, and in its place they change none.
    var left = Set(columns.indices)
    for (repeated, first) in root.repeats(isNonnegative: isNonnegative)
    where try Self.isInSpan(repeated, of: [first], columns, problem.atoms) {
      left.remove(repeated)
    }
    nodes = [Node(chosen: [], candidates: left.sorted(), bound: 0)]
    self.start = start
  }

  /// No support, but for those told, has a smaller squared loss.
  var bound: Double { min(nodes.first?.bound ?? .infinity, latest) }

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
  /// where candidates were settled. No pass over A.
  ///
  /// - Returns: nil where it was cut short; the tree is as before then.
  mutating func advance(
    atMost k: Int, below target: Double, on workspace: Workspace, until interruption: Interruption
  ) throws(RecoveryError) -> Advance? {
    let nodes = takeFirst(Self.nodesInStep, below: target)
    let tree = self
    let results = Mutex(
      [Result<Outcome, RecoveryError>?](repeating: nil, count: nodes.count))
    Blocks(count: nodes.count, size: 1, threads: workspace.engine.threads).forEach { place, _ in
      let result = Result { () throws(RecoveryError) in
        try tree.outcome(of: nodes[place], atMost: k, below: target, until: interruption)
      }
      results.withLock { $0[place] = result }
    }
    var outcomes: [Outcome] = []
    for result in results.withLock({ $0 }) {
      if let outcome = try result?.get() { outcomes.append(outcome) }
    }
    guard interruption.reason == nil else {
      insert(nodes)
      return nil
    }
    isFresh = false
    for (chosen, dependent) in outcomes.flatMap(\.spans) {
      for j in dependent where !isDoubtful {
        let others = chosen.filter { $0 != j }
        isDoubtful = try !Self.isInSpan(j, of: others, columns, workspace.problem.atoms)
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
    _ place: Int, of chosen: [Int], _ columns: [Int], _ atoms: Atoms
  ) throws(RecoveryError) -> Bool {
    var basis = OrthonormalBasis(rows: atoms.rows)
    for other in chosen {
      if let direction = try basis.direction(ofAtom: columns[other], of: atoms) {
        basis.append(direction)
      }
    }
    return try basis.direction(ofAtom: columns[place], of: atoms) == nil
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
    for flag in [isFresh, isDoubtful] { writer.write(flag) }
    writer.write(ifAny: start) { $0.write($1) }
    writer.write(latest)
    writer.write(nodes) {
      $0.write($1.chosen)
      $0.write($1.candidates)
      $0.write($1.bound)
    }
  }

  /// Reads both, and computes the Gram matrix again.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    let k = reader.atomCount
    let (isFresh, isDoubtful) = (try reader.flag(), try reader.flag())
    let start = try reader.optional { (reader) throws(RecoveryError) in
      try reader.iterate(atMost: k)
    }
    try self.init(reader.workspace, best: start)
    (self.isFresh, self.isDoubtful) = (isFresh, isDoubtful)
    latest = try reader.double()
    try reader.require(latest >= 0)
    let all = 0...max(columns.count - 1, 0)
    nodes = try reader.array { (reader) throws(RecoveryError) in
      Node(
        chosen: try reader.ints(in: all), candidates: try reader.ints(in: all),
        bound: try reader.double())
    }
    for node in nodes {
      let atoms = node.chosen + node.candidates
      try reader.require(
        node.chosen.count <= k && Set(atoms).count == atoms.count && node.bound >= 0)
    }
    for place in nodes.indices.dropFirst() {
      try reader.require(nodes[(place - 1) / 2].bound <= nodes[place].bound)
    }
  }
}

extension SearchTree {
  /// What is left of a node, and the supports in it that may be better than the best.
  struct Outcome: Sendable {
    var children: [Node] = []
    var found: [[Int]] = []
    /// Atoms that counted as in the span of chosen ones.
    var spans: [(chosen: [Int], dependent: [Int])] = []
    /// As of ``Advance``.
    var work = 0.0
  }

  /// So many steps are spent on a bound at most.
  private static var steps: Int { 200 }

  /// Bounds the loss of the supports of a node and settles candidates, until there is nothing left below the target or
  /// nothing more to settle.
  ///
  /// - Parameter k: the most atoms of a support.
  func outcome(
    of node: Node, atMost k: Int, below target: Double, until interruption: Interruption
  ) throws(RecoveryError) -> Outcome {
    func support(_ places: [Int]) -> [Int] { places.map { columns[$0] }.sorted() }
    var node = node
    var work = 0.0
    var spans: [(chosen: [Int], dependent: [Int])] = []
    func outcome(_ children: [Node] = [], found: [[Int]] = []) -> Outcome {
      Outcome(children: children, found: found, spans: spans, work: work)
    }
    while true {
      let (loss, dependent) = root.choosing(node.chosen, among: node.candidates)
      // Under signs an atom in the span of others may lie outside of their cone.
      if !isNonnegative { node.candidates = loss.candidates }
      if !dependent.isEmpty { spans.append((node.chosen, dependent)) }
      let (left, n) = (k - node.chosen.count, Double(loss.count))
      // Two flops a nanosecond for the chosen atoms, and fifteen for the factors of LAPACK.
      work += 1e4 + n * n * Double(node.chosen.count + 1)
      guard left > 0, node.candidates.count > left else {
        return outcome(found: [support(left > 0 ? node.chosen + node.candidates : node.chosen)])
      }
      if left == 1, !isNonnegative {
        let better = loss.entries().filter { $0.loss < target }
        return outcome(found: better.map { support(node.chosen + [$0.atom]) })
      }
      let bound = try loss.bound(
        atMost: left, target: target, isNonnegative: isNonnegative, steps: Self.steps,
        isCancelled: { interruption.reason != nil })
      work += 0.2 * n * n * n
      guard let bound else {
        return outcome(node.children(at: loss.mostDependent ?? node.candidates[0]))
      }
      work += Double(bound.steps) * (n * n * Double(loss.planes) / 2 + 100 * n)
      node.bound = max(node.bound, bound.loss)
      guard node.bound < target, interruption.reason == nil else { return outcome() }
      let (chosen, leftOut) = bound.settled(atMost: left, target: target)
      guard !chosen.isEmpty || !leftOut.isEmpty else {
        return outcome(
          node.children(at: loss.candidates[bound.mostWeighted]),
          found: [support(node.chosen + bound.largest(left).map { loss.candidates[$0] })])
      }
      node.settle(chosen.map { loss.candidates[$0] }, leftOut.map { loss.candidates[$0] })
    }
  }
}
