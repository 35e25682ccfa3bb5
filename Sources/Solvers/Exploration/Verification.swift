import LeastSquares
import SparseCore

/// Proves that the supports of a block are those of the plain algorithm.
///
/// At some states, the checkpoints, the largest score outside the working set is computed on the engine,
/// many checkpoints in one pass over A; ``SupportBounds`` covers the states between. Where
/// the bounds are too loose, another pass makes more checkpoints; where what the engine computes is
/// too close to a threshold to tell, the atoms in question are correlated anew in double precision;
/// where an atom from outside really catches up, the block is cut off before it.
struct Verification {
  /// How many times A was read.
  var passes = 0
  /// u⁰, or nil for zero.
  private(set) var offset: [Double]?

  private let workspace: Workspace
  private var problem: RecoveryProblem { workspace.problem }
  private var engine: any Engine { workspace.engine }
  private var engineOffset: EngineVector?
  private let checkpointsInPass: Int
  private var residuals: [EngineVector] = []
  private var correlations: [EngineVector] = []
  /// u at the end of the block, zero on the working set, with what rounding may have changed in it,
  /// and R there.
  private var end: (vector: EngineVector, margin: Double, total: [Double])?
  /// How much the largest score outside grew in an iteration of the block before.
  var growth: Double?

  init(_ workspace: Workspace, offset: [Double]?) throws(RecoveryError) {
    self.workspace = workspace
    let vectorBytes = workspace.problem.columns * workspace.engine.precision.byteCount
    checkpointsInPass = min(max((64 << 20) / vectorBytes, 2), 32)
    if let offset { try setOffset(offset) }
  }

  /// u⁰ ← values: b · n bytes to the engine.
  mutating func setOffset(_ values: [Double]) throws(RecoveryError) {
    let vector = if let engineOffset { engineOffset } else { try engine.makeVector(.correlation) }
    try engine.write(values, to: vector)
    (offset, engineOffset) = (values, vector)
  }

  /// Proves as many states as it can, and cuts off the rest. Answers R at the last state needed, if any.
  ///
  /// - Parameters:
  ///   - norm: ‖R‖₂ at the start of the block.
  ///   - residuals: R at some states.
  mutating func prove(
    _ block: inout Block, from norm: Double, outside frontier: Frontier,
    residuals: (Block, [Int]) -> [[Double]]
  ) throws(RecoveryError) -> [Double]? {
    var bounds = SupportBounds(
      block, workspace, norm: norm, offset: offset?.reduce(0) { max($0, abs($1)) } ?? 0,
      start: frontier.bound)
    var last: [Double]?
    var wanted = bounds.plan(growth: growth, last: block.lastNeeded)
    if wanted.count > checkpointsInPass {
      wanted.removeLast(wanted.count - checkpointsInPass)
      block.truncate(to: wanted[checkpointsInPass - 1], isRolledBack: false)
    }
    while !wanted.isEmpty {
      let states = residuals(block, wanted)
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
        last = states[place]
        vectors[place] = spare
        correlations = vectors + correlations.dropFirst(vectors.count)
      }
      wanted = Array(
        bounds.unproved(before: block.states.count).prefix(checkpointsInPass))
    }
    growth = bounds.growth(to: block.lastNeeded) ?? growth
    return last
  }

  /// The largest score among the entries of z = u of `least` or more, whose correlations
  /// with R are computed again on the host, and the largest score of the others. 2 · m flops an entry.
  private func peak(
    of z: EngineVector, _ total: [Double], atLeast least: Double
  ) throws(RecoveryError) -> (peak: Double, others: Double) {
    // Were these too few, some of the others would be as doubtful: the state counts as wrong.
    let nearest = try workspace.largest(min(64, problem.columns), of: [z])
    var (peak, others) = (0.0, nearest.coefficients.reduce(.infinity) { min($0, abs($1)) })
    if nearest.support.count == problem.columns { others = 0 }
    for (j, value) in zip(nearest.support, nearest.coefficients) where value != 0 {
      if abs(value) >= least {
        peak = max(peak, try score(j, total))
      } else {
        others = max(others, abs(value))
      }
    }
    return (peak, others)
  }

  /// The score of u_j: |u_j|, or max(u_j, 0) under signs.
  func score(_ u: Double) -> Double {
    problem.model.isNonnegative ? max(u, 0) : abs(u)
  }

  /// The score of atom `j` for this R, in double precision: 2 · m flops.
  private func score(_ j: Int, _ total: [Double]) throws(RecoveryError) -> Double {
    score(zip(try problem.atoms.atom(j), total).reduce(offset?[j] ?? 0) { $0 + $1.0 * $1.1 })
  }

  /// u⁰ + Aᵀ R for several R, zero at `atoms`, and the largest score of each. Under signs the vectors
  /// cross the bus for that, b · n bytes each.
  private mutating func correlations(
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
    var peaks = try engine.correlate(inputs, into: outputs, adding: engineOffset, outside: atoms)
    if problem.model.isNonnegative {
      peaks = try outputs.map { (u) throws(RecoveryError) in
        try engine.read(u).reduce(0) { max($0, score($1)) }
      }
    }
    passes += (totals.count + engine.residualsInPass - 1) / engine.residualsInPass
    return (outputs, peaks)
  }
}

extension Verification {
  /// The atoms to explore next.
  struct Frontier {
    /// The working set, in ascending order.
    let atoms: [Int]
    /// No score outside exceeds this.
    let bound: Double
  }

  /// The working set to begin with: the largest |u⁰|, or the first support alone where u⁰ = 0.
  mutating func firstFrontier(
    _ breadth: Int, sparsity: Int
  ) throws(RecoveryError) -> Frontier {
    guard breadth < problem.atoms.usableColumns else {
      // Gathering all atoms reads A once, and never again.
      passes = 1
      return everything
    }
    guard let engineOffset else {
      // u⁰ = 0: the lowest columns are selected, and nothing is known about what follows.
      let lowest = (0..<problem.columns).lazy.filter(problem.atoms.isUsable).prefix(sparsity)
      return Frontier(atoms: Array(lowest), bound: 0)
    }
    let selection = try workspace.largest(breadth, of: [engineOffset])
    return Frontier(
      atoms: selection.support(among: problem.atoms),
      bound: selection.coefficients.reduce(.infinity) { min($0, abs($1)) })
  }

  /// The atoms with the largest scores at the end of a proved block.
  func nextFrontier(
    _ breadth: Int, after block: Block, atoms: [Int]
  ) throws(RecoveryError) -> Frontier {
    guard atoms.count < problem.atoms.usableColumns, let end else { return everything }
    let sparsity = block.states[0].support.count
    let inside = zip(atoms, block.exploratory(block.states.count))
      .map { (atom: $0, score: score($1)) }
    let outside = try largest(breadth, of: end.vector, outside: atoms)
    var ranked = Self.ranked(inside + outside)
    // Where A is stored so coarsely that an atom may belong to the next support and not be among
    // these, more of them are looked at, and on the host.
    let doubtful = ranked[sparsity - 1].score - 2 * end.margin
    if engine.storageRoundoff > 0, (ranked.prefix(breadth).last?.score ?? 0) >= doubtful {
      let more = try largest(4 * breadth, of: end.vector, outside: atoms)
      let judged = try more.map { (candidate) throws(RecoveryError) in
        candidate.score < doubtful
          ? candidate : (candidate.atom, try score(candidate.atom, end.total))
      }
      ranked = Self.ranked(inside + judged)
    }
    // All that may belong to the next support, and promising atoms; of these, those at hand are
    // favoured, since each new one costs a column of the Gram matrix.
    let needed = max(sparsity, ranked.prefix(breadth).prefix { $0.score >= doubtful }.count)
    let gathered = Set(atoms)
    let others = Self.ranked(
      ranked.dropFirst(needed).map {
        ($0.atom, gathered.contains($0.atom) ? Self.favour * $0.score : $0.score)
      })
    let chosen = ranked.prefix(needed) + others.prefix(breadth - needed)
    return Frontier(atoms: chosen.map(\.atom).sorted(), bound: chosen.last?.score ?? 0)
  }

  /// By how much an atom from outside must exceed one of the working set to take its place. At 1.25, a
  /// third fewer atoms are gathered on Gaussian columns, k = 50 and 200, and the gap that proofs rest on
  /// shrinks by a tenth to a quarter.
  private static let favour = 1.25

  private func largest(
    _ count: Int, of u: EngineVector, outside atoms: [Int]
  ) throws(RecoveryError) -> [(atom: Int, score: Double)] {
    let inside = Set(atoms)
    let selection = try workspace.largest(min(count, problem.columns), of: [u])
    return zip(selection.support, selection.coefficients).compactMap { j, value in
      inside.contains(j) || !problem.atoms.isUsable(j) ? nil : (j, abs(value))
    }
  }

  /// By falling score, ties to the lowest atom.
  private static func ranked(
    _ atoms: [(atom: Int, score: Double)]
  ) -> [(atom: Int, score: Double)] {
    atoms.sorted { ($0.score.selectionKey, $1.atom) > ($1.score.selectionKey, $0.atom) }
  }

  /// All atoms: nothing is outside.
  private var everything: Frontier {
    Frontier(atoms: problem.atoms.usable, bound: 0)
  }
}
