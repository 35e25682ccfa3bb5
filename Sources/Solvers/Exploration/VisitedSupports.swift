import LeastSquares
import SparseCore

/// The supports visited on one working set, with their coefficients and correlations.
///
/// Supports are lists of k positions in the working set. Once the memory is full it starts anew: a
/// cycle that fits is remembered again after one round.
struct VisitedSupports {
  /// How many coefficients a support has, of all observations.
  private let coefficientCount: Int
  private let sparsity: Int
  private let capacity: Int
  private var fits: [GramFit] = []
  /// The norms of the residuals as computed from the columns, where they were.
  private var columnNorms: [Double?] = []
  private var supports: [Int] = []
  private var coefficients: [Double] = []
  private var correlations: [Double] = []
  /// Where the support with a certain hash may be: a visit, or −1. Linear probing; at most half full.
  private var table: [Int32]

  /// Room for as many supports as fit into 8 MB, from 1 to 1024.
  ///
  /// - Parameter planes: how many observations share the support.
  init(breadth: Int, sparsity: Int, planes: Int = 1) {
    (self.sparsity, coefficientCount) = (sparsity, sparsity * planes)
    capacity = min(max((1 << 20) / ((breadth + sparsity) * planes + sparsity), 1), 1024)
    table = Array(repeating: -1, count: 2048)
    fits.reserveCapacity(capacity)
    columnNorms.reserveCapacity(capacity)
    supports.reserveCapacity(capacity * sparsity)
    coefficients.reserveCapacity(capacity * coefficientCount)
    correlations.reserveCapacity(capacity * breadth * planes)
  }

  /// The number of the visit of `support`, to ask about it.
  func visit(of support: [Int]) -> Int? {
    let entry = table[place(of: support)]
    return entry < 0 ? nil : Int(entry)
  }

  /// Remembers a support that is not remembered, and returns the number of its visit.
  mutating func remember(
    _ support: [Int], _ fit: GramFit, coefficients c: [Double], correlations h: [Double]
  ) -> Int {
    if fits.count == capacity { forget() }
    table[place(of: support)] = Int32(fits.count)
    fits.append(fit)
    columnNorms.append(fit.leastNorm < fit.residualNorm ? nil : fit.residualNorm)
    supports.append(contentsOf: support)
    coefficients.append(contentsOf: c)
    correlations.append(contentsOf: h)
    return fits.count - 1
  }

  /// Forgets everything, as another working set demands.
  mutating func forget() {
    guard !fits.isEmpty else { return }
    fits.removeAll(keepingCapacity: true)
    columnNorms.removeAll(keepingCapacity: true)
    supports.removeAll(keepingCapacity: true)
    coefficients.removeAll(keepingCapacity: true)
    correlations.removeAll(keepingCapacity: true)
    for slot in table.indices { table[slot] = -1 }
  }

  /// How well the support of a visit explains the observation.
  func fit(_ visit: Int) -> GramFit { fits[visit] }

  /// The norm of the residual of a visit from the columns, computed when first asked for.
  mutating func columnNorm(
    _ visit: Int, _ compute: (ArraySlice<Double>) throws(RecoveryError) -> Double
  ) throws(RecoveryError) -> Double {
    if let known = columnNorms[visit] { return known }
    let norm = try compute(coefficients(visit))
    columnNorms[visit] = norm
    return norm
  }

  /// c of a visit, in the order of its support, plane after plane.
  func coefficients(_ visit: Int) -> ArraySlice<Double> {
    coefficients[visit * coefficientCount..<(visit + 1) * coefficientCount]
  }

  /// u ← u + A_Wᵀ(y − A_S c), which is zero on S.
  func addCorrelations(_ visit: Int, to u: inout [Double]) {
    precondition(u.count == correlations.count / fits.count, "one working set at a time")
    let first = visit * u.count
    for p in u.indices { u[p] += correlations[first + p] }
  }

  /// The slot in the table that has `support`, or the free one where it belongs.
  private func place(of support: [Int]) -> Int {
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: fingerprint(support) >> 32) & mask
    while table[slot] >= 0, !isEqual(Int(table[slot]), support) { slot = (slot + 1) & mask }
    return slot
  }

  private func isEqual(_ visit: Int, _ support: [Int]) -> Bool {
    let first = visit * sparsity
    for p in support.indices where supports[first + p] != support[p] { return false }
    return true
  }
}
