import COpenBLAS
import SparseCore

/// C = Aᵀ Q, the correlations of all atoms with an orthonormal basis, and what swaps would gain.
///
/// 8 · n · k bytes on the host.
package struct SwapTable: Sendable {
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
  /// How many threads look for swaps: no bit depends on it.
  private let threads: Int
  /// C, n × k.
  package private(set) var products: [Double] = []

  private var count: Int { products.count / columns }

  /// - Parameters:
  ///   - squares: ‖a_j‖² of all atoms.
  ///   - floors: the smallest ‖P^⊥a_j‖² to be believed; infinite for atoms never to take in.
  ///   - threads: how many share the work where there is much.
  ///   - products: C, n × k.
  package init(squares: [Double], floors: [Double], threads: Int, products: [Double] = []) {
    self.threads = threads
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
    let none = [Entry?](repeating: nil, count: count)
    let parts = scan(exits, correlations, support, from: none) { best, exit, start, decreases in
      if let found = decreases.best(above: best[exit]?.decrease ?? 0) {
        best[exit] = Entry(exit: exit, atom: start + found.place, decrease: found.decrease)
      }
    }
    // The first of those whose decreases tie, as if one thread had looked at all.
    return parts.dropFirst().reduce(parts[0]) { best, part in
      zip(best, part).map { best, other in
        guard let best, let other else { return best ?? other }
        return other.decrease.selectionKey > best.decrease.selectionKey ? other : best
      }
    }.compactMap(\.self)
  }

  /// The swaps that leave the smallest loss, the best first, whether they lower it or not; of those that tie the first.
  ///
  /// The work of ``bestEntries(_:correlations:support:)``.
  ///
  /// - Parameter most: how many, at least one.
  package func bestSwaps(
    _ most: Int, _ exits: ExitDirections, correlations: [Double], support: [Int]
  ) -> [Entry] {
    @Sendable func insert(_ entry: Entry, into best: inout [Entry]) {
      if best.count == most {
        guard entry.decrease > best[most - 1].decrease else { return }
        best.removeLast()
      }
      let rank = best.firstIndex { $0.decrease < entry.decrease } ?? best.count
      best.insert(entry, at: rank)
    }
    let parts = scan(exits, correlations, support, from: [Entry]()) {
      best, exit, start, decreases in
      for (place, decrease) in decreases.values.enumerated() where decrease > -.infinity {
        insert(Entry(exit: exit, atom: start + place, decrease: decrease), into: &best)
      }
    }
    return parts.dropFirst().reduce(into: parts[0]) { best, part in
      for entry in part { insert(entry, into: &best) }
    }
  }

  /// Calls `look` with the decreases of every atom that may leave, for every block of atoms that may enter, which begins
  /// at `start`: one after another for what some blocks in a row have found so far, and on several threads for others.
  ///
  /// - Returns: what was found by each such part of the atoms, in their order.
  private func scan<Found: Sendable>(
    _ exits: ExitDirections, _ correlations: [Double], _ support: [Int], from nothing: Found,
    _ look: @Sendable (inout Found, _ exit: Int, _ start: Int, Decreases) -> Void
  ) -> [Found] {
    let (floors, coordinates) = (floors(outside: support), exits.coordinates)
    let losses = (0..<count).map(exits.planes)
    let parts = Blocks(
      count: columns, size: Self.blocksInPart * Self.blockSize,
      threads: isShort(columns, count, count) ? 1 : threads)
    var found = [Found](repeating: nothing, count: parts.blockCount)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      parts.forEach { first, length in
        var block = [Double](repeating: 0, count: Self.blockSize * count)
        var sums = [Double](repeating: 0, count: Self.blockSize)
        for start in stride(from: first, to: first + length, by: Self.blockSize) {
          let range = start..<min(start + Self.blockSize, columns)
          multiply(range, by: coordinates, into: &block)
          let distances = distances(range).map { max($0, 0) }
          for i in 0..<count {
            block.withUnsafeMutableBufferPointer { block in
              let own = block[i * range.count..<(i + 1) * range.count]
              look(
                &found[first / parts.size], i, start,
                Decreases(
                  UnsafeMutableBufferPointer(rebasing: own), correlations, range, distances,
                  floors[range], losses: losses[i], &sums))
            }
          }
        }
      }
    }
    return Array(found)
  }

  /// The floors, of which no atom of the support is above.
  private func floors(outside support: [Int]) -> [Double] {
    var floors = floors
    for j in support { floors[j] = .infinity }
    return floors
  }

  /// The blocks that a thread looks at before it asks for more.
  private static var blocksInPart: Int { 4 }

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
