import COpenBLAS

/// Atoms and an observation with the span of some atoms taken out of them: P^⊥a_j and P^⊥y.
package struct ProjectedAtoms: Sendable {
  private let rows: Int
  /// P^⊥a_j, rows × count.
  private var columns: [Double]
  /// P^⊥y.
  private var residual: [Double]
  /// ‖P^⊥y‖².
  package private(set) var residualSquare: Double
  /// ‖P^⊥a_j‖².
  package private(set) var distances: [Double]
  /// a_jᵀ P^⊥y.
  package private(set) var correlations: [Double]

  /// Atoms before anything is taken out, rows × count, and the observation.
  package init(_ columns: [Double], rows: Int, observation: [Double]) {
    self.rows = rows
    self.columns = columns
    residual = observation
    residualSquare = 0
    distances = []
    correlations = []
    measure()
  }

  /// What is left after atom `j` is taken out as well, of the atoms behind it: 6 · rows · count flops.
  package func without(_ j: Int) -> ProjectedAtoms {
    var rest = behind(j)
    let (m, left) = (Int32(rows), rest.distances.count)
    var q = Array(columns[j * rows..<(j + 1) * rows])
    cblas_dscal(m, 1 / distances[j].squareRoot(), &q, 1)
    if left > 0 {
      var products = [Double](repeating: 0, count: left)
      cblas_dgemv(
        CblasColMajor, CblasTrans, m, Int32(left), 1, rest.columns, m, q, 1, 0, &products, 1)
      cblas_dger(CblasColMajor, m, Int32(left), -1, q, 1, products, 1, &rest.columns, m)
    }
    let product = cblas_ddot(m, q, 1, residual, 1)
    cblas_daxpy(m, -product, q, 1, &rest.residual, 1)
    rest.measure()
    return rest
  }

  /// The atoms behind `j` as they are.
  package func behind(_ j: Int) -> ProjectedAtoms {
    var rest = self
    rest.columns.removeFirst((j + 1) * rows)
    rest.distances.removeFirst(j + 1)
    rest.correlations.removeFirst(j + 1)
    return rest
  }

  private mutating func measure() {
    let (m, count) = (Int32(rows), columns.count / rows)
    residualSquare = cblas_ddot(m, residual, 1, residual, 1)
    distances = Array(repeating: 0, count: count)
    correlations = Array(repeating: 0, count: count)
    columns.withUnsafeBufferPointer { columns in
      guard let start = columns.baseAddress else { return }
      for j in 0..<count {
        let column = start + j * rows
        distances[j] = cblas_ddot(m, column, 1, column, 1)
        correlations[j] = cblas_ddot(m, column, 1, residual, 1)
      }
    }
  }
}
