package import SparseCore

/// Some atoms with their Gram matrix: enough to explore supports among them without touching A.
package struct WorkingSet: Sendable {
  /// The atoms, in ascending order.
  package let atoms: [Int]
  /// Their slots in the projector that gathered them.
  fileprivate let places: [Int]
}

/// How well a support explains the observation, and how closely that is known.
package struct GramFit: Sendable {
  /// The root of twice the loss: ‖A_S c − y‖₂ without a ridge.
  package let residualNorm: Double
  /// What it is at least when computed from the columns. The same number where it was.
  package let leastNorm: Double
  /// How the least squares was solved.
  package let method: ProjectionMethod

  /// A norm from the columns unless a lower bound of that is given.
  package init(residualNorm: Double, leastNorm: Double? = nil, method: ProjectionMethod) {
    self.residualNorm = residualNorm
    self.leastNorm = leastNorm ?? residualNorm
    self.method = method
  }

  /// Of several observations: from the columns where that of each is.
  fileprivate init(_ planes: [GramFit]) {
    let norm = jointNorm(planes.map(\.residualNorm))
    let isKnown = planes.allSatisfy { $0.leastNorm == $0.residualNorm }
    self.init(
      residualNorm: norm,
      leastNorm: isKnown ? norm : min(jointNorm(planes.map(\.leastNorm)), norm.nextDown),
      method: ProjectionMethod.leastCertain(planes.map(\.method)))
  }
}

extension Projector {
  /// Gathers `atoms`, in ascending order and at most as many as this projector has room for.
  ///
  /// The latest working set is the one to work with. 2 · m · |W| · s flops for s atoms that were not
  /// gathered before.
  package mutating func workingSet(_ atoms: [Int]) throws(RecoveryError) -> WorkingSet {
    try slots.load(atoms, into: &places)
    return WorkingSet(atoms: atoms, places: places)
  }

  /// Solves on the atoms of `set` at `positions` as the model allows, and writes A_Wᵀ(y − A_S c) into
  /// `correlations`, with exact zeros where it vanishes by optimality (together with the ridge), because
  /// rounding errors there would add up. The solution is in ``coefficients``. All of it for every observation, plane
  /// after plane.
  ///
  /// From the Gram matrix, with no work of length m: k³/3 flops, and 8 · |W| · k bytes for the correlations.
  /// Where its digits do not suffice, or coefficients must not be negative, the residual is formed from
  /// the columns, 8 · m · k bytes, and may give the correlations, 8 · m · |W|. Nothing is allocated but by
  /// QR and by signs.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func explore(
    _ positions: [Int], of set: WorkingSet, correlations: inout [Double]
  ) throws(RecoveryError) -> GramFit {
    guard planes > 1 else {
      return try explorePlane(positions, of: set, correlations: &correlations)
    }
    defer { slots.plane = 0 }
    let width = set.atoms.count
    var (fits, part): ([GramFit], [Double]) = ([], Array(repeating: 0, count: width))
    var all: [Double] = []
    for l in 0..<planes {
      slots.plane = l
      fits.append(try explorePlane(positions, of: set, correlations: &part))
      all += coefficients
      for p in 0..<width { correlations[l * width + p] = part[p] }
    }
    coefficients = all
    return GramFit(fits)
  }

  /// As above, for the observation that is looked at.
  private mutating func explorePlane(
    _ positions: [Int], of set: WorkingSet, correlations: inout [Double]
  ) throws(RecoveryError) -> GramFit {
    if isNonnegative {
      return try exploreNonnegative(positions, of: set, correlations: &correlations)
    }
    place(positions, of: set)
    let explained = solveGram()
    if let explained, !factor.needsRefinement,
      let fit = gramFit(explained: explained),
      isGramAccurate(residualNorm: fit.leastNorm)
    {
      try writeCorrelations(fromGram: true, positions, of: set, into: &correlations)
      return fit
    }
    let fit = try complete(hasGramSolution: explained != nil)
    try writeCorrelations(fromGram: fit.isGramAccurate, positions, of: set, into: &correlations)
    return GramFit(residualNorm: fit.residualNorm, method: fit.method)
  }

  /// As above under signs.
  private mutating func exploreNonnegative(
    _ positions: [Int], of set: WorkingSet, correlations: inout [Double]
  ) throws(RecoveryError) -> GramFit {
    let solution = try projectNonnegative(onto: positions.map { set.atoms[$0] })
    coefficients = solution.coefficients
    residual = solution.residual
    place(positions, of: set)
    try writeCorrelations(
      fromGram: solution.isGramAccurate, positions, of: set, into: &correlations)
    return GramFit(residualNorm: solution.residualNorm, method: solution.method)
  }

  /// The fit of the coefficients by the normal equations, which explain so much of ‖y‖₂². Nil where
  /// rounding leaves nothing of it.
  ///
  /// The factor solves (G + E) c = b + e with |E_ij| ≤ (m + 3k + 4) u s_i s_j, where s_i is the root of
  /// the diagonal, and |e_i| ≤ (m + 2) u s_i ‖y‖, u = ε/2 (Higham 2002, §3.1 and theorem 10.3). To first
  /// order that moves bᵀG⁻¹b by |cᵀE c| + 2 |cᵀe|, and ‖y‖² is off by (m + 2) u ‖y‖²: together at most
  /// (m + 3k + 4) u (Σ s_i |c_i| + ‖y‖)². Four times that covers the second order, as cond(G) ≤ 10⁴, and
  /// the rounding of the residual when it comes from the columns. What inner products of an operator lose to
  /// cancellation multiplies all of it.
  private func gramFit(explained: Double) -> GramFit? {
    var size = observationNorm
    for (slot, c) in zip(places, coefficients) { size += slots.length(slot) * abs(c) }
    let error =
      2 * Double.ulpOfOne * Double(slots.rows + 3 * places.count + 4) * size * size
      * factor.cancellation
    let square = observationNorm * observationNorm - explained
    guard square > error else { return nil }
    return GramFit(
      residualNorm: square.squareRoot(), leastNorm: (square - error).squareRoot(),
      method: .cholesky)
  }

  /// The root of twice the loss of coefficients `c` at `positions`, plane after plane, from the columns: 8 · m · k bytes
  /// for each observation.
  package mutating func residualNorm(
    _ c: ArraySlice<Double>, at positions: [Int], of set: WorkingSet
  ) throws(RecoveryError) -> Double {
    defer { slots.plane = 0 }
    place(positions, of: set)
    var norms: [Double] = []
    for l in 0..<planes {
      slots.plane = l
      let first = c.startIndex + l * positions.count
      coefficients.removeAll(keepingCapacity: true)
      coefficients.append(contentsOf: c[first..<first + positions.count])
      try formResidual()
      norms.append(lossNorm)
    }
    return jointNorm(norms)
  }

  /// As ``explore(_:of:correlations:)`` without signs, with the whole projection, whose residual always
  /// comes from the columns.
  package mutating func projection(
    onto positions: [Int], of set: WorkingSet, correlations: inout [Double]
  ) throws(RecoveryError) -> Projection {
    place(positions, of: set)
    let fit = try solve()
    try writeCorrelations(fromGram: fit.isGramAccurate, positions, of: set, into: &correlations)
    return Projection(coefficients: coefficients, residual: residual, fit: fit)
  }

  /// a_jᵀ r for the atoms j of `set` at `positions`, plane after plane, from the columns themselves: 8 · m · |positions|
  /// bytes.
  package func correlate(
    _ r: [Double], with set: WorkingSet, at positions: [Int]
  ) throws(RecoveryError) -> [Double] {
    let slots = positions.map { set.places[$0] }
    var correlations: [Double] = []
    var part = [Double](repeating: 0, count: slots.count)
    for l in 0..<planes {
      try self.slots.correlate(r.part(l, of: planes), at: slots, into: &part)
      correlations += part
    }
    return correlations
  }

  /// R + t y − A_W C for sums C of t coefficient vectors on the atoms of `set`, all of it plane after plane: 2 · m · |W|
  /// flops for each of them and each observation, in one product.
  package func residualSums(
    _ sums: [(steps: Int, coefficients: ArraySlice<Double>)], of set: WorkingSet,
    from total: [Double]
  ) throws(RecoveryError) -> [[Double]] {
    let width = set.atoms.count
    let parts = sums.flatMap { sum in
      (0..<planes).map { l in
        let first = sum.coefficients.startIndex + l * width
        return sum.coefficients[first..<first + width]
      }
    }
    let images = try slots.images(of: parts, at: set.places)
    let y = observations.flatMap { $0 }
    return sums.indices.map { p in
      let (first, steps) = (p * total.count, Double(sums[p].steps))
      return total.indices.map { total[$0] + (steps * y[$0] - images[first + $0]) }
    }
  }

  /// What the ridge adds to the squared loss for a coefficient of each atom of `set`.
  package func penalties(of set: WorkingSet) -> [Double] {
    set.places.map { slots.penalties[$0] }
  }

  private mutating func place(_ positions: [Int], of set: WorkingSet) {
    places.removeAll(keepingCapacity: true)
    for p in positions { places.append(set.places[p]) }
  }

  /// A_Wᵀ(y − A_S c) for the coefficients of the atoms at `positions` and their residual, exactly zero
  /// there but where signs hold a coefficient at zero.
  private mutating func writeCorrelations(
    fromGram: Bool, _ positions: [Int], of set: WorkingSet, into correlations: inout [Double]
  ) throws(RecoveryError) {
    if fromGram {
      slots.gramCorrelations(coefficients, at: places, into: &slotCorrelations)
    } else {
      try slots.correlate(residual, into: &slotCorrelations)
    }
    for p in correlations.indices { correlations[p] = slotCorrelations[set.places[p]] }
    for (p, c) in zip(positions, coefficients) where !isNonnegative || c > 0 {
      correlations[p] = 0
    }
  }
}
