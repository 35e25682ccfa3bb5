import COpenBLAS
import SparseCore

/// Atoms and observations with the span of some atoms taken out of them: P^⊥a_j and P^⊥y_l.
package struct ProjectedAtoms: Sendable {
  package let rows: Int
  /// How many observations there are, L.
  private let observations: Int
  /// P^⊥a_j, rows × count.
  private var columns: [Double]
  /// P^⊥y_l, rows × L.
  private var residuals: [Double]
  /// Σ_l ‖P^⊥y_l‖².
  package private(set) var residualSquare: Double
  /// ‖P^⊥a_j‖².
  package private(set) var distances: [Double]
  /// a_jᵀ P^⊥y_l, L for each atom.
  private var correlations: [Double]

  /// Atoms before anything is taken out, rows × count, and the observations, rows × L.
  package init(_ columns: [Double], rows: Int, observations: [Double]) {
    self.rows = rows
    self.observations = observations.count / rows
    self.columns = columns
    residuals = observations
    residualSquare = 0
    distances = []
    correlations = []
    measure()
  }

  /// By how much Σ_l ‖r_l‖² falls when each atom enters as well: Σ_l (a_jᵀ P^⊥y_l)² / ‖P^⊥a_j‖².
  package var gains: [Double] {
    distances.indices.map { j in
      let first = j * observations
      return correlations[first..<first + observations].squaredNorm / distances[j]
    }
  }

  /// What is left after atom `j` is taken out as well, of the atoms behind it: 6 · rows · count flops.
  package func without(_ j: Int) -> ProjectedAtoms {
    var rest = behind(j)
    let (m, left) = (Int32(rows), rest.distances.count)
    var q = Array(columns[j * rows..<(j + 1) * rows])
    cblas_dscal(m, 1 / distances[j].squareRoot(), &q, 1)
    func takeOut(of block: inout [Double], count: Int) {
      guard count > 0 else { return }
      var products = [Double](repeating: 0, count: count)
      cblas_dgemv(CblasColMajor, CblasTrans, m, Int32(count), 1, block, m, q, 1, 0, &products, 1)
      cblas_dger(CblasColMajor, m, Int32(count), -1, q, 1, products, 1, &block, m)
    }
    takeOut(of: &rest.columns, count: left)
    takeOut(of: &rest.residuals, count: observations)
    rest.measure()
    return rest
  }

  /// The atoms behind `j` as they are.
  package func behind(_ j: Int) -> ProjectedAtoms {
    var rest = self
    rest.columns.removeFirst((j + 1) * rows)
    rest.distances.removeFirst(j + 1)
    rest.correlations.removeFirst((j + 1) * observations)
    return rest
  }

  private mutating func measure() {
    let (m, count) = (Int32(rows), columns.count / rows)
    residualSquare = cblas_ddot(Int32(residuals.count), residuals, 1, residuals, 1)
    distances = Array(repeating: 0, count: count)
    correlations = Array(repeating: 0, count: count * observations)
    columns.withUnsafeBufferPointer { columns in
      residuals.withUnsafeBufferPointer { residuals in
        guard let start = columns.baseAddress, let r = residuals.baseAddress else { return }
        for j in 0..<count {
          let column = start + j * rows
          distances[j] = cblas_ddot(m, column, 1, column, 1)
          for l in 0..<observations {
            correlations[j * observations + l] = cblas_ddot(m, column, 1, r + l * rows, 1)
          }
        }
      }
    }
  }
}
