import CLAPACKE
import COpenBLAS
package import SparseCore

/// An orthonormal basis Q of the span of some atoms, m × k, that follows additions and removals.
package struct OrthonormalBasis {
  /// The length of the vectors, m.
  package let rows: Int
  /// The basis, m × k, column-major.
  package private(set) var vectors: [Double] = []

  /// How many vectors there are.
  package var count: Int { vectors.count / rows }

  /// The empty basis of vectors of length `rows`.
  package init(rows: Int) { self.rows = rows }

  /// The basis with these vectors, m × k.
  package init(rows: Int, vectors: [Double]) {
    self.rows = rows
    self.vectors = vectors
  }

  /// P^⊥a = a − Q Qᵀ a as a unit vector, and its length; nil for a vector in the span of the basis,
  /// as far as rounding lets one tell.
  ///
  /// Gram and Schmidt twice, which keeps Q orthonormal to rounding: 8 · m · k flops.
  ///
  /// - Parameter cancellation: by how much the rounding of a exceeds that of its entries.
  package func complement(
    of a: [Double], cancellation: Double
  ) -> (direction: [Double], length: Double)? {
    let size = norm(a)
    var direction = a
    for _ in 0..<2 { subtractProjection(from: &direction) }
    let length = norm(direction)
    guard length > 4 * Double(rows) * Double.ulpOfOne * cancellation * size else { return nil }
    cblas_dscal(Int32(rows), 1 / length, &direction, 1)
    return (direction, length)
  }

  /// P^⊥a_j of an atom as a unit vector; nil for one in the span of the basis.
  package func direction(
    ofAtom j: Int, of atoms: Atoms
  ) throws(RecoveryError) -> [Double]? {
    complement(of: try atoms.atom(j), cancellation: atoms.cancellation(j))?.direction
  }

  /// Qᵀ B for a block of `columns` vectors, k × columns: 2 · m · k · columns flops.
  package func coordinates(of block: [Double], columns: Int) -> [Double] {
    let (m, k, s) = (Int32(rows), Int32(count), Int32(columns))
    var products = [Double](repeating: 0, count: count * columns)
    guard count > 0 else { return products }
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, k, s, m, 1, vectors, m, block, m, 0, &products, k)
    return products
  }

  /// Adds a unit vector orthogonal to the basis.
  package mutating func append(_ direction: [Double]) { vectors += direction }

  /// Takes the direction Q u out of the span, after which k − 1 vectors are left.
  package mutating func remove(_ reflection: Reflection) {
    reflection.apply(to: &vectors, rows: rows)
    vectors.removeLast(rows)
  }

  private func subtractProjection(from a: inout [Double]) {
    guard count > 0 else { return }
    let (m, k) = (Int32(rows), Int32(count))
    let products = coordinates(of: a, columns: 1)
    cblas_dgemv(CblasColMajor, CblasNoTrans, m, k, -1, vectors, m, products, 1, 1, &a, 1)
  }

  private func norm(_ a: [Double]) -> Double { cblas_dnrm2(Int32(rows), a, 1) }
}

/// The Householder reflection I − 2 v vᵀ that turns the last unit vector into ± a given one.
///
/// Multiplied from the right, it turns a basis Q into one of the same span whose last vector is
/// ± Q u; whatever was computed linearly from Q follows by the same product.
package struct Reflection {
  private let v: [Double]

  /// - Parameter u: the unit vector.
  package init(onto u: [Double]) {
    var v = u
    // The sign that does not cancel.
    v[v.count - 1] += v[v.count - 1] < 0 ? -1 : 1
    let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
    self.v = v.map { $0 / length }
  }

  /// X ← X (I − 2 v vᵀ) for X of rows × k: 4 · rows · k flops.
  package func apply(to x: inout [Double], rows: Int) {
    let (n, k) = (Int32(rows), Int32(v.count))
    var image = [Double](repeating: 0, count: rows)
    cblas_dgemv(CblasColMajor, CblasNoTrans, n, k, 1, x, n, v, 1, 0, &image, 1)
    cblas_dger(CblasColMajor, n, k, -2, image, 1, v, 1, &x, n)
  }
}

/// What leaves the span of a support with each of its atoms.
///
/// Without atom i, the span of S loses the direction d_i = A_S H e_i / √H_ii, H = (A_Sᵀ A_S)⁻¹: the
/// part of a_i orthogonal to the others, as a unit vector.
package struct ExitDirections {
  /// Qᵀ d_i for every i, k × k: unit columns.
  package let coordinates: [Double]
  /// d_iᵀ y = x_i / √H_ii: without atom i, ‖r‖² grows by the square of this. k of them for every observation,
  /// plane after plane.
  package let losses: [Double]
  /// k.
  private let size: Int

  /// Computes B⁻ᵀ for B = Qᵀ A_S, whose columns are Qᵀ d_i but for their length: 2 · m · k² + 2 · k³
  /// flops. Nil when the atoms are dependent.
  ///
  /// - Parameters:
  ///   - block: A_S, m × k, in the order of the support.
  ///   - basis: of the span of A_S, in any order.
  ///   - observation: y, of length m, or several, plane after plane.
  package init?(_ block: [Double], _ basis: OrthonormalBasis, observation: [Double]) {
    let size = basis.count
    let k = Int32(size)
    var inverse = basis.coordinates(of: block, columns: size)
    var pivots = [Int32](repeating: 0, count: size)
    guard size > 0, LAPACKE_dgetrf(LAPACK_COL_MAJOR, k, k, &inverse, k, &pivots) == 0,
      LAPACKE_dgetri(LAPACK_COL_MAJOR, k, &inverse, k, pivots) == 0
    else { return nil }
    let planes = observation.count / basis.rows
    let images = (0..<planes).map {
      basis.coordinates(of: observation.part($0, of: planes), columns: 1)
    }
    var coordinates: [Double] = []
    coordinates.reserveCapacity(size * size)
    var losses = [Double](repeating: 0, count: size * planes)
    for i in 0..<size {
      // Row i of B⁻¹.
      let row = (0..<size).map { inverse[i + $0 * size] }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length.isFinite, length > 0 else { return nil }
      coordinates += row.map { $0 / length }
      for (l, image) in images.enumerated() {
        losses[l * size + i] = zip(row, image).reduce(0) { $0 + $1.0 * $1.1 } / length
      }
    }
    self.coordinates = coordinates
    self.losses = losses
    self.size = size
  }

  /// d_iᵀ y of every observation.
  func planes(_ i: Int) -> [Double] {
    stride(from: i, to: losses.count, by: size).map { losses[$0] }
  }

  /// Qᵀ d_i.
  package func direction(_ i: Int) -> [Double] {
    Array(coordinates[i * size..<(i + 1) * size])
  }
}
