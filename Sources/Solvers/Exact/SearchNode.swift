import SparseCore

extension SearchTree {
  /// The supports that have all of some atoms, and beside them candidates alone.
  struct Node: Sendable {
    /// Atoms that are in.
    var chosen: [Int]
    /// Atoms of which any may be in, but for those chosen and left out.
    private(set) var pool: Pool
    /// Atoms of the pool that are out.
    private(set) var leftOut: [Int]
    /// None of these supports has a smaller squared loss.
    var bound: Double
    /// Atoms on which the relaxation of a wide node is solved first, with coefficients, one for each observation.
    var point: [Int: [Double]]
    /// What no bound of this node will exceed, as far as is known.
    var ceiling: Double
    /// How often in a row this node came back with fewer candidates or a better point.
    var refinements: Int

    init(
      chosen: [Int] = [], pool: Pool, leftOut: [Int] = [], bound: Double = 0,
      point: [Int: [Double]] = [:], ceiling: Double = .infinity, refinements: Int = 0
    ) {
      (self.chosen, self.pool, self.leftOut) = (chosen, pool, leftOut)
      (self.bound, self.point, self.ceiling) = (bound, point, ceiling)
      self.refinements = refinements
    }

    /// Atoms of which any may be in, in ascending order: O(n).
    var candidates: [Int] {
      get {
        let gone = Set(chosen + leftOut)
        return gone.isEmpty ? pool.atoms : pool.atoms.filter { !gone.contains($0) }
      }
      set { (pool, leftOut) = (Pool(newValue), []) }
    }

    /// Whether an atom is one of them: O(log n).
    func hasCandidate(_ atom: Int) -> Bool {
      pool.contains(atom) && !chosen.contains(atom) && !leftOut.contains(atom)
    }

    /// How many there are.
    var candidateCount: Int {
      let own = chosen.reduce(0) { $0 + (pool.contains($1) ? 1 : 0) }
      return pool.atoms.count - leftOut.count - own
    }

    /// Takes some candidates in, and others out.
    mutating func settle(_ taken: [Int], _ out: [Int]) {
      let gone = Set(taken + out)
      let left = candidates.filter { !gone.contains($0) }
      chosen += taken
      candidates = left
      if !gone.isEmpty { ceiling = .infinity }
      for atom in out { point[atom] = nil }
    }

    /// Those with one of the candidates, and those without it.
    func children(at branch: Int) -> [Node] {
      var (with, without) = (self, self)
      with.chosen.append(branch)
      without.leftOut.append(branch)
      without.point[branch] = nil
      (with.refinements, without.refinements) = (0, 0)
      (with.ceiling, without.ceiling) = (.infinity, .infinity)
      return [with, without]
    }
  }

  /// Atoms that many nodes share, in ascending order.
  final class Pool: Sendable {
    let atoms: [Int]

    init(_ atoms: [Int]) { self.atoms = atoms }

    /// O(log n).
    func contains(_ atom: Int) -> Bool {
      var (low, high) = (0, atoms.count)
      while low < high {
        let middle = (low + high) / 2
        if atoms[middle] < atom { low = middle + 1 } else { high = middle }
      }
      return low < atoms.count && atoms[low] == atom
    }
  }

  /// What is left of a node, and the supports in it that may be better than the best.
  struct Outcome: Sendable {
    var children: [Node] = []
    var found: [[Int]] = []
    /// Atoms that counted as in the span of chosen ones.
    var spans: [(chosen: [Int], dependent: [Int])] = []
    /// As of ``Advance``.
    var work = 0.0
  }

  // MARK: As a checkpoint keeps them

  /// Every pool once.
  static func write(_ nodes: [Node], to writer: inout StateWriter) {
    var (pools, places) = ([Pool](), [ObjectIdentifier: Int]())
    for node in nodes where places[ObjectIdentifier(node.pool)] == nil {
      places[ObjectIdentifier(node.pool)] = pools.count
      pools.append(node.pool)
    }
    writer.write(pools) { $0.write($1.atoms) }
    writer.write(nodes) { writer, node in
      writer.write(node.chosen)
      writer.write(places[ObjectIdentifier(node.pool)] ?? 0)
      writer.write(node.leftOut)
      writer.write(node.bound)
      writer.write(node.point.sorted { $0.key < $1.key }) {
        $0.write($1.key)
        $0.write($1.value)
      }
      writer.write(node.ceiling)
      writer.write(node.refinements)
    }
  }

  /// What was written, as a heap.
  static func nodes(from reader: inout StateReader) throws(RecoveryError) -> [Node] {
    let problem = reader.workspace.problem
    let (all, planes) = (0...max(problem.columns - 1, 0), problem.planes)
    let pools = try reader.array { (reader) throws(RecoveryError) in
      Pool(try reader.support(atMost: problem.columns))
    }
    let nodes = try reader.array { (reader) throws(RecoveryError) in
      let chosen = try reader.ints(in: all)
      let pool = pools.isEmpty ? nil : pools[try reader.int(in: 0...pools.count - 1)]
      try reader.require(pool != nil)
      let (leftOut, bound) = (try reader.ints(in: all), try reader.double())
      let point = try reader.array { (reader) throws(RecoveryError) in
        (try reader.int(in: all), try reader.vector(planes))
      }
      return Node(
        chosen: chosen, pool: pool ?? Pool([]), leftOut: leftOut, bound: bound,
        point: Dictionary(point) { first, _ in first }, ceiling: try reader.double(),
        refinements: try reader.int(in: 0...WideNodes.mostRefinements))
    }
    for node in nodes {
      let gone = node.chosen + node.leftOut
      try reader.require(
        node.chosen.count <= reader.atomCount && Set(gone).count == gone.count && node.bound >= 0
          && problem.areAtoms(node.chosen.sorted())
          && node.leftOut.allSatisfy(node.pool.contains)
          && problem.areAtoms(node.point.keys.sorted()))
    }
    for place in nodes.indices.dropFirst() {
      try reader.require(nodes[(place - 1) / 2].bound <= nodes[place].bound)
    }
    return nodes
  }
}
