import CLAPACKE

/// What leaves the span of a support with each of its atoms.
///
/// Without atom i, the span of S loses the direction d_i = A_S H e_i / √H_ii, H = (A_Sᵀ A_S)⁻¹: the
/// part of a_i orthogonal to the others, as a unit vector.
package struct ExitDirections {
  /// Qᵀ d_i for every i, k × k: unit columns.
  package let coordinates: [Double]
  /// d_iᵀ y = x_i / √H_ii: without atom i, ‖r‖² grows by the square of this.
  package let losses: [Double]

  /// Computes B⁻ᵀ for B = Qᵀ A_S, whose columns are Qᵀ d_i but for their length: 2 · m · k² + 2 · k³
  /// flops. Nil when the atoms are dependent.
  ///
  /// - Parameters:
  ///   - block: A_S, m × k, in the order of the support.
  ///   - basis: of the span of A_S, in any order.
  package init?(_ block: [Double], _ basis: OrthonormalBasis, observation: [Double]) {
    let size = basis.count
    let k = Int32(size)
    var inverse = basis.coordinates(of: block, columns: size)
    var pivots = [Int32](repeating: 0, count: size)
    guard size > 0, LAPACKE_dgetrf(LAPACK_COL_MAJOR, k, k, &inverse, k, &pivots) == 0,
      LAPACKE_dgetri(LAPACK_COL_MAJOR, k, &inverse, k, pivots) == 0
    else { return nil }
    let image = basis.coordinates(of: observation, columns: 1)
    var coordinates: [Double] = []
    coordinates.reserveCapacity(size * size)
    var losses: [Double] = []
    for i in 0..<size {
      // Row i of B⁻¹.
      let row = (0..<size).map { inverse[i + $0 * size] }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length.isFinite, length > 0 else { return nil }
      coordinates += row.map { $0 / length }
      losses.append(zip(row, image).reduce(0) { $0 + $1.0 * $1.1 } / length)
    }
    self.coordinates = coordinates
    self.losses = losses
  }

  /// Qᵀ d_i.
  package func direction(_ i: Int) -> [Double] {
    let size = losses.count
    return Array(coordinates[i * size..<(i + 1) * size])
  }
}
