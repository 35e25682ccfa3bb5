import LeastSquares
import SparseCore

/// Bounds nodes of a ``SearchTree`` that have too many candidates for a Gram matrix, by one pass over A for all of them.
///
/// Let λ_j be what the ridge adds to the squared loss for a coefficient of atom j. For every r, and every c whose nonzeros are
/// the chosen atoms I and at most k − |I| candidates,
///
///     ‖y − A c‖² + Σ λ_j c_j² ≥ 2 rᵀy − ‖r‖² − Σ_I g_j² / λ_j − S(g_j² / λ_j),   g = Aᵀ r,
///
/// where S adds up the k − |I| largest of the candidates: ‖y − A c‖² ≥ 2 rᵀ(y − A c) − ‖r‖², and what is left is minimised by
/// c_j = g_j / λ_j. Of several observations, rows of g have norms, and under signs g_j counts where it is positive.
///
/// The best r is the residual of the perspective relaxation (Pilanci, Wainwright and El Ghaoui 2015), which is zero outside of a
/// few atoms. So it is solved on some, by their Gram matrix, and g tells which others belong to them: a working set, as for
/// the lasso. After two to ten passes over A the bound is that of the relaxation of all atoms.
struct WideNodes {
  typealias Node = SearchTree.Node
  typealias Outcome = SearchTree.Outcome

  private let workspace: Workspace
  /// The most atoms of a support.
  private let k: Int
  private let target: Double
  private let interruption: Interruption

  private var problem: RecoveryProblem { workspace.problem }
  private var cache: CachedLoss { workspace.cachedLoss }

  init(
    _ workspace: Workspace, atMost k: Int, below target: Double, until interruption: Interruption
  ) {
    (self.workspace, self.k) = (workspace, k)
    (self.target, self.interruption) = (target, interruption)
  }

  /// Whether nodes are bounded in this way: with a ridge, and more atoms than rows or than a Gram matrix is made of.
  static func apply(to problem: RecoveryProblem, atMost k: Int) -> Bool {
    guard problem.model.ridge > 0, k <= mostSparsity else { return false }
    let atoms = problem.atoms.usable
    return atoms.count > max(min(problem.presentRows, BranchAndBound.mostColumns), fewAtoms)
      && atoms.allSatisfy { problem.penalty($0) >= .leastNormalMagnitude }
  }

  /// The most atoms of a support: others have to be at hand beside them.
  static var mostSparsity: Int { CachedLoss.mostAtoms / 8 }
  /// So often in a row a node comes back without being branched on.
  static var mostRefinements: Int { 16 }
  /// As many steps as are taken for the point of a node.
  private static var steps: Int { 400 }
  /// So often others of the atoms at hand join those that the relaxation is solved on.
  private static var mostExtensions: Int { 6 }

  /// How many nodes are bounded side by side: their correlations take 64 MB at most.
  var mostNodes: Int {
    min(max((8 << 20) / (problem.columns * problem.planes), 1), max(32 / problem.planes, 1))
  }

  /// The first of these nodes, as many as there is room for the atoms that they are bounded by.
  func fitting(_ nodes: [Node]) -> [Node] {
    var atoms: Set<Int> = []
    return Array(
      nodes.prefix { node in
        atoms.formUnion(needs(of: node))
        return atoms.count <= cache.capacity
      })
  }

  /// Whether the candidates are few enough for a Gram matrix and the better bound that comes from it; or for all to be tried,
  /// where one more atom makes a support.
  private func isNarrow(_ node: Node) -> Bool {
    let count = node.candidateCount
    if node.chosen.count == k - 1, !problem.model.isNonnegative {
      return count <= CachedLoss.mostAtoms / 2
    }
    return count <= max(min(problem.presentRows, Self.mostNarrow), Self.fewAtoms)
  }

  /// The factors of their Gram matrix take some tenths of a second.
  private static var mostNarrow: Int { 512 }
  /// Of so few atoms the other bound costs no more than this one, and even where they are more than A has rows it settles
  /// more: of 30 columns of 3 factors, k = 4, 862 nodes lead to a proof instead of 7075.
  private static var fewAtoms: Int { 64 }

  /// The atoms by which a node is bounded.
  private func needs(of node: Node) -> [Int] {
    isNarrow(node) ? node.chosen + node.candidates : node.chosen + Array(node.point.keys)
  }

  /// What comes of each node, in their order: a pass over A, and 8 · n bytes from the engine for each of them and each
  /// observation.
  func outcomes(of nodes: [Node]) throws(RecoveryError) -> [Outcome] {
    // Not what else is at hand: the answer must not depend on a break before it.
    let atoms = nodes.reduce(into: Set<Int>()) { $0.formUnion(needs(of: $1)) }
    try cache.load(atoms)
    let near = atoms.sorted()
    let threads = workspace.engine.threads
    // Threads only read it.
    nonisolated(unsafe) let (bounds, cache) = (self, cache)
    let narrow = NarrowNodes(
      isNonnegative: problem.model.isNonnegative, atMost: k, below: target, until: interruption)
    let looked = try concurrently(nodes, threads: threads) {
      (node) throws(RecoveryError) -> Look in
      if bounds.isNarrow(node) {
        return .done(
          try narrow.outcome(of: node, cache.loss(of: node.chosen + node.candidates)))
      }
      let left = bounds.k - node.chosen.count
      if left == 0 { return .done(Outcome(found: [node.chosen.sorted()], work: 1e4)) }
      return .point(try bounds.relax(node, left, near))
    }
    let points = looked.compactMap(\.point)
    guard !points.isEmpty, interruption.reason == nil else { return looked.compactMap(\.outcome) }
    let correlations = try correlations(of: points.map(\.residual))
    let judged = try concurrently(Array(zip(points, correlations)), threads: threads) {
      (point, z) throws(RecoveryError) in try bounds.judge(point, z)
    }
    var rest = judged[...]
    return looked.compactMap { $0.outcome ?? rest.popFirst() }
  }

  /// What is known of a node before the pass.
  private enum Look: Sendable {
    case done(Outcome)
    case point(Point)

    var outcome: Outcome? { if case .done(let outcome) = self { outcome } else { nil } }
    var point: Point? { if case .point(let point) = self { point } else { nil } }
  }

  /// A point of the relaxation of a node.
  private struct Point: Sendable {
    var node: Node
    /// The atoms on which it was solved: the chosen ones, then others.
    var support: [Int]
    /// How large the coefficients of each of these are, in units in which atoms compare.
    var weights: [Double]
    /// y − A x, plane after plane.
    var residual: [Double]
    /// In nanoseconds of a model, as of one core.
    var work: Double
  }

  /// Solves the relaxation of a node on the atoms of its point, and others of some at hand that belong to them.
  private func relax(
    _ node: Node, _ left: Int, _ near: [Int]
  ) throws(RecoveryError) -> Point {
    let planes = problem.planes
    var node = node
    let chosen = node.chosen
    let taken = Set(chosen)
    var others = node.point.keys.filter { !taken.contains($0) }.sorted()
    let near = near.filter(node.hasCandidate)
    var (x, support, work) = ([Double](), [Int](), 1e4)
    for extensions in 0... {
      support = chosen + others
      let start = (0..<planes).flatMap { l in support.map { node.point[$0]?[l] ?? 0 } }
      guard !support.isEmpty else { break }
      let n = Double(support.count)
      let (relaxed, value, steps) = cache.loss(of: support).relaxed(
        chosen: chosen.count, atMost: left, target: target,
        isNonnegative: problem.model.isNonnegative, from: start, steps: Self.steps,
        isCancelled: { interruption.reason != nil })
      x = relaxed
      node.ceiling = min(node.ceiling, value)
      work += n * n * (10 + Double(steps * planes) / 2) + Double(near.count) * n / 2
      for (p, atom) in support.enumerated() {
        node.point[atom] = (0..<planes).map { x[$0 * support.count + p] }
      }
      guard extensions < Self.mostExtensions, interruption.reason == nil else { break }
      let gains = gains(cache.gradient(at: x, of: support, with: near), of: near)
      let joining = joining(near, gains, beside: Set(support), left: left)
      if joining.isEmpty { break }
      others += joining
    }
    let weights = support.map { ((node.point[$0] ?? []).norm) * problem.penalty($0).squareRoot() }
    // Others come back where they belong to it.
    for (atom, weight) in zip(support, weights) where weight == 0 { node.point[atom] = nil }
    let residual = try cache.residual(of: x, support: support)
    work += Double(problem.rows * planes) * Double(support.count) / 2
    return Point(node: node, support: support, weights: weights, residual: residual, work: work)
  }

  /// The most atoms that a relaxation is solved on: with less ridge and more noise it has as many as A has rows, and a bound
  /// that says little.
  private static var mostInSupport: Int { CachedLoss.mostAtoms / 2 }

  /// Of some atoms, those outside of `support` that belong to the relaxation: whose gains are among the `left` largest. A
  /// part of them, the largest, where they are many.
  private func joining(
    _ atoms: [Int], _ gains: [Double], beside support: Set<Int>, left: Int
  ) -> [Int] {
    let inside = atoms.indices.filter { support.contains(atoms[$0]) }
    let least = inside.count < left ? 0 : inside.map { gains[$0] }.sorted(by: >)[left - 1]
    let outside = atoms.indices.filter {
      !support.contains(atoms[$0]) && gains[$0] > least * (1 + 1e-9)
    }
    let room = max(Self.mostInSupport - support.count, 0)
    return outside.sorted { (gains[$0], $1) > (gains[$1], $0) }
      .prefix(min(left + support.count, room)).map { atoms[$0] }
  }

  /// g_j² / λ_j of some atoms for g, plane after plane, each entry of which may be larger by `margin`.
  private func gains(
    _ g: [Double], of atoms: [Int], margin: Double = 0
  ) -> [Double] {
    let isNonnegative = problem.model.isNonnegative
    return atoms.indices.map { p in
      let square = stride(from: p, to: g.count, by: atoms.count).reduce(0) { sum, i in
        let entry = isNonnegative ? max(g[i] + margin, 0) : abs(g[i]) + margin
        return sum + entry * entry
      }
      return square / problem.penalty(atoms[p])
    }
  }

  /// Aᵀ r of all atoms, for the residuals of some nodes: one pass over A for as many as the engine takes at once.
  private func correlations(
    of residuals: [[Double]]
  ) throws(RecoveryError) -> [[Double]] {
    let planes = problem.planes
    let vectors = try workspace.scratch(residuals.count)
    try workspace.correlate(residuals.flatMap { $0 }, into: vectors)
    return try residuals.indices.map { (p) throws(RecoveryError) in
      let z = try workspace.read(Array(vectors[p * planes..<(p + 1) * planes]))
      if let place = z.firstIndex(where: \.isNaN) {
        throw .nonFiniteCorrelation(
          engine: workspace.engine.identity.name, column: place % problem.columns)
      }
      return z
    }
  }

  /// The part of a node in a pass: ten flops a nanosecond.
  static func passWork(_ problem: RecoveryProblem) -> Double {
    Double(problem.rows * problem.columns * problem.planes) / 5
  }

  /// What the bound of a node leads to.
  private func judge(_ point: Point, _ z: [Double]) throws(RecoveryError) -> Outcome {
    var node = point.node
    let (left, candidates) = (k - node.chosen.count, node.candidates)
    var outcome = Outcome(work: point.work)
    outcome.work += Self.passWork(problem)
    outcome.work += 20 * Double(candidates.count)
    let all = node.chosen + candidates
    let gains = try gains(of: all, point, z)
    let own = gains.prefix(node.chosen.count).reduce(0, +)
    let dual = Dual(problem, point.residual)
    let bound = dual.bound(Array(gains.dropFirst(node.chosen.count)), own, left)
    node.bound = max(node.bound, bound.loss)
    guard node.bound < target else { return outcome }
    let (taken, out) = bound.settled(atMost: left, target: target)
    outcome.found = [
      (node.chosen + bound.largest(left).map { candidates[$0] }).sorted()
    ]
    guard candidates.count > left else { return outcome }
    let joining = joining(candidates, bound.gains, beside: Set(point.support), left: left)
    let others = Set(joining)
    let known = dual.bound(
      candidates.indices.map { others.contains(candidates[$0]) ? 0 : bound.gains[$0] }, own, left)
    let mayRise = known.loss - bound.loss > Self.worthwhile * (target - bound.loss)
    node.settle(taken.map { candidates[$0] }, out.map { candidates[$0] })
    guard node.chosen.count < k else { return outcome }
    if node.refinements < Self.mostRefinements,
      mayRise || !taken.isEmpty || out.count >= candidates.count / 4
    {
      for atom in joining where node.point[atom] == nil {
        node.point[atom] = [Double](repeating: 0, count: problem.planes)
      }
      node.refinements += 1
      outcome.children = [node]
      return outcome
    }
    let heaviest = zip(point.support, point.weights)
      .filter { $0.1 > 0 && node.hasCandidate($0.0) }.max { ($0.1, $1.0) < ($1.1, $0.0) }?.0
    let largest = bound.largest(left + 1).first { node.hasCandidate(candidates[$0]) }
    guard let branch = heaviest ?? largest.map({ candidates[$0] }) else { return outcome }
    outcome.children = node.children(at: branch)
    return outcome
  }

  /// A node is looked at again where other atoms may bring its bound nearer to the target by this share.
  private static var worthwhile: Double { 0.1 }

  /// No less than the gains of some atoms, from what the engine says of all; in double precision where it says less of those of
  /// the point.
  private func gains(
    of atoms: [Int], _ point: Point, _ z: [Double]
  ) throws(RecoveryError) -> [Double] {
    let (planes, n, engine) = (problem.planes, problem.columns, workspace.engine)
    let norm = point.residual.norm
    /// As in ``SupportBounds``.
    func margin(_ unit: Double, _ storageRoundoff: Double) -> Double {
      norm
        * problem.atoms.correlationError(
          sumRoundoff: 2 * Double(problem.rows + 8) * unit, storageRoundoff: storageRoundoff)
    }
    let isExact = engine.precision == .double && engine.storageRoundoff == 0
    let engineMargin = margin(
      engine.precision == .double ? 0x1p-53 : 0x1p-24, engine.storageRoundoff)
    var all = gains(
      (0..<planes).flatMap { l in atoms.map { z[l * n + $0] } }, of: atoms, margin: engineMargin)
    guard !isExact else { return all }
    let exact = gains(
      try cache.correlate(point.residual, with: point.support), of: point.support,
      margin: margin(0x1p-53, 0))
    let better = Dictionary(uniqueKeysWithValues: zip(point.support, exact))
    for (p, atom) in atoms.enumerated() {
      if let gain = better[atom] { all[p] = gain }
    }
    return all
  }
}

/// The bound that a vector r leads to, at its best multiple t r: t = rᵀy / (‖r‖² + S).
private struct Dual {
  private let product: Double
  private let square: Double
  private let roundoff: Double
  private let length: Double

  init(_ problem: RecoveryProblem, _ r: [Double]) {
    let y = problem.scaledPlanes
    product = zip(y, r).reduce(0) { $0 + $1.0 * $1.1 }
    square = r.squaredNorm
    length = y.norm
    // Of sums of so many products, twice (Higham 2002, §3.1).
    roundoff = Double(r.count + 8) * Double.ulpOfOne
  }

  /// - Parameters:
  ///   - gains: of the candidates, for r itself.
  ///   - own: the sum of the gains of the chosen atoms.
  ///   - k: the most candidates beside these.
  func bound(_ gains: [Double], _ own: Double, _ k: Int) -> PerspectiveBound {
    let unscaled = PerspectiveBound(loss: 0, gains: gains, weights: [])
    let sum = unscaled.largest(k).reduce(own) { $0 + gains[$1] } * (1 + roundoff)
    let t = max(product, 0) / max(square + sum, .leastNormalMagnitude)
    let loss = 2 * t * product - t * t * (square + sum)
    let margin = roundoff * (2 * t * length * square.squareRoot() + t * t * (square + sum))
    return PerspectiveBound(loss: loss - margin, gains: gains.map { t * t * $0 }, weights: [])
  }
}
