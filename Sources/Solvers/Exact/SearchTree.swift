import LeastSquares
public import SparseCore

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
  /// What was found before, until it was told.
  private var start: Iterate?
  /// The smallest squared loss of the supports found in the latest step: where the solve ends before all of them were
  /// told, no node stands for them any more.
  private var latest = Double.infinity

  init(_ problem: RecoveryProblem, best start: Iterate?) throws(RecoveryError) {
    columns = problem.atoms.usable
    isNonnegative = problem.model.isNonnegative
    let set = try SwapSet(
      HostAtoms(columns, of: problem), observation: problem.scaledPlanes)
    root = QuadraticLoss(set, cancellation: problem.atoms.gramCancellation(columns))
    nodes = [Node(chosen: [], candidates: Array(columns.indices), bound: 0)]
    self.start = start
  }

  /// No support, but for those told before the latest step, has a smaller squared loss.
  var bound: Double { min(nodes.first?.bound ?? .infinity, latest) }

  /// Takes note of the supports found in a step.
  mutating func note(_ found: [Iterate]) {
    latest = found.map { $0.residualNorm * $0.residualNorm }.min() ?? .infinity
  }

  mutating func takeStart() -> Iterate? {
    defer { start = nil }
    return start
  }

  /// Takes out the nodes of the smallest bounds, as far as these are below the target.
  mutating func takeFirst(_ most: Int, below target: Double) -> [Node] {
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
  mutating func insert(_ more: [Node]) {
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
    let (problem, k) = (reader.workspace.problem, reader.atomCount)
    let start = try reader.optional { (reader) throws(RecoveryError) in
      try reader.iterate(atMost: k)
    }
    try self.init(problem, best: start)
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
    while true {
      let (loss, dependent) = root.choosing(node.chosen, among: node.candidates)
      // Under signs an atom in the span of others may lie outside of their cone.
      if !isNonnegative { node.candidates = loss.candidates }
      let left = k - node.chosen.count
      guard left > 0, node.candidates.count > left else {
        return Outcome(found: [support(left > 0 ? node.chosen + node.candidates : node.chosen)])
      }
      if left == 1, !isNonnegative {
        let better = loss.entries().filter { $0.loss < target }
        return Outcome(found: better.map { support(node.chosen + [$0.atom]) })
      }
      let bound = try loss.bound(
        atMost: left, target: target, isNonnegative: isNonnegative, steps: Self.steps,
        isCancelled: { interruption.reason != nil })
      guard let bound else {
        return Outcome(children: node.children(at: loss.mostDependent ?? dependent[0]))
      }
      node.bound = max(node.bound, bound.loss)
      guard node.bound < target, interruption.reason == nil else { return Outcome() }
      let (chosen, leftOut) = bound.settled(atMost: left, target: target)
      guard !chosen.isEmpty || !leftOut.isEmpty else {
        return Outcome(
          children: node.children(at: loss.candidates[bound.mostWeighted]),
          found: [support(node.chosen + bound.largest(left).map { loss.candidates[$0] })])
      }
      node.settle(chosen.map { loss.candidates[$0] }, leftOut.map { loss.candidates[$0] })
    }
  }
}
