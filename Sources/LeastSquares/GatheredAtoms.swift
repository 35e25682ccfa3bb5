import COpenBLAS

/// Some atoms side by side on the host: m × |W| numbers.
package struct GatheredAtoms {
  private let rows: Int
  private let count: Int
  private let columns: [Double]

  /// - Parameter columns: the atoms, m × |W|, column-major.
  package init(_ columns: [Double], rows: Int) {
    self.rows = rows
    count = columns.count / rows
    self.columns = columns
  }

  /// A_Wᵀ v: 8 · m · |W| bytes.
  package func correlate(_ v: [Double]) -> [Double] {
    var correlations = [Double](repeating: 0, count: count)
    guard count > 0 else { return correlations }
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(rows), Int32(count), 1, columns, Int32(rows), v, 1, 0,
      &correlations, 1)
    return correlations
  }
}
