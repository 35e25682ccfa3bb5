import COpenBLAS
import SparseCore

/// C = Aᵀ Q, the correlations of all atoms with an orthonormal basis, and what swaps would gain.
///
/// 8 · n · k bytes on the host.
package struct SwapTable {
  /// The best atom to take in for one that leaves.
  package struct Entry: Sendable {
    /// The place in the support of the atom that leaves.
    package let exit: Int
    /// The atom that enters.
    package let atom: Int
    /// By how much ‖r‖² becomes smaller.
    package let decrease: Double
  }

  private let columns: Int
  /// ‖a_j‖².
  private let squares: [Double]
  /// Atoms whose distance² from a span is below this are dependent on it, as far as rounding lets
  /// one tell.
  private let floors: [Double]
  /// C, n × k.
  package private(set) var products: [Double] = []

  private var count: Int { products.count / columns }

  /// - Parameters:
  ///   - squares: ‖a_j‖² of all atoms.
  ///   - floors: the smallest ‖P^⊥a_j‖² to be believed; infinite for atoms never to take in.
  ///   - products: C, n × k.
  package init(squares: [Double], floors: [Double], products: [Double] = []) {
    columns = squares.count
    self.products = products
    self.squares = squares
    self.floors = floors
  }

  /// Adds Aᵀ q for a new vector of the basis.
  package mutating func append(_ column: [Double]) { products += column }

  /// Follows ``OrthonormalBasis/remove(_:)``: 4 · n · k flops.
  package mutating func remove(_ reflection: Reflection) {
    reflection.apply(to: &products, rows: columns)
    products.removeLast(columns)
  }

  /// ‖P^⊥a_j‖² of all atoms: 2 · n · k flops.
  package func distances() -> [Double] { distances(0..<columns) }

  private func distances(_ range: Range<Int>) -> [Double] {
    var distances = Array(squares[range])
    products.withUnsafeBufferPointer { products in
      for p in 0..<count {
        let start = p * columns + range.lowerBound
        for j in distances.indices { distances[j] -= products[start + j] * products[start + j] }
      }
    }
    return distances
  }

  /// For every atom that may leave, the one whose entry lowers ‖r‖² most.
  ///
  /// With b = Aᵀ r, t_i = d_iᵀ y, c_ij = a_jᵀ d_i and w_j = ‖P^⊥a_j‖², a swap lowers ‖r‖² by
  ///
  ///     (b_j + t_i c_ij)² / (w_j + c_ij²) − t_i² = (b_j² + 2 t_i b_j c_ij − t_i² w_j) / (w_j + c_ij²),
  ///
  /// where the right-hand side does not cancel t_i² c_ij². Of several observations, w_j and c_ij are the same and the
  /// numerators add up. 2 · n · k² flops for C D, in blocks that stay in the cache, and O(n · k) for every observation.
  ///
  /// - Parameters:
  ///   - correlations: b, of length n for every observation, plane after plane.
  ///   - support: the atoms that may leave; none of them may enter.
  package func bestEntries(
    _ exits: ExitDirections, correlations: [Double], support: [Int]
  ) -> [Entry] {
    var best = [(atom: Int, decrease: Double)](repeating: (-1, 0), count: count)
    forEachBlock(exits, correlations, support) { exit, start, decreases in
      if let found = decreases.best(above: best[exit].decrease) {
        best[exit] = (start + found.place, found.decrease)
      }
    }
    return best.enumerated().compactMap { exit, found in
      found.atom < 0 ? nil : Entry(exit: exit, atom: found.atom, decrease: found.decrease)
    }
  }

  /// The swaps that leave the smallest loss, the best first, whether they lower it or not; of those that tie the first.
  ///
  /// The work of ``bestEntries(_:correlations:support:)``.
  ///
  /// - Parameter most: how many, at least one.
  package func bestSwaps(
    _ most: Int, _ exits: ExitDirections, correlations: [Double], support: [Int]
  ) -> [Entry] {
    var best: [Entry] = []
    forEachBlock(exits, correlations, support) { exit, start, decreases in
      for (place, decrease) in decreases.values.enumerated() {
        let least = best.count == most ? best[most - 1].decrease : -.infinity
        guard decrease > least else { continue }
        if best.count == most { best.removeLast() }
        let rank = best.firstIndex { $0.decrease < decrease } ?? best.count
        best.insert(Entry(exit: exit, atom: start + place, decrease: decrease), at: rank)
      }
    }
    return best
  }

  /// Calls `body` with the decreases of every atom that may leave, for every block of atoms that may enter, which
  /// begins at `start`.
  private func forEachBlock(
    _ exits: ExitDirections, _ correlations: [Double], _ support: [Int],
    _ body: (_ exit: Int, _ start: Int, Decreases) -> Void
  ) {
    var floors = floors
    for j in support { floors[j] = .infinity }
    var block = [Double](repeating: 0, count: Self.blockSize * count)
    var sums = [Double](repeating: 0, count: Self.blockSize)
    let losses = (0..<count).map(exits.planes)
    for start in stride(from: 0, to: columns, by: Self.blockSize) {
      let range = start..<min(start + Self.blockSize, columns)
      multiply(range, by: exits.coordinates, into: &block)
      let distances = distances(range).map { max($0, 0) }
      for i in 0..<count {
        block.withUnsafeMutableBufferPointer { block in
          body(
            i, start,
            Decreases(
              UnsafeMutableBufferPointer(rebasing: block[i * range.count..<(i + 1) * range.count]),
              correlations, range, distances, floors[range], losses: losses[i], &sums))
        }
      }
    }
  }

  /// The atoms of a block of C D: with k = 50 columns it fills 100 KB.
  private static var blockSize: Int { 256 }

  /// The rows of C D in `range`.
  private func multiply(_ range: Range<Int>, by d: [Double], into block: inout [Double]) {
    let (s, k) = (Int32(range.count), Int32(count))
    products.withUnsafeBufferPointer { products in
      guard let c = products.baseAddress else { return }
      cblas_dgemm(
        CblasColMajor, CblasNoTrans, CblasNoTrans, s, k, k, 1, c + range.lowerBound,
        Int32(columns), d, k, 0, &block, s)
    }
  }
}

/// By how much ‖r‖² becomes smaller when one atom leaves and each of a block of atoms enters.
struct Decreases {
  /// One for each atom of the block; −∞ for those that may not enter.
  let values: UnsafeMutableBufferPointer<Double>

  /// Writes the decreases over `c`, which holds c_ij.
  ///
  /// - Parameters:
  ///   - b: b of all atoms, plane after plane.
  ///   - range: the atoms of the block.
  ///   - losses: t_i of every plane.
  ///   - sums: room for as many numbers as the block has atoms, for numerators.
  init(
    _ c: UnsafeMutableBufferPointer<Double>, _ b: [Double], _ range: Range<Int>, _ w: [Double],
    _ floors: ArraySlice<Double>, losses: [Double], _ sums: inout [Double]
  ) {
    values = c
    let columns = b.count / losses.count
    b.withUnsafeBufferPointer { b in
      w.withUnsafeBufferPointer { w in
        floors.withUnsafeBufferPointer { floors in
          sums.withUnsafeMutableBufferPointer { sums in
            for j in c.indices { sums[j] = 0 }
            for (l, t) in losses.enumerated() {
              let b = UnsafeBufferPointer(
                rebasing: b[l * columns + range.lowerBound..<l * columns + range.upperBound])
              for j in c.indices {
                sums[j] += b[j] * (b[j] + 2 * t * c[j]) - t * t * w[j]
              }
            }
            for j in c.indices {
              let distance = w[j] + c[j] * c[j]
              c[j] = distance > floors[j] ? sums[j] / distance : -.infinity
            }
          }
        }
      }
    }
  }

  /// The first of the largest decreases that exceeds `least` by more than rounding.
  func best(above least: Double) -> (place: Int, decrease: Double)? {
    guard peak > least else { return nil }
    var best: (place: Int, decrease: Double)?
    for (place, value) in values.enumerated() where value > (best?.decrease ?? least) {
      if value.selectionKey > (best?.decrease ?? least).selectionKey { best = (place, value) }
    }
    return best
  }

  /// The largest value, eight at a time.
  private var peak: Double {
    var lanes = SIMD8<Double>(repeating: -.infinity)
    let whole = values.count / 8 * 8
    for place in stride(from: 0, to: whole, by: 8) {
      var entries = SIMD8<Double>()
      for lane in 0..<8 { entries[lane] = values[place + lane] }
      lanes = pointwiseMax(lanes, entries)
    }
    return (whole..<values.count).reduce(lanes.max()) { Swift.max($0, values[$1]) }
  }
}
