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
  /// u⁰, plane after plane, or nil for zero.
  private(set) var offset: [Double]?

  private let workspace: Workspace
  private var problem: RecoveryProblem { workspace.problem }
  private var engine: any Engine { workspace.engine }
  /// How many atoms a working set has.
  private let breadth: Int
  private var engineOffset: [EngineVector]?
  private let checkpointsInPass: Int
  /// R and u of every checkpoint, of every observation one.
  private var residuals: [[EngineVector]] = []
  private var correlations: [[EngineVector]] = []
  /// u at the end of the block, zero on the working set, with what rounding may have changed in it, and R
  /// there; and the largest entries of u, where the engine found them on the way.
  private var end: (u: [EngineVector], margin: Double, total: [Double], largest: SparseVector?)?
  /// How much the largest score outside grew in an iteration of the block before.
  var growth: Double?

  init(_ workspace: Workspace, offset: [Double]?, breadth: Int) throws(RecoveryError) {
    self.workspace = workspace
    self.breadth = breadth
    let vectorBytes =
      workspace.problem.columns * workspace.problem.planes * workspace.engine.precision.byteCount
    checkpointsInPass = min(max((64 << 20) / vectorBytes, 2), 32)
    if let offset { try setOffset(offset) }
  }

  /// u⁰ ← values: b · n bytes to the engine.
  mutating func setOffset(_ values: [Double]) throws(RecoveryError) {
    let vectors = if let engineOffset { engineOffset } else { try workspace.makeCorrelations() }
    try engine.write(problem.planes(of: values), to: vectors)
    (offset, engineOffset) = (values, vectors)
  }

  /// Proves as many states as it can, and cuts off the rest. Answers R at the last state needed, if any.
  ///
  /// - Parameters:
  ///   - norm: ‖R‖₂ at the start of the block.
  ///   - residuals: R at some states.
  mutating func prove(
    _ block: inout Block, from norm: Double, outside frontier: Frontier,
    residuals: (Block, [Int]) throws(RecoveryError) -> [[Double]]
  ) throws(RecoveryError) -> [Double]? {
    var bounds = SupportBounds(
      block, workspace, norm: norm,
      offset: offset.map { rowNorms(of: $0, planes: problem.planes).reduce(0, max) } ?? 0,
      start: frontier.bound)
    var last: [Double]?
    var wanted = bounds.plan(growth: growth, last: block.lastNeeded)
    if wanted.count > checkpointsInPass {
      wanted.removeLast(wanted.count - checkpointsInPass)
      block.truncate(to: wanted[checkpointsInPass - 1], isRolledBack: false)
    }
    while !wanted.isEmpty {
      let states = try residuals(block, wanted)
      let place = block.isFinal ? nil : wanted.firstIndex(of: block.lastNeeded)
      var (vectors, peaks, largest) = try correlations(
        of: states, outside: frontier.atoms, last: place)
      for (peak, t) in zip(peaks, wanted) { bounds.note(peak, at: t) }
      for (i, t) in wanted.enumerated() {
        guard let least = bounds.leastDoubtful(peaks[i], at: t) else { continue }
        let (peak, others) = try peak(of: vectors[i], states[i], atLeast: least)
        bounds.note(onHost: peak, others: others, at: t)
      }
      if let offender = bounds.firstViolation(before: block.states.count) {
        block.truncate(to: offender, isRolledBack: true)
      }
      if let i = wanted.firstIndex(of: block.lastNeeded) {
        // Kept for the next frontier; another vector takes its place in the next pass.
        let spare = if let end { end.u } else { try workspace.makeCorrelations() }
        end = (
          vectors[i], bounds.engineMargin(at: block.lastNeeded), states[i],
          i == place ? largest : nil
        )
        last = states[i]
        vectors[i] = spare
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
    of z: [EngineVector], _ total: [Double], atLeast least: Double
  ) throws(RecoveryError) -> (peak: Double, others: Double) {
    // Were these too few, some of the others would be as doubtful: the state counts as wrong.
    let nearest = try workspace.largest(min(64, problem.columns), of: z)
    let values = rowNorms(of: nearest.coefficients, planes: problem.planes)
    var (peak, others) = (0.0, values.reduce(.infinity, min))
    if nearest.support.count == problem.columns { others = 0 }
    for (j, value) in zip(nearest.support, values) where value != 0 {
      if value >= least {
        peak = max(peak, try score(j, total))
      } else {
        others = max(others, value)
      }
    }
    return (peak, others)
  }

  /// The scores of atoms for u, plane after plane: |u_j|, or max(u_j, 0) under signs; of several observations the norms of
  /// such rows.
  func scores(_ u: [Double]) -> [Double] {
    rowNorms(
      of: problem.model.isNonnegative ? u.map { max($0, 0) } : u, planes: problem.planes)
  }

  /// The score of atom `j` for this R, in double precision: 2 · m flops a plane.
  private func score(_ j: Int, _ total: [Double]) throws(RecoveryError) -> Double {
    let atom = try problem.atoms.atom(j)
    let row = problem.planes(of: total).enumerated().map { l, total in
      zip(atom, total).reduce(offset?[l * problem.columns + j] ?? 0) { $0 + $1.0 * $1.1 }
    }
    return scores(row)[0]
  }

  /// u⁰ + Aᵀ R for several R, zero at `atoms`, and the largest score of each; and what the next frontier is chosen
  /// from at the place `last`, where the engine finds it in the same wait. Under signs the vectors cross the bus for that,
  /// b · n bytes each; of several observations every state takes a selection.
  private mutating func correlations(
    of totals: [[Double]], outside atoms: [Int], last: Int?
  ) throws(RecoveryError) -> (
    vectors: [[EngineVector]], peaks: [Double], largest: SparseVector?
  ) {
    let planes = problem.planes
    while residuals.count < totals.count {
      var planesOfResidual: [EngineVector] = []
      for _ in 0..<planes { planesOfResidual.append(try engine.makeVector(.residual)) }
      residuals.append(planesOfResidual)
      correlations.append(try workspace.makeCorrelations())
    }
    let (inputs, outputs) = (
      Array(residuals.prefix(totals.count)), Array(correlations.prefix(totals.count))
    )
    try engine.write(
      totals.flatMap { total in problem.planes(of: total).map(problem.atoms.pulledBack) },
      to: inputs.flatMap(\.self))
    passes += (totals.count * planes + engine.residualsInPass - 1) / engine.residualsInPass
    if let last, planes == 1, !problem.model.isNonnegative {
      let (peaks, selection) = try engine.correlate(
        inputs.map { $0[0] }, into: outputs.map { $0[0] }, adding: engineOffset?[0],
        outside: atoms, selecting: min(breadth, problem.columns), of: last)
      return (
        outputs, peaks,
        selection.map { SparseVector(support: $0.indices, coefficients: $0.values) }
      )
    }
    // The products of all observations together, which have offsets of their own.
    var peaks = try engine.correlate(
      inputs.flatMap(\.self), into: outputs.flatMap(\.self),
      adding: planes == 1 ? engineOffset?[0] : nil, outside: atoms)
    if planes > 1, let engineOffset {
      for u in outputs {
        for (z, offset) in zip(u, engineOffset) {
          try engine.add(1, times: offset, to: z)
          try engine.clear(z, at: atoms)
        }
      }
    }
    if problem.model.isNonnegative {
      peaks = try outputs.map { (u) throws(RecoveryError) in
        scores(try workspace.read(u)).reduce(0, max)
      }
    } else if planes > 1 {
      // Another row may be larger by what does not count in a comparison, which is less than bounds allow for.
      peaks = try outputs.map { (u) throws(RecoveryError) in
        scores(try workspace.largest(1, of: u).coefficients)[0]
      }
    }
    return (outputs, peaks, nil)
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
  mutating func firstFrontier(sparsity: Int) throws(RecoveryError) -> Frontier {
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
    let selection = try workspace.largest(breadth, of: engineOffset)
    return Frontier(
      atoms: selection.support(among: problem.atoms),
      bound: rowNorms(of: selection.coefficients, planes: problem.planes).reduce(.infinity, min))
  }

  /// The atoms with the largest scores at the end of a proved block.
  func nextFrontier(after block: Block, atoms: [Int]) throws(RecoveryError) -> Frontier {
    guard atoms.count < problem.atoms.usableColumns, let end else { return everything }
    let sparsity = block.states[0].support.count
    let inside = zip(atoms, scores(Array(block.exploratory(block.states.count))))
      .map { (atom: $0, score: $1) }
    let nearest =
      if let known = end.largest { known } else { try largest(breadth, of: end.u) }
    let outside = scored(nearest, outside: atoms)
    var ranked = Self.ranked(inside + outside)
    // Where A is stored so coarsely that an atom may belong to the next support and not be among
    // these, more of them are looked at, and on the host.
    let doubtful = ranked[sparsity - 1].score - 2 * end.margin
    if engine.storageRoundoff > 0, (ranked.prefix(breadth).last?.score ?? 0) >= doubtful {
      let more = scored(try largest(4 * breadth, of: end.u), outside: atoms)
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

  private func largest(_ count: Int, of u: [EngineVector]) throws(RecoveryError) -> SparseVector {
    try workspace.largest(min(count, problem.columns), of: u)
  }

  /// The usable atoms of a selection that are not among others.
  private func scored(
    _ selection: SparseVector, outside atoms: [Int]
  ) -> [(atom: Int, score: Double)] {
    let inside = Set(atoms)
    let scores = rowNorms(of: selection.coefficients, planes: problem.planes)
    return zip(selection.support, scores).compactMap { j, score in
      inside.contains(j) || !problem.atoms.isUsable(j) ? nil : (j, score)
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
