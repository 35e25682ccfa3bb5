/// Least squares by Householder reflections with column pivoting, in plain loops (Golub and Van Loan
/// 2013, §5.4.2): nothing of the package takes part.
struct Factorization {
  /// The number of columns that are independent, to rounding.
  let rank: Int
  /// The coefficients of the columns; zero for those that depend on others.
  let coefficients: [Double]
  /// ‖R⁻¹‖ of all columns in the norm of Frobenius, infinite where they are dependent.
  let inverseNorm: Double

  /// argmin ‖B c − z‖ over the columns of B, which should have about unit norm.
  init(_ columns: [[Double]], _ z: [Double]) {
    var (b, z) = (columns, z)
    var order = Array(columns.indices)
    let rounding = 4 * Double(z.count + columns.count) * Double.ulpOfOne
    var rank = 0
    while rank < min(z.count, columns.count) {
      let norms = b[rank...].map { norm($0[rank...]) }
      let longest = norms.indices.max { norms[$0] < norms[$1] } ?? 0
      guard norms[longest] > rounding else { break }
      b.swapAt(rank, rank + longest)
      order.swapAt(rank, rank + longest)
      // v with H = I − 2 v vᵀ / ‖v‖²: H b = ∓‖b‖ e.
      var v = Array(b[rank][rank...])
      v[0] += v[0] < 0 ? -norms[longest] : norms[longest]
      let square = dot(v, v)
      func reflect(_ u: inout [Double], from start: Int) {
        let factor = 2 * dot(v, Array(u[start...])) / square
        for i in v.indices { u[start + i] -= factor * v[i] }
      }
      for j in rank..<b.count { reflect(&b[j], from: rank) }
      reflect(&z, from: rank)
      rank += 1
    }
    /// R⁻¹ u.
    func solved(_ u: [Double]) -> [Double] {
      var x = Array(u[..<rank])
      for p in (0..<rank).reversed() {
        for q in (p + 1)..<max(rank, p + 1) { x[p] -= b[q][p] * x[q] }
        x[p] /= b[p][p]
      }
      return x
    }
    var coefficients = [Double](repeating: 0, count: columns.count)
    for (p, x) in solved(z).enumerated() { coefficients[order[p]] = x }
    self.coefficients = coefficients
    self.rank = rank
    guard rank == columns.count else {
      inverseNorm = .infinity
      return
    }
    let inverse = (0..<rank).flatMap { p in solved((0..<rank).map { $0 == p ? 1 : 0 }) }
    inverseNorm = norm(inverse[...])
  }
}

/// Σ uᵢvᵢ.
func dot(_ u: [Double], _ v: [Double]) -> Double {
  zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
}

/// ‖v‖₂.
func norm(_ v: ArraySlice<Double>) -> Double {
  v.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
