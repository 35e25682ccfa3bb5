import COpenBLAS
package import SparseCore

/// Atoms side by side on the host, in double precision and as solvers see them: T a_j d_j.
///
/// For searches that look at all of a few thousand atoms in every step, where an engine would wait
/// for single numbers. 8 · m · |W| bytes.
package struct HostAtoms: Sendable {
  /// The number of rows, m.
  package let rows: Int
  /// The columns of A that these are.
  package let columns: [Int]
  /// The atoms, m × |W|, column-major.
  package let entries: [Double]
  /// What the ridge adds to the squared loss for a coefficient c_j: this · c_j².
  package let penalties: [Double]

  /// How many atoms there are, |W|.
  package var count: Int { columns.count }

  /// The atoms of some columns, in their order, all of which may be selected.
  package init(_ columns: [Int], of problem: RecoveryProblem) throws(RecoveryError) {
    rows = problem.rows
    self.columns = columns
    penalties = columns.map(problem.penalty)
    entries = try problem.atoms.block(columns)
  }

  /// Every column that may be selected.
  package init(_ problem: RecoveryProblem) throws(RecoveryError) {
    try self.init(problem.atoms.usable, of: problem)
  }

  private init(
    rows: Int, columns: [Int], entries: [Double], penalties: [Double]
  ) {
    self.rows = rows
    self.columns = columns
    self.entries = entries
    self.penalties = penalties
  }

  /// Those at some places, in their order.
  package func restricted(to places: [Int]) -> HostAtoms {
    let chosen = [Double](unsafeUninitializedCapacity: rows * places.count) { target, count in
      entries.withUnsafeBufferPointer { source in
        for (slot, place) in places.enumerated() {
          _ = UnsafeMutableBufferPointer(rebasing: target[slot * rows..<(slot + 1) * rows])
            .initialize(fromContentsOf: source[place * rows..<(place + 1) * rows])
        }
      }
      count = rows * places.count
    }
    return HostAtoms(
      rows: rows, columns: places.map { columns[$0] }, entries: chosen,
      penalties: places.map { penalties[$0] })
  }

  /// The places of some of these columns, which must be in ascending order; others are left out.
  /// O(k · log |W|).
  package func places(of support: [Int]) -> [Int] {
    support.compactMap { column in
      var (low, high) = (0, count)
      while low < high {
        let middle = (low + high) / 2
        if columns[middle] < column { low = middle + 1 } else { high = middle }
      }
      return low < count && columns[low] == column ? low : nil
    }
  }

  /// A_Wᵀ v for every plane of v: 8 · m · |W| bytes each.
  package func correlate(_ v: [Double]) -> [Double] {
    let planes = v.count / rows
    var correlations = [Double](repeating: 0, count: count * planes)
    guard count > 0 else { return correlations }
    v.withUnsafeBufferPointer { v in
      correlations.withUnsafeMutableBufferPointer { correlations in
        guard let v = v.baseAddress, let target = correlations.baseAddress else { return }
        for l in 0..<planes {
          cblas_dgemv(
            CblasColMajor, CblasTrans, Int32(rows), Int32(count), 1, entries, Int32(rows),
            v + l * rows, 1, 0, target + l * count, 1)
        }
      }
    }
    return correlations
  }

  /// A_WᵀA_W with the ridge on its diagonal, |W| × |W|: m · |W|² flops.
  package func gram() -> [Double] {
    var products = innerProducts(entries, rows: rows, count: count)
    for (place, penalty) in penalties.enumerated() { products[place * (count + 1)] += penalty }
    return products
  }
}

/// Atoms among which supports are searched by exchanging one for another, with their Gram matrix.
///
/// 8 · |W| · (m + |W|) bytes, shared by all walks on them.
package struct SwapSet: Sendable {
  /// The atoms.
  package let atoms: HostAtoms
  /// A_WᵀA_W with the ridge on its diagonal, |W| × |W|.
  package let gram: [Double]
  /// y, of length m, for every observation that shares the support: plane after plane.
  package let observation: [Double]
  /// A_Wᵀ y, plane after plane.
  package let correlations: [Double]

  /// How many atoms there are, |W|.
  package var count: Int { atoms.count }
  /// How many observations share the support, L.
  package var planes: Int { observation.count / atoms.rows }

  /// m · |W|² flops.
  package init(_ atoms: HostAtoms, observation: [Double]) {
    self.init(atoms, gram: atoms.gram(), observation: observation)
  }

  /// Where the Gram matrix is known.
  package init(_ atoms: HostAtoms, gram: [Double], observation: [Double]) {
    self.atoms = atoms
    self.gram = gram
    self.observation = observation
    correlations = atoms.correlate(observation)
  }
}
