import COpenBLAS
import SparseCore

/// The atoms of the current support, gathered in double precision, with their Gram matrix.
///
/// An atom keeps its slot for as long as it is in the support, so that a step which swaps s of k
/// atoms gathers s columns and computes s columns of the Gram matrix: 2 · m · k · s flops.
struct AtomSlots {
  let rows: Int
  let capacity: Int
  /// Aᵀy of the slots.
  private(set) var correlations: [Double]

  private let atoms: Atoms
  private let observation: [Double]
  /// The atoms, m × capacity, column-major; unused slots hold zeros or atoms of the past.
  private var columns: [Double]
  /// The Gram matrix of the slots, capacity × capacity.
  private var gram: [Double]
  private var atomOfSlot: [Int]
  private var slotOfAtom: [Int: Int] = [:]
  private var arrivals: [Double]
  private var products: [Double]

  init(atoms: Atoms, observation: [Double], capacity: Int) {
    rows = atoms.rows
    self.capacity = capacity
    self.atoms = atoms
    self.observation = observation
    correlations = Array(repeating: 0, count: capacity)
    columns = Array(repeating: 0, count: rows * capacity)
    gram = Array(repeating: 0, count: capacity * capacity)
    atomOfSlot = Array(repeating: -1, count: capacity)
    arrivals = Array(repeating: 0, count: rows * min(capacity, Self.mostArrivals))
    products = Array(repeating: 0, count: capacity * min(capacity, Self.mostArrivals))
  }

  /// How many new columns of the Gram matrix are computed in one product.
  private static var mostArrivals: Int { 64 }

  /// Gathers what is missing of `support` and returns the slot of each of its atoms, in its order.
  mutating func load(_ support: [Int]) -> [Int] {
    precondition(support.count <= capacity, "a support of at most \(capacity) atoms")
    let missing = support.filter { slotOfAtom[$0] == nil }
    if !missing.isEmpty {
      let staying = Set(support)
      let free = atomOfSlot.indices.filter { !staying.contains(atomOfSlot[$0]) }
      let slots = Array(free.prefix(missing.count))
      for first in stride(from: 0, to: missing.count, by: Self.mostArrivals) {
        let group = first..<min(first + Self.mostArrivals, missing.count)
        for (arrival, (atom, slot)) in zip(missing[group], slots[group]).enumerated() {
          slotOfAtom[atomOfSlot[slot]] = nil
          slotOfAtom[atom] = slot
          atomOfSlot[slot] = atom
          gather(atom, slot: slot, arrival: arrival)
        }
        updateGram(slots[group])
      }
    }
    return support.compactMap { slotOfAtom[$0] }
  }

  /// The block of the Gram matrix that belongs to `places`, |places| × |places|.
  func gramBlock(_ places: [Int]) -> [Double] {
    let size = places.count
    return Array(unsafeUninitializedCapacity: size * size) { block, count in
      gram.withUnsafeBufferPointer { gram in
        for (column, j) in places.enumerated() {
          for (row, i) in places.enumerated() {
            block.initializeElement(at: row + column * size, to: gram[i + j * capacity])
          }
        }
      }
      count = size * size
    }
  }

  /// The atoms at `places` side by side, m × |places|.
  func gathered(_ places: [Int]) -> [Double] {
    var block: [Double] = []
    block.reserveCapacity(rows * places.count)
    for slot in places { block += columns[slot * rows..<(slot + 1) * rows] }
    return block
  }

  /// A_S c − y for coefficients c of the atoms at `places`: 8 · m · k bytes.
  func synthesize(_ c: [Double], at places: [Int], minus y: [Double]) -> [Double] {
    var r = y
    cblas_dscal(Int32(rows), -1, &r, 1)
    columns.withUnsafeBufferPointer { columns in
      guard let start = columns.baseAddress else { return }
      // Atom by atom in the order of the support, so that the bits do not depend on the slots.
      for (slot, value) in zip(places, c) {
        cblas_daxpy(Int32(rows), value, start + slot * rows, 1, &r, 1)
      }
    }
    return r
  }

  /// A_Sᵀ r for the atoms at `places`: 8 · m · k bytes.
  func correlate(_ r: [Double], with places: [Int]) -> [Double] {
    var all = correlations
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rows), Int32(capacity), 1, columns, Int32(rows), r, 1, 0,
      &all, 1)
    return places.map { all[$0] }
  }

  private mutating func gather(_ atom: Int, slot: Int, arrival: Int) {
    columns.withUnsafeMutableBufferPointer { columns in
      arrivals.withUnsafeMutableBufferPointer { arrivals in
        guard let columns = columns.baseAddress, let arrivals = arrivals.baseAddress else { return }
        let column = columns + slot * rows
        atoms.copy(atom, to: column)
        (arrivals + arrival * rows).update(from: column, count: rows)
        correlations[slot] = cblas_ddot(Int32(rows), column, 1, observation, 1)
      }
    }
  }

  /// Computes the rows and columns of the Gram matrix that belong to new atoms, in one product.
  private mutating func updateGram(_ slots: ArraySlice<Int>) {
    let (m, k, s) = (Int32(rows), Int32(capacity), Int32(slots.count))
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, k, s, m, 1, columns, m, arrivals, m, 0, &products, k)
    for (arrival, slot) in slots.enumerated() {
      for other in 0..<capacity {
        let product = products[other + arrival * capacity]
        gram[other + slot * capacity] = product
        gram[slot + other * capacity] = product
      }
    }
  }
}
