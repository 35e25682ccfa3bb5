import CLAPACKE
import COpenBLAS
package import SparseCore

/// Atoms of unit length, rotated to where least squares is a division: B = QᵀA with AAᵀ = QΛQᵀ.
///
/// Then BBᵀ = Λ, so that the regularised least squares r + Aᵀ(AAᵀ + γ I)⁻¹(y − A r), for any γ and r, takes
/// two products with B and m divisions. Q depends on the atoms alone: one serves every observation and
/// sparsity. 8 · (m · |W| + m²) bytes.
package struct RotatedAtoms: Sendable {
  /// The number of rows, m.
  package let rows: Int
  /// The columns of A that these are, in their order.
  package let columns: [Int]
  /// Λ, m numbers of at least 0 in ascending order: squares of the singular values, and zeros where
  /// there are more rows than the rank.
  package let eigenvalues: [Double]
  /// The lengths that the atoms had: a coefficient of a unit atom is one of the atom times this.
  package let lengths: [Double]
  /// B, m × |W|, column-major.
  package let entries: [Double]
  /// Q, m × m, column-major.
  private let basis: [Double]

  /// How many atoms there are, |W|.
  package var count: Int { columns.count }

  /// m² · |W| flops for AAᵀ and twice as many for B, and about 9 · m³ for Q.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package init(_ atoms: HostAtoms) throws(RecoveryError) {
    let (m, n) = (atoms.rows, atoms.count)
    rows = m
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
    var entries = [Double](repeating: 0, count: m * n)
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(m), 1, basis, Int32(m),
      unit, Int32(m), 0, &entries, Int32(m))
    self.lengths = lengths
    self.basis = basis
    self.entries = entries
    // Rounding takes those that are zero to either side.
    self.eigenvalues = eigenvalues.map { max($0, 0) }
  }

  /// Qᵀy: 2 · m² flops.
  package func rotated(_ y: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rows)
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rows), Int32(rows), 1, basis, Int32(rows), y, 1, 0, &result,
      1)
    return result
  }

  /// e ← e − B x, for |W| numbers x and m numbers e: 8 · m · |W| bytes.
  package func subtractImage(
    of x: UnsafeMutableBufferPointer<Double>, from e: UnsafeMutableBufferPointer<Double>
  ) {
    cblas_dgemv(
      CblasColMajor, CblasNoTrans, Int32(rows), Int32(count), -1, entries, Int32(rows),
      x.baseAddress, 1, 1, e.baseAddress, 1)
  }

  /// r ← α Bᵀe + β r, for m numbers e and |W| numbers r: 8 · m · |W| bytes.
  package func correlate(
    _ e: UnsafeMutableBufferPointer<Double>, times α: Double, keeping β: Double,
    in r: UnsafeMutableBufferPointer<Double>
  ) {
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rows), Int32(count), α, entries, Int32(rows), e.baseAddress,
      1, β, r.baseAddress, 1)
  }
}
