import LeastSquares
import SparseCore

/// Proves that the supports of a block are those of the plain algorithm.
///
/// At some states, the checkpoints, the largest |u_j| outside the working set is computed on the
/// engine, many checkpoints in one pass over A; ``SupportBounds`` covers the states between. Where
/// the bounds are too loose, another pass makes more checkpoints; where an atom from outside really
/// catches up, the block is cut off before it.
struct Verification<E: Engine> {
  /// The atoms to explore next.
  struct Frontier {
    /// The working set, in ascending order.
    let atoms: [Int]
    /// No |u_j| outside exceeds this.
    let bound: Double
  }

  /// How many times A was read.
  private(set) var passes = 0

  private let problem: RecoveryProblem
  private let engine: E
  /// u⁰, or nil for zero.
  private let offset: E.Vector?
  private let checkpointsInPass: Int
  private var residuals: [E.Vector] = []
  private var correlations: [E.Vector] = []
  /// u at the end of the block, zero on the working set.
  private var end: E.Vector?
  /// How much the largest magnitude outside grew in an iteration of the block before.
  private var growth: Double?

  init(_ problem: RecoveryProblem, _ engine: E, offset: [Double]?) throws(RecoveryError) {
    self.problem = problem
    self.engine = engine
    self.offset = try offset.map { (values) throws(RecoveryError) in
      let vector = try engine.makeVector(problem.columns)
      try engine.write(values, to: vector)
      return vector
    }
    let vectorBytes = problem.columns * engine.precision.byteCount
    checkpointsInPass = min(max((64 << 20) / vectorBytes, 2), 16)
  }

  /// The working set to begin with: the first support, and what is likely to follow.
  mutating func firstFrontier(
    _ breadth: Int, sparsity: Int
  ) throws(RecoveryError) -> Frontier {
    guard breadth < problem.atoms.usableColumns else {
      // Gathering all atoms reads A once, and never again.
      passes = 1
      return everything
    }
    if let offset {
      let selection = try engine.largest(breadth, of: offset)
      return Frontier(
        atoms: selection.support(among: problem.atoms),
        bound: selection.values.reduce(.infinity) { min($0, abs($1)) })
    }
    // u⁰ = 0: the lowest columns are selected, and the first step is close to Aᵀy.
    var atoms = Set(
      (0..<problem.columns).lazy.filter(problem.atoms.isUsable).prefix(sparsity))
    if breadth > sparsity {
      let step = try correlations(of: [problem.scaledObservation])[0]
      let selection = try engine.largest(breadth - sparsity, of: step)
      atoms.formUnion(selection.support(among: problem.atoms))
    }
    return Frontier(atoms: atoms.sorted(), bound: 0)
  }

  /// Proves as many states as it can, and cuts off the rest.
  ///
  /// - Parameter total: Rᵗ at the start of the block.
  mutating func prove(
    _ block: inout Block, from total: [Double], outside frontier: Frontier
  ) throws(RecoveryError) {
    guard frontier.atoms.count < problem.atoms.usableColumns else { return }
    var bounds = SupportBounds(
      block, problem, engine.precision, total: total, start: frontier.bound)
    var wanted = bounds.plan(growth: growth, last: block.lastNeeded)
    if wanted.count > checkpointsInPass {
      wanted.removeLast(wanted.count - checkpointsInPass)
      block.truncate(to: wanted[checkpointsInPass - 1], isRolledBack: false)
    }
    while !wanted.isEmpty {
      let states = wanted.map { t in zip(total, block.sum(t)).map { $0 + $1 } }
      var vectors = try correlations(of: states)
      for (place, t) in wanted.enumerated() {
        try engine.clear(vectors[place], at: frontier.atoms)
        let peak = try engine.largest(1, of: vectors[place])
        bounds.note(abs(peak.values[0]), at: t)
      }
      if let offender = bounds.firstViolation(before: block.states.count) {
        block.truncate(to: offender, isRolledBack: true)
      }
      if let place = wanted.firstIndex(of: block.lastNeeded) {
        // Kept for the next frontier; another vector takes its place in the next pass.
        let spare = if let end { end } else { try engine.makeVector(problem.columns) }
        end = vectors[place]
        vectors[place] = spare
        correlations = vectors + correlations.dropFirst(vectors.count)
      }
      wanted = Array(
        bounds.unproved(before: block.states.count).prefix(checkpointsInPass))
    }
    growth = bounds.growth(to: block.lastNeeded) ?? growth
  }

  /// The atoms with the largest |u| at the end of a proved block.
  func nextFrontier(
    _ breadth: Int, after block: Block, atoms: [Int]
  ) throws(RecoveryError) -> Frontier {
    guard atoms.count < problem.atoms.usableColumns, let end else { return everything }
    let inside = Set(atoms)
    let outside = try engine.largest(min(breadth, problem.columns), of: end)
    var candidates = zip(atoms, block.end).map { (atom: $0, magnitude: abs($1)) }
    for (j, value) in zip(outside.indices, outside.values)
    where !inside.contains(j) && problem.atoms.isUsable(j) {
      candidates.append((j, abs(value)))
    }
    candidates.sort {
      ($0.magnitude.selectionKey, $1.atom) > ($1.magnitude.selectionKey, $0.atom)
    }
    let chosen = candidates.prefix(breadth)
    return Frontier(atoms: chosen.map(\.atom).sorted(), bound: chosen.last?.magnitude ?? 0)
  }

  /// All atoms: nothing is outside.
  private var everything: Frontier {
    Frontier(atoms: (0..<problem.columns).filter(problem.atoms.isUsable), bound: 0)
  }

  /// u⁰ + Aᵀ R for several R.
  private mutating func correlations(
    of totals: [[Double]]
  ) throws(RecoveryError) -> [E.Vector] {
    while residuals.count < totals.count {
      residuals.append(try engine.makeVector(problem.rows))
      correlations.append(try engine.makeVector(problem.columns))
    }
    let (inputs, outputs) = (
      Array(residuals.prefix(totals.count)), Array(correlations.prefix(totals.count))
    )
    for (total, r) in zip(totals, inputs) { try engine.write(total, to: r) }
    try engine.correlate(inputs, into: outputs)
    passes += (totals.count + engine.residualsInPass - 1) / engine.residualsInPass
    if let offset {
      for z in outputs { try engine.add(1, times: offset, to: z) }
    }
    return outputs
  }
}
