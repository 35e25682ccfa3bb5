import COpenBLAS
import SparseCore

/// Some atoms with their Gram matrix: enough to explore supports among them without touching A.
package struct WorkingSet {
  /// The atoms, in ascending order.
  package let atoms: [Int]
  /// A_Wᵀ A_W, |W| × |W|.
  private let gram: [Double]
  /// A_Wᵀ y.
  private let correlations: [Double]
  fileprivate let places: [Int]

  fileprivate init(_ atoms: [Int], places: [Int], slots: AtomSlots) {
    self.atoms = atoms
    self.places = places
    gram = slots.gramBlock(places)
    correlations = places.map { slots.correlations[$0] }
  }

  /// A_Wᵀ(A_S c − y) from the Gram matrix, for the atoms of S at `positions` in W: 2 · |W| · k flops.
  package func gradient(_ c: [Double], at positions: [Int]) -> [Double] {
    var gradient = correlations.map(-)
    let size = Int32(atoms.count)
    gram.withUnsafeBufferPointer { gram in
      guard let start = gram.baseAddress else { return }
      for (position, value) in zip(positions, c) {
        cblas_daxpy(size, value, start + position * atoms.count, 1, &gradient, 1)
      }
    }
    return gradient
  }
}

extension Projector {
  /// Gathers `atoms`, in ascending order and at most as many as this projector has room for.
  ///
  /// 2 · m · |W| · s flops for s atoms that were not gathered before.
  package mutating func workingSet(_ atoms: [Int]) -> WorkingSet {
    let places = slots.load(atoms)
    return WorkingSet(atoms, places: places, slots: slots)
  }

  /// A_Wᵀ r from the columns themselves: 8 · m · |W| bytes.
  package func correlate(_ r: [Double], with set: WorkingSet) -> [Double] {
    slots.correlate(r, with: set.places)
  }
}
