package import SparseCore

/// The squared loss of supports among many atoms, of which those that are looked at are gathered with their Gram matrix.
///
/// 8 · c · (m + c) bytes for c atoms.
package final class CachedLoss {
  /// How many atoms it has room for.
  package let capacity: Int
  private let problem: RecoveryProblem
  private var slots: AtomSlots
  private var slotOfAtom: [Int: Int] = [:]

  /// No atom is gathered yet, and there is room for `capacity` of them.
  package init(
    _ problem: RecoveryProblem, threads: Int, capacity: Int = CachedLoss.mostAtoms
  ) {
    self.problem = problem
    self.capacity = min(capacity, problem.columns)
    slots = AtomSlots(problem, capacity: self.capacity, threads: threads)
  }

  /// A Gram matrix of 32 MB.
  package static var mostAtoms: Int { 2048 }

  /// Gathers atoms, at most as many as there is room for; others stay at hand as long as they have room beside them.
  /// 2 · m · c · s flops for s atoms that were not at hand.
  ///
  /// - Throws: what an operator throws that cannot answer.
  package func load(_ wanted: Set<Int>) throws(RecoveryError) {
    let missing = wanted.subtracting(slotOfAtom.keys)
    guard !missing.isEmpty else { return }
    let fits = slotOfAtom.count + missing.count <= capacity
    let atoms = fits ? missing.union(slotOfAtom.keys).sorted() : wanted.sorted()
    slotOfAtom = [:]
    var places: [Int] = []
    try slots.load(atoms, into: &places)
    slotOfAtom = Dictionary(uniqueKeysWithValues: zip(atoms, places))
  }

  /// The loss of the supports of some atoms at hand, in their order.
  package func loss(of atoms: [Int]) -> QuadraticLoss {
    QuadraticLoss(
      slots, at: atoms.compactMap { slotOfAtom[$0] }, observations: problem.scaledObservations)
  }

  /// A_Jᵀ(y − A x) for the atoms J at hand, and coefficients x of some of these, of one observation after another: 8 · c · |x|
  /// bytes for each.
  package func gradient(
    at x: [Double], of support: [Int], with atoms: [Int]
  ) -> [Double] {
    let (places, targets) = (
      support.compactMap { slotOfAtom[$0] }, atoms.compactMap { slotOfAtom[$0] }
    )
    var slots = slots
    var (gradient, all) = ([Double](), [Double](repeating: 0, count: slots.occupied))
    for l in 0..<problem.planes {
      slots.plane = l
      slots.gramCorrelations(
        Array(x[l * support.count..<(l + 1) * support.count]), at: places, into: &all)
      gradient += targets.map { all[$0] }
    }
    return gradient
  }

  /// y − A x, plane after plane: 8 · m · |x| bytes for each observation, or a product with A.
  ///
  /// - Throws: what an operator throws that cannot answer.
  package func residual(
    of x: [Double], support: [Int]
  ) throws(RecoveryError) -> [Double] {
    let places = support.compactMap { slotOfAtom[$0] }
    var residual: [Double] = []
    for (l, y) in problem.scaledObservations.enumerated() {
      var r = y
      try slots.addImage(
        -1, of: Array(x[l * support.count..<(l + 1) * support.count]), at: places, to: &r)
      residual += r
    }
    return residual
  }

  /// A_Jᵀ r for atoms J at hand, plane after plane: 8 · m · |J| bytes for each, or a product with A.
  ///
  /// - Throws: what an operator throws that cannot answer.
  package func correlate(
    _ r: [Double], with atoms: [Int]
  ) throws(RecoveryError) -> [Double] {
    let places = atoms.compactMap { slotOfAtom[$0] }
    var correlations: [Double] = []
    var part = [Double](repeating: 0, count: places.count)
    for l in 0..<problem.planes {
      try slots.correlate(r.part(l, of: problem.planes), at: places, into: &part)
      correlations += part
    }
    return correlations
  }
}
