import LeastSquares
import SparseCore

/// Proves that the supports of a block are those of the plain algorithm.
///
/// At some states, the checkpoints, the largest |u_j| outside the working set is computed on the
/// engine, many checkpoints in one pass over A; ``SupportBounds`` covers the states between. Where
/// the bounds are too loose, another pass makes more checkpoints; where what the engine computes is
/// too close to a threshold to tell, the atoms in question are correlated anew in double precision;
/// where an atom from outside really catches up, the block is cut off before it.
struct Verification {
  /// How many times A was read.
  var passes = 0

  let problem: RecoveryProblem
  let engine: any Engine
  /// u⁰ on the engine and on the host, or nil for zero.
  let offset: EngineVector?
  private let hostOffset: [Double]?
  private let checkpointsInPass: Int
  private var residuals: [EngineVector] = []
  private var correlations: [EngineVector] = []
  /// u at the end of the block, zero on the working set, with what rounding may have changed in it,
  /// and R there.
  private(set) var end: (vector: EngineVector, margin: Double, total: [Double])?
  /// How much the largest magnitude outside grew in an iteration of the block before.
  var growth: Double?

  init(_ problem: RecoveryProblem, _ engine: any Engine, offset: [Double]?) throws(RecoveryError) {
    self.problem = problem
    self.engine = engine
    hostOffset = offset
    self.offset = try offset.map { (values) throws(RecoveryError) in
      let vector = try engine.makeVector(.correlation)
      try engine.write(values, to: vector)
      return vector
    }
    let vectorBytes = problem.columns * engine.precision.byteCount
    checkpointsInPass = min(max((64 << 20) / vectorBytes, 2), 16)
  }

  /// Proves as many states as it can, and cuts off the rest.
  ///
  /// - Parameter total: Rᵗ at the start of the block.
  mutating func prove(
    _ block: inout Block, from total: [Double], outside frontier: Frontier
  ) throws(RecoveryError) {
    guard frontier.atoms.count < problem.atoms.usableColumns else { return }
    var bounds = SupportBounds(
      block, problem, engine.precision, storageRoundoff: engine.storageRoundoff, total: total,
      start: frontier.bound)
    var wanted = bounds.plan(growth: growth, last: block.lastNeeded)
    if wanted.count > checkpointsInPass {
      wanted.removeLast(wanted.count - checkpointsInPass)
      block.truncate(to: wanted[checkpointsInPass - 1], isRolledBack: false)
    }
    while !wanted.isEmpty {
      let states = wanted.map { t in zip(total, block.sum(t)).map { $0 + $1 } }
      var (vectors, peaks) = try correlations(of: states, outside: frontier.atoms)
      for (peak, t) in zip(peaks, wanted) { bounds.note(peak, at: t) }
      for (place, t) in wanted.enumerated() {
        guard let least = bounds.leastDoubtful(peaks[place], at: t) else { continue }
        let (peak, others) = try peak(of: vectors[place], states[place], atLeast: least)
        bounds.note(onHost: peak, others: others, at: t)
      }
      if let offender = bounds.firstViolation(before: block.states.count) {
        block.truncate(to: offender, isRolledBack: true)
      }
      if let place = wanted.firstIndex(of: block.lastNeeded) {
        // Kept for the next frontier; another vector takes its place in the next pass.
        let spare = if let end { end.vector } else { try engine.makeVector(.correlation) }
        end = (vectors[place], bounds.engineMargin(at: block.lastNeeded), states[place])
        vectors[place] = spare
        correlations = vectors + correlations.dropFirst(vectors.count)
      }
      wanted = Array(
        bounds.unproved(before: block.states.count).prefix(checkpointsInPass))
    }
    growth = bounds.growth(to: block.lastNeeded) ?? growth
  }

  /// The largest |u_j| among the entries of z = u of `least` or more, correlated anew with R on the
  /// host, and the largest |z_j| of the others. 2 · m flops an entry.
  private func peak(
    of z: EngineVector, _ total: [Double], atLeast least: Double
  ) throws(RecoveryError) -> (peak: Double, others: Double) {
    // Were these too few, some of the others would be as doubtful: the state counts as wrong.
    let nearest = try engine.largest(min(64, problem.columns), of: z)
    var (peak, others) = (0.0, nearest.values.reduce(.infinity) { min($0, abs($1)) })
    if nearest.values.count == problem.columns { others = 0 }
    for (j, value) in zip(nearest.indices, nearest.values) where value != 0 {
      if abs(value) >= least {
        peak = max(peak, try magnitude(j, total))
      } else {
        others = max(others, abs(value))
      }
    }
    return (peak, others)
  }

  /// |u_j| for this R, in double precision: 2 · m flops.
  func magnitude(_ j: Int, _ total: [Double]) throws(RecoveryError) -> Double {
    abs(zip(try problem.atoms.atom(j), total).reduce(hostOffset?[j] ?? 0) { $0 + $1.0 * $1.1 })
  }

  /// u⁰ + Aᵀ R for several R, zero at `atoms`, and the largest magnitude of each.
  mutating func correlations(
    of totals: [[Double]], outside atoms: [Int]
  ) throws(RecoveryError) -> (vectors: [EngineVector], peaks: [Double]) {
    while residuals.count < totals.count {
      residuals.append(try engine.makeVector(.residual))
      correlations.append(try engine.makeVector(.correlation))
    }
    let (inputs, outputs) = (
      Array(residuals.prefix(totals.count)), Array(correlations.prefix(totals.count))
    )
    for (total, r) in zip(totals, inputs) {
      try engine.write(problem.atoms.pulledBack(total), to: r)
    }
    let peaks = try engine.correlate(inputs, into: outputs, adding: offset, outside: atoms)
    passes += (totals.count + engine.residualsInPass - 1) / engine.residualsInPass
    return (outputs, peaks)
  }
}

extension Verification {
  /// The atoms to explore next.
  struct Frontier {
    /// The working set, in ascending order.
    let atoms: [Int]
    /// No |u_j| outside exceeds this.
    let bound: Double
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
      let step = try correlations(of: [problem.scaledObservation], outside: []).vectors[0]
      let selection = try engine.largest(breadth - sparsity, of: step)
      atoms.formUnion(selection.support(among: problem.atoms))
    }
    return Frontier(atoms: atoms.sorted(), bound: 0)
  }

  /// The atoms with the largest |u| at the end of a proved block.
  func nextFrontier(
    _ breadth: Int, after block: Block, atoms: [Int]
  ) throws(RecoveryError) -> Frontier {
    guard atoms.count < problem.atoms.usableColumns, let end else { return everything }
    let sparsity = block.states[0].support.count
    let inside = zip(atoms, block.end).map { (atom: $0, magnitude: abs($1)) }
    let outside = try largest(breadth, of: end.vector, outside: atoms)
    var ranked = Self.ranked(inside + outside)
    // Where A is stored so coarsely that an atom may belong to the next support and not be among
    // these, more of them are looked at, and on the host.
    let doubtful = ranked[sparsity - 1].magnitude - 2 * end.margin
    if engine.storageRoundoff > 0, (ranked.prefix(breadth).last?.magnitude ?? 0) >= doubtful {
      let more = try largest(4 * breadth, of: end.vector, outside: atoms)
      let judged = try more.map { (candidate) throws(RecoveryError) in
        candidate.magnitude < doubtful
          ? candidate : (candidate.atom, try magnitude(candidate.atom, end.total))
      }
      ranked = Self.ranked(inside + judged)
    }
    let chosen = ranked.prefix(breadth)
    return Frontier(atoms: chosen.map(\.atom).sorted(), bound: chosen.last?.magnitude ?? 0)
  }

  private func largest(
    _ count: Int, of u: EngineVector, outside atoms: [Int]
  ) throws(RecoveryError) -> [(atom: Int, magnitude: Double)] {
    let inside = Set(atoms)
    let selection = try engine.largest(min(count, problem.columns), of: u)
    return zip(selection.indices, selection.values).compactMap { j, value in
      inside.contains(j) || !problem.atoms.isUsable(j) ? nil : (j, abs(value))
    }
  }

  /// By falling magnitude, ties to the lowest atom.
  private static func ranked(
    _ atoms: [(atom: Int, magnitude: Double)]
  ) -> [(atom: Int, magnitude: Double)] {
    atoms.sorted { ($0.magnitude.selectionKey, $1.atom) > ($1.magnitude.selectionKey, $0.atom) }
  }

  /// All atoms: nothing is outside.
  private var everything: Frontier {
    Frontier(atoms: problem.atoms.usable, bound: 0)
  }
}
