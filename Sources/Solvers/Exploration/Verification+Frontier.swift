import SparseCore

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
