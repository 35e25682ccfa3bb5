package import SparseCore

/// Some atoms with their Gram matrix: enough to explore supports among them without touching A.
package struct WorkingSet: Sendable {
  /// The atoms, in ascending order.
  package let atoms: [Int]
  /// Their slots in the projector that gathered them.
  fileprivate let places: [Int]
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

  /// Solves on the atoms of `set` at `positions`, and writes A_Wᵀ(A_S c − y) into `gradient`, where
  /// it vanishes on S by optimality: set exactly, lest rounding drift.
  ///
  /// As ``project(onto:)``, with nothing to gather, and 8 · |W| · k bytes for the gradient, from the
  /// Gram matrix; 8 · m · |W| where its digits do not suffice. Nothing is allocated unless QR is
  /// needed.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func project(
    onto positions: [Int], of set: WorkingSet, gradient: inout [Double]
  ) throws(RecoveryError) -> Fit {
    places.removeAll(keepingCapacity: true)
    for p in positions { places.append(set.places[p]) }
    let fit = try solve()
    if fit.isGramAccurate {
      slots.gramGradient(coefficients, at: places, into: &slotGradient)
    } else {
      slots.correlate(residual, into: &slotGradient)
    }
    for p in gradient.indices { gradient[p] = slotGradient[set.places[p]] }
    for p in positions { gradient[p] = 0 }
    return fit
  }

  /// As ``project(onto:of:gradient:)``, with the whole projection.
  package mutating func projection(
    onto positions: [Int], of set: WorkingSet, gradient: inout [Double]
  ) throws(RecoveryError) -> Projection {
    let fit = try project(onto: positions, of: set, gradient: &gradient)
    return Projection(coefficients: coefficients, residual: residual, fit: fit)
  }

  /// A_Wᵀ r from the columns themselves: 8 · m · |W| bytes.
  package mutating func correlate(_ r: [Double], with set: WorkingSet) -> [Double] {
    slots.correlate(r, into: &slotGradient)
    return set.places.map { slotGradient[$0] }
  }
}
