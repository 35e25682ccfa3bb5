import CLAPACKE
import COpenBLAS
package import SparseCore

/// Atoms of unit length, rotated to where least squares is a division: B = QᵀA with AAᵀ = QΛQᵀ, without the directions
/// in which they have nothing but rounding.
///
/// Then BBᵀ = Λ, so that the regularised least squares r + Aᵀ(AAᵀ + γ I)⁻¹(y − A r), for any γ and r, takes
/// two products with B and one division for each eigenvalue. Q depends on the atoms alone: one serves every observation
/// and sparsity. Rows of zeros, or a rotation of the rows, change nothing. 8 · (m · |W| + m²) bytes at most.
package struct RotatedAtoms: Sendable {
  /// The rank of the atoms, r ≤ min(m, |W|): the number of rows of B.
  package let rank: Int
  /// The columns of A that these are, in their order.
  package let columns: [Int]
  /// Λ, r numbers above 0 in ascending order: squares of the singular values.
  package let eigenvalues: [Double]
  /// The lengths that the atoms had: a coefficient of a unit atom is one of the atom times this.
  package let lengths: [Double]
  /// B, r × |W|, column-major.
  package let entries: [Double]
  /// Q, m × r, column-major.
  private let basis: [Double]

  /// How many atoms there are, |W|.
  package var count: Int { columns.count }

  /// Whether every observation has one fit by least squares.
  package var areIndependent: Bool { rank == count }

  /// m² · |W| flops for AAᵀ and twice as many for B, and about 9 · m³ for Q.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package init(_ atoms: HostAtoms) throws(RecoveryError) {
    let (m, n) = (atoms.rows, atoms.count)
    columns = atoms.columns
    var unit = atoms.entries
    var lengths = [Double](repeating: 1, count: n)
    unit.withUnsafeMutableBufferPointer { unit in
      guard let start = unit.baseAddress else { return }
      for p in 0..<n {
        lengths[p] = cblas_dnrm2(Int32(m), start + p * m, 1)
        // Normalised atoms are left as they are.
        guard abs(lengths[p] - 1) > 1e-12 else {
          lengths[p] = 1
          continue
        }
        for i in 0..<m { unit[p * m + i] /= lengths[p] }
      }
    }
    var basis = [Double](repeating: 0, count: m * m)
    cblas_dsyrk(
      CblasColMajor, CblasLower, CblasNoTrans, Int32(m), Int32(n), 1, unit, Int32(m), 0, &basis,
      Int32(m))
    var eigenvalues = [Double](repeating: 0, count: m)
    try check(
      "dsyevd",
      LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, .vectors, .lower, Int32(m), &basis, Int32(m), &eigenvalues))
    // What is zero is that but for rounding, which is far from nothing beside a noise of nothing.
    let rounding = Double(max(m, n)) * .ulpOfOne * (eigenvalues.last ?? 0)
    let rank = eigenvalues.count { $0 > rounding }
    basis.removeFirst(m * (m - rank))
    var entries = [Double](repeating: 0, count: rank * n)
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(rank), Int32(n), Int32(m), 1, basis, Int32(m),
      unit, Int32(m), 0, &entries, Int32(rank))
    self.rank = rank
    self.lengths = lengths
    self.basis = basis
    self.entries = entries
    self.eigenvalues = Array(eigenvalues.suffix(rank))
  }

  /// Qᵀy, r numbers, for m numbers y: 2 · m · r flops.
  package func rotated(_ y: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rank)
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(y.count), Int32(rank), 1, basis, Int32(y.count), y, 1, 0,
      &result, 1)
    return result
  }

  /// e ← e − B x, for |W| numbers x and r numbers e: 8 · r · |W| bytes.
  package func subtractImage(
    of x: UnsafeMutableBufferPointer<Double>, from e: UnsafeMutableBufferPointer<Double>
  ) {
    cblas_dgemv(
      CblasColMajor, CblasNoTrans, Int32(rank), Int32(count), -1, entries, Int32(rank),
      x.baseAddress, 1, 1, e.baseAddress, 1)
  }

  /// s ← α Bᵀe + β s, for r numbers e and |W| numbers s: 8 · r · |W| bytes.
  package func correlate(
    _ e: UnsafeMutableBufferPointer<Double>, times α: Double, keeping β: Double,
    in s: UnsafeMutableBufferPointer<Double>
  ) {
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rank), Int32(count), α, entries, Int32(rank), e.baseAddress,
      1, β, s.baseAddress, 1)
  }
}
