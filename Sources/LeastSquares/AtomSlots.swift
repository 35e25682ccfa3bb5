import COpenBLAS
import SparseCore

/// The atoms of the current support with their Gram matrix, in double precision: gathered, or left to the products of an
/// operator that knows the inner products of its columns (``AtomProducts``).
///
/// An atom keeps its slot for as long as it is in the support, so that a step which swaps s of k
/// atoms gathers s columns and computes s columns of the Gram matrix: 2 · m · k · s flops.
struct AtomSlots {
  let rows: Int
  let capacity: Int
  /// How many slots are in use: the first ones.
  private(set) var occupied = 0
  /// The observation that is looked at.
  var plane = 0
  /// Aᵀy of the slots, for one observation after another.
  private var correlations: [Double]
  /// The Gram matrix of the slots, capacity × capacity; meaningful where slots are in use.
  private(set) var gram: [Double]

  /// What the ridge adds to the diagonal of the Gram matrix, for each slot.
  private(set) var penalties: [Double]
  /// Whether there is a ridge.
  let hasRidge: Bool

  private let problem: RecoveryProblem
  /// How many threads share a large product.
  private let threads: Int
  /// Whether the atoms are here themselves.
  var areGathered: Bool { operatorProducts == nil }

  /// Products with atoms that are not gathered, else nil.
  private var operatorProducts: AtomProducts? { problem.atoms.products }
  /// The atoms, m × capacity, column-major; some may be atoms of the past. Empty where they are not gathered.
  private var columns: [Double]
  /// The correlations of all atoms with every observation, where they come from one product with A; nil until needed.
  private var observed: [[Double]]?
  private var atomOfSlot: [Int]
  private var slotOfAtom: [Int: Int] = [:]

  init(_ problem: RecoveryProblem, capacity: Int, threads: Int) {
    rows = problem.rows
    self.threads = threads
    self.capacity = capacity
    self.problem = problem
    hasRidge = problem.model.ridge > 0
    penalties = Array(repeating: 0, count: capacity)
    correlations = Array(repeating: 0, count: capacity * problem.planes)
    let gathered = problem.atoms.products == nil ? rows : 0
    // A slot is not read before an atom was gathered there, so that nothing sets it to zero before.
    columns = Array(unsafeUninitializedCapacity: gathered * capacity) { $1 = gathered * capacity }
    gram = Array(repeating: 0, count: capacity * capacity)
    atomOfSlot = Array(repeating: -1, count: capacity)
  }

  /// How many new columns of the Gram matrix are computed in one product.
  private static var mostArrivals: Int { 64 }

  /// Gathers what is missing of `support` and writes the slot of each of its atoms, in its order.
  ///
  /// - Throws: what an operator throws that cannot answer; all slots are free then.
  mutating func load(_ support: [Int], into places: inout [Int]) throws(RecoveryError) {
    precondition(support.count <= capacity, "a support of at most \(capacity) atoms")
    let missing = support.filter { slotOfAtom[$0] == nil }
    if !missing.isEmpty {
      do throws(RecoveryError) {
        try gather(missing, beside: support)
      } catch {
        free()
        throw error
      }
    }
    places.removeAll(keepingCapacity: true)
    for atom in support { if let slot = slotOfAtom[atom] { places.append(slot) } }
  }

  /// Gathers atoms that have no slot, in slots that atoms of `support` do not need.
  private mutating func gather(_ missing: [Int], beside support: [Int]) throws(RecoveryError) {
    var isFree = [Bool](repeating: true, count: capacity)
    for atom in support { if let slot = slotOfAtom[atom] { isFree[slot] = false } }
    let slots = Array(isFree.indices.lazy.filter { isFree[$0] }.prefix(missing.count))
    for first in stride(from: 0, to: missing.count, by: Self.mostArrivals) {
      let group = first..<min(first + Self.mostArrivals, missing.count)
      try fill(Array(slots[group]), with: Array(missing[group]))
      try updateGram(slots[group])
    }
  }

  /// Makes all atoms to be gathered again.
  private mutating func free() {
    slotOfAtom.removeAll()
    for slot in atomOfSlot.indices { atomOfSlot[slot] = -1 }
  }

  /// The least squares problem of the atoms at `places`: their columns side by side, and what they
  /// explain. A ridge adds a row to both for each of them, (m + k) × k.
  func system(
    _ places: [Int], _ y: [Double]
  ) throws(RecoveryError) -> (columns: [Double], y: [Double]) {
    let added = hasRidge ? places.count : 0
    var block: [Double] = []
    block.reserveCapacity((rows + added) * places.count)
    for (place, slot) in places.enumerated() {
      if operatorProducts != nil {
        block += try problem.atoms.atom(atomOfSlot[slot])
      } else {
        block += columns[slot * rows..<(slot + 1) * rows]
      }
      for row in 0..<added { block.append(row == place ? penalties[slot].squareRoot() : 0) }
    }
    return (block, y + Array(repeating: 0, count: added))
  }

  /// The Gram matrix of the atoms at `places` with the ridge on its diagonal, k × k.
  func gramBlock(_ places: [Int]) -> [Double] {
    let count = places.count
    return [Double](unsafeUninitializedCapacity: count * count) { block, written in
      gram.withUnsafeBufferPointer { gram in
        for (j, column) in places.enumerated() {
          let source = column * capacity
          for (i, row) in places.enumerated() { block[i + j * count] = gram[row + source] }
          block[j * (count + 1)] += penalties[column]
        }
      }
      written = count * count
    }
  }

  /// r ← r + α A_S c for coefficients c of the atoms at `places` and α = ± 1: 8 · m · k bytes, or a product with A.
  func addImage(
    _ α: Double, of c: [Double], at places: [Int], to r: inout [Double]
  ) throws(RecoveryError) {
    if let operatorProducts {
      let image = try operatorProducts.image(of: c, atoms: atoms(places))
      for i in r.indices { r[i] += α * image[i] }
      return
    }
    addColumns(places, of: columns, times: c, α, to: &r, count: rows, stride: rows)
  }

  /// h ← Aᵀy − G c for all slots in use and coefficients c of the atoms at `places`: 8 · |slots| · k
  /// bytes.
  func gramCorrelations(_ c: [Double], at places: [Int], into h: inout [Double]) {
    for slot in 0..<occupied { h[slot] = correlation(slot) }
    addColumns(places, of: gram, times: c, -1, to: &h, count: occupied, stride: capacity)
  }

  /// h ← Aᵀ r for all slots in use: 8 · m · |slots| bytes, or a product with A.
  func correlate(_ r: [Double], into h: inout [Double]) throws(RecoveryError) {
    if operatorProducts != nil {
      let used = (0..<occupied).filter { atomOfSlot[$0] >= 0 }
      var products = [Double](repeating: 0, count: used.count)
      try correlate(r, at: used, into: &products)
      for (slot, product) in zip(used, products) { h[slot] = product }
      return
    }
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rows), Int32(occupied), 1, columns, Int32(rows), r, 1, 0,
      &h, 1)
  }

  /// h ← A_Sᵀ r for the atoms at `places`: 8 · m · k bytes, or a product with A.
  func correlate(
    _ r: [Double], at places: [Int], into h: inout [Double]
  ) throws(RecoveryError) {
    if let operatorProducts {
      for (p, product) in try operatorProducts.correlations(r, with: atoms(places)).enumerated() {
        h[p] = product
      }
      return
    }
    LeastSquares.correlate(
      r, with: places, of: columns, rows: rows, threads: threads, into: &h)
  }

  /// A_W C, m × p, for p vectors C of coefficients of the atoms at `places`: 2 · m · |slots| · p flops, or p products
  /// with A.
  func images(
    of coefficients: [ArraySlice<Double>], at places: [Int]
  ) throws(RecoveryError) -> [Double] {
    if let operatorProducts {
      var images: [Double] = []
      for c in coefficients { images += try operatorProducts.image(of: c, atoms: atoms(places)) }
      return images
    }
    let count = coefficients.count
    var images = [Double](repeating: 0, count: rows * count)
    guard count > 0, occupied > 0 else { return images }
    var block = [Double](repeating: 0, count: occupied * count)
    for (p, c) in coefficients.enumerated() {
      for (slot, value) in zip(places, c) { block[p * occupied + slot] = value }
    }
    multiply(
      columns, by: block, into: &images, rows: rows, inner: occupied, columns: count,
      stride: rows, threads: threads)
    return images
  }

  /// a_jᵀy of the atom in a slot in use.
  func correlation(_ slot: Int) -> Double { correlations[plane * capacity + slot] }

  /// Aᵀy of the atoms at `places`, for one observation after another.
  func observed(at places: [Int]) -> [Double] {
    stride(from: 0, to: correlations.count, by: capacity).flatMap { start in
      places.map { correlations[start + $0] }
    }
  }

  /// The length of the atom in a slot in use, with the ridge as rows of its own.
  func length(_ slot: Int) -> Double {
    (gram[slot * (capacity + 1)] + penalties[slot]).squareRoot()
  }

  /// ``Atoms/gramCancellation(_:)`` of the atoms at `places`.
  func gramCancellation(_ places: [Int]) -> Double {
    problem.atoms.gramCancellation(places.lazy.map { atomOfSlot[$0] })
  }

  /// ``Atoms/gramCancellation(_:)`` of the atoms in use.
  var gramCancellation: Double {
    problem.atoms.gramCancellation(atomOfSlot.prefix(occupied).lazy.filter { $0 >= 0 })
  }

  /// The atoms at `places`.
  private func atoms(_ places: [Int]) -> [Int] { places.map { atomOfSlot[$0] } }

  /// The largest ``Atoms/cancellation(_:)`` of the atoms at `places`.
  func cancellation(_ places: [Int]) -> Double {
    places.reduce(1) { max($0, problem.atoms.cancellation(atomOfSlot[$1])) }
  }

  /// The atom in a slot in use.
  func atom(inSlot slot: Int) -> Int { atomOfSlot[slot] }

  /// Gives a slot to an atom that has none.
  mutating func occupy(_ slot: Int, with atom: Int) {
    slotOfAtom[atomOfSlot[slot]] = nil
    slotOfAtom[atom] = slot
    atomOfSlot[slot] = atom
    occupied = max(occupied, slot + 1)
  }

  /// Writes one inner product of two atoms, and its mirror image.
  mutating func setGram(_ slot: Int, _ other: Int, _ product: Double) {
    gram[other + slot * capacity] = product
    gram[slot + other * capacity] = product
  }

  /// Copies atoms that have no slot into free ones; or takes what products with A say of them.
  mutating func fill(_ slots: [Int], with atoms: [Int]) throws(RecoveryError) {
    for (slot, atom) in zip(slots, atoms) {
      occupy(slot, with: atom)
      penalties[slot] = problem.penalty(atom)
    }
    if let operatorProducts {
      let known: [[Double]]
      if let observed {
        known = observed
      } else {
        let all = Array(0..<problem.columns)
        known = try problem.scaledObservations.map { (y) throws(RecoveryError) in
          try operatorProducts.correlations(y, with: all)
        }
        observed = known
      }
      for (plane, products) in known.enumerated() {
        for (slot, atom) in zip(slots, atoms) {
          correlations[plane * capacity + slot] = products[atom]
        }
      }
      return
    }
    try columns.withUnsafeMutableBufferPointer {
      [problem, threads] (columns) throws(RecoveryError) in
      guard let start = columns.baseAddress else { return }
      try problem.atoms.copyAtoms(atoms, to: start, at: slots, threads: threads)
    }
    var products = [Double](repeating: 0, count: slots.count)
    for (plane, y) in problem.scaledObservations.enumerated() {
      try correlate(y, at: slots, into: &products)
      for (slot, product) in zip(slots, products) {
        correlations[plane * capacity + slot] = product
      }
    }
  }

  /// Computes the rows and columns of the Gram matrix that belong to new atoms, in one product.
  private mutating func updateGram(_ slots: ArraySlice<Int>) throws(RecoveryError) {
    if let operatorProducts {
      let used = (0..<occupied).filter { atomOfSlot[$0] >= 0 }
      let block = try operatorProducts.innerProducts(atoms(used), atoms(Array(slots)))
      for (arrival, slot) in slots.enumerated() {
        for (p, other) in used.enumerated() {
          setGram(slot, other, block[p + arrival * used.count])
        }
      }
      return
    }
    let (rows, occupied, capacity, threads) = (rows, occupied, capacity, threads)
    gram.withUnsafeMutableBufferPointer { gram in
      LeastSquares.innerProducts(
        columns, rows: rows, count: occupied, with: slots, threads: threads
      ) { other, slot, product in
        gram[other + slot * capacity] = product
        gram[slot + other * capacity] = product
      }
    }
  }
}
