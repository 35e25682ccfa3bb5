import COpenBLAS
package import SparseCore

/// Some atoms on the host, in double precision and as solvers see them: T a_j d_j. Side by side, 8 · m · |W| bytes; or left
/// to the products of an operator that knows the inner products of its columns.
///
/// For searches that look at all of a few thousand atoms in every step, where an engine would wait
/// for single numbers.
package struct HostAtoms: Sendable {
  /// The number of rows, m.
  package let rows: Int
  /// The columns of A that these are.
  package let columns: [Int]
  /// The atoms, m × |W|, column-major. Empty where they are not gathered.
  package let entries: [Double]
  /// Products with atoms that are not gathered, else nil.
  let products: AtomProducts?
  /// What the ridge adds to the squared loss for a coefficient c_j: this · c_j².
  package let penalties: [Double]

  /// How many atoms there are, |W|.
  package var count: Int { columns.count }

  /// Whether the atoms are side by side here.
  package var areGathered: Bool { products == nil }

  /// The atoms of some columns, in their order, all of which may be selected.
  package init(_ columns: [Int], of problem: RecoveryProblem) throws(RecoveryError) {
    try self.init(columns, of: problem, products: problem.atoms.products)
  }

  /// Every column that may be selected, gathered.
  package init(_ problem: RecoveryProblem) throws(RecoveryError) {
    try self.init(problem.atoms.usable, of: problem, products: nil)
  }

  private init(
    _ columns: [Int], of problem: RecoveryProblem, products: AtomProducts?
  ) throws(RecoveryError) {
    rows = problem.rows
    self.columns = columns
    self.products = products
    penalties = columns.map(problem.penalty)
    entries = products == nil ? try problem.atoms.block(columns) : []
  }

  private init(
    rows: Int, columns: [Int], entries: [Double], penalties: [Double]
  ) {
    self.rows = rows
    self.columns = columns
    self.entries = entries
    self.penalties = penalties
    products = nil
  }

  /// Those at some places, in their order, of atoms that are gathered.
  package func restricted(to places: [Int]) -> HostAtoms {
    precondition(areGathered, "atoms that are gathered")
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

  /// A_Wᵀ v for every plane of v: 8 · m · |W| bytes each, or a product with A.
  package func correlate(_ v: [Double]) throws(RecoveryError) -> [Double] {
    let planes = v.count / rows
    var correlations = [Double](repeating: 0, count: count * planes)
    guard count > 0 else { return correlations }
    for l in 0..<planes {
      try v.withUnsafeBufferPointer { (v) throws(RecoveryError) in
        try correlations.withUnsafeMutableBufferPointer { (z) throws(RecoveryError) in
          guard let v = v.baseAddress, let z = z.baseAddress else { return }
          try correlate(v + l * rows, into: z + l * count)
        }
      }
    }
    return correlations
  }

  /// z ← A_Wᵀ r for m numbers r: 8 · m · |W| bytes, or a product with A.
  func correlate(
    _ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>
  ) throws(RecoveryError) {
    if let products {
      let r = Array(UnsafeBufferPointer(start: r, count: rows))
      for (place, product) in try products.correlations(r, with: columns).enumerated() {
        z[place] = product
      }
      return
    }
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rows), Int32(count), 1, entries, Int32(rows), r, 1, 0, z, 1)
  }

  /// z ← A_Sᵀ r for the atoms at `places`: 8 · m · k bytes, or a product with A.
  func correlate(
    _ r: UnsafePointer<Double>, at places: [Int], into z: UnsafeMutablePointer<Double>
  ) throws(RecoveryError) {
    if let products {
      let r = Array(UnsafeBufferPointer(start: r, count: rows))
      let correlations = try products.correlations(r, with: places.map { columns[$0] })
      for (p, product) in correlations.enumerated() { z[p] = product }
      return
    }
    LeastSquares.correlate(r, with: places, of: entries, rows: rows, threads: 1, into: z)
  }

  /// r ← r − A_S x for the atoms at `places`: 8 · m · k bytes, or a product with A.
  func subtractImage(
    of x: UnsafePointer<Double>, at places: [Int], from r: UnsafeMutablePointer<Double>
  ) throws(RecoveryError) {
    if let products {
      let x = UnsafeBufferPointer(start: x, count: places.count)
      let image = try products.image(of: x, atoms: places.map { columns[$0] })
      for i in 0..<rows { r[i] -= image[i] }
      return
    }
    entries.withUnsafeBufferPointer { entries in
      guard let atoms = entries.baseAddress else { return }
      for (p, j) in places.enumerated() {
        cblas_daxpy(Int32(rows), -x[p], atoms + j * rows, 1, r, 1)
      }
    }
  }

  /// A_WᵀA_W with the ridge on its diagonal, |W| × |W|: m · |W|² flops.
  package func gram() throws(RecoveryError) -> [Double] {
    var gram =
      if let products { try products.innerProducts(columns, columns) } else {
        innerProducts(entries, rows: rows, count: count)
      }
    // An operator may round a product and its mirror image differently.
    for j in 0..<count { for i in 0..<j { gram[j + i * count] = gram[i + j * count] } }
    for (place, penalty) in penalties.enumerated() { gram[place * (count + 1)] += penalty }
    return gram
  }
}

/// Atoms among which supports are searched by exchanging one for another, with their Gram matrix.
///
/// 8 · |W| · (m + |W|) bytes, shared by all walks on them; without m where atoms are not gathered.
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
  package init(_ atoms: HostAtoms, observation: [Double]) throws(RecoveryError) {
    try self.init(atoms, gram: atoms.gram(), observation: observation)
  }

  /// Where the Gram matrix is known.
  package init(
    _ atoms: HostAtoms, gram: [Double], observation: [Double]
  ) throws(RecoveryError) {
    self.atoms = atoms
    self.gram = gram
    self.observation = observation
    correlations = try atoms.correlate(observation)
  }
}
