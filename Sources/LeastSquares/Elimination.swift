import COpenBLAS
package import SparseCore

/// Least squares on all of some columns, out of which one column after another is taken: each time the one without which the
/// loss grows least (backward elimination; Efroymson 1960).
///
/// With the inverse B of the Gram matrix and the coefficients c, the loss without column j is larger by c_j² / 2 B_jj, and
///
///     B ← B − b_j b_jᵀ / B_jj,   c ← c − b_j c_j / B_jj.
///
/// 2 · n³ flops for the inverse and n² for each column taken out. Of several losses, each has a B of its own, and what
/// they grow by is added up.
package struct Elimination: Sendable {
  /// One loss: a Gram matrix, and the products of its columns with one observation or several.
  private struct Plane: Sendable {
    /// B before the latest columns were taken out, lower triangle.
    private var inverse: [Double]
    /// B_jj.
    private(set) var diagonal: [Double]
    /// c, n for each observation.
    private(set) var coefficients: [Double]
    /// b_j / √B_jj of the columns taken out since.
    private var latest: [Double] = []
    private var count: Int { diagonal.count }

    /// So many are taken out between two updates of B, which then read it once for all of them.
    private static var width: Int { 32 }
    /// What is added to the diagonal, as a share of it: with dependent columns there is no inverse without. Inner products are
    /// off by less.
    private static var damping: Double { 1e-11 }

    /// - Parameters:
    ///   - gram: n × n.
    ///   - slopes: n for each observation.
    init?(gram: [Double], slopes: [Double]) throws(RecoveryError) {
      let n = Int(Double(gram.count).squareRoot())
      var damped = gram
      for j in 0..<n { damped[j * (n + 1)] *= 1 + Self.damping }
      guard let (inverse, coefficients) = try LeastSquares.inverse(of: damped, times: slopes) else {
        return nil
      }
      (self.inverse, self.coefficients) = (inverse, coefficients)
      diagonal = (0..<n).map { inverse[$0 * (n + 1)] }
    }

    /// Twice what the loss grows by without a column.
    func cost(_ j: Int) -> Double {
      stride(from: j, to: coefficients.count, by: count).reduce(0) {
        $0 + coefficients[$1] * coefficients[$1]
      } / diagonal[j]
    }

    mutating func takeOut(_ j: Int) {
      let n = count
      var column = (0..<n).map { i in inverse[i < j ? j + i * n : i + j * n] }
      let taken = latest.count / n
      if taken > 0 {
        let weights = (0..<taken).map { latest[$0 * n + j] }
        cblas_dgemv(
          CblasColMajor, CblasNoTrans, Int32(n), Int32(taken), -1, latest, Int32(n), weights, 1, 1,
          &column, 1)
      }
      let root = diagonal[j].squareRoot()
      for i in 0..<n {
        column[i] /= root
        diagonal[i] -= column[i] * column[i]
      }
      for start in stride(from: 0, to: coefficients.count, by: n) {
        let share = coefficients[start + j] / root
        for i in 0..<n { coefficients[start + i] -= column[i] * share }
      }
      latest += column
      guard taken + 1 == Self.width else { return }
      cblas_dsyrk(
        CblasColMajor, CblasLower, CblasNoTrans, Int32(n), Int32(Self.width), -1, latest, Int32(n),
        1, &inverse, Int32(n))
      latest = []
    }
  }

  private var planes: [Plane]
  /// How many columns are never taken out, the first ones.
  private let fixed: Int
  /// The columns that are left of the others, counted from the first of these.
  package private(set) var left: [Int]
  /// Those taken out, the first one first.
  package private(set) var takenOut: [Int] = []

  /// Nothing is taken out yet; nil where a Gram matrix has no inverse.
  ///
  /// - Parameters:
  ///   - losses: for each an n × n Gram matrix and n products for every observation.
  ///   - fixed: so many columns are never taken out, the first ones.
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package init?(
    _ losses: [(gram: [Double], slopes: [Double])], fixed: Int = 0
  ) throws(RecoveryError) {
    planes = []
    for loss in losses {
      guard let plane = try Plane(gram: loss.gram, slopes: loss.slopes) else { return nil }
      planes.append(plane)
    }
    self.fixed = fixed
    left = planes.first.map { Array(0..<$0.diagonal.count - fixed) } ?? []
  }

  /// Takes out columns until so many are left.
  package mutating func reduce(to count: Int) {
    while left.count > max(count, 0) {
      let costs = left.map { j in planes.reduce(0) { $0 + $1.cost(fixed + j) } }
      guard let place = costs.indices.min(by: { costs[$0] < costs[$1] }) else { return }
      let j = left.remove(at: place)
      takenOut.append(j)
      for p in planes.indices { planes[p].takeOut(fixed + j) }
    }
  }
}
