import SparseCore
import SparseRecoveryTesting

/// Algorithm 1 read word for word, on plain arrays, sharing no code with the package: the columns
/// are copied and normalised, the projection is an unpivoted Householder QR, the selection a sort.
struct LiteralSEA {
  let columns: [[Double]]
  let y: [Double]

  init(_ matrix: Matrix<Double>, _ y: [Double]) {
    columns = (0..<matrix.columns).map { j in
      let column = (0..<matrix.rows).map { matrix[$0, j] }
      let norm = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return column.map { $0 / norm }
    }
    self.y = y
  }

  /// The supports of the first `iterations` iterations from X⁰ = 0, or fewer when one explains y.
  func supports(sparsity k: Int, iterations: Int) -> [[Int]] {
    var exploratory = [Double](repeating: 0, count: columns.count)
    var visited: [[Int]] = []
    let yNorm = norm(y)
    for _ in 0..<iterations {
      // Magnitudes that agree to 2⁻³² tie, and ties go to the lowest index.
      let magnitudes = exploratory.map { z in
        z == 0 ? 0 : (abs(z) / z.binade.magnitude * 0x1p32).rounded() * z.binade.magnitude
      }
      let order = exploratory.indices.sorted { (magnitudes[$0], $1) > (magnitudes[$1], $0) }
      let support = order.prefix(k).sorted()
      visited.append(support)
      let residual = residual(on: support)
      if norm(residual) <= 1e-12 * yNorm { break }
      for j in columns.indices where !support.contains(j) {
        exploratory[j] += zip(columns[j], residual).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    return visited
  }

  /// y minus its projection onto the span of the columns of `support`.
  private func residual(on support: [Int]) -> [Double] {
    // Orthonormalise by Householder reflections, then strip the components of y.
    var block = support.map { columns[$0] }
    var work = y
    var reflectors: [[Double]] = []
    for p in block.indices {
      var v = block[p]
      for i in 0..<p { v[i] = 0 }
      let alpha = v[p] >= 0 ? -norm(v) : norm(v)
      v[p] -= alpha
      let length = norm(v)
      guard length > 0 else { continue }
      v = v.map { $0 / length }
      reflectors.append(v)
      for q in p..<block.count { reflect(&block[q], v) }
      reflect(&work, v)
    }
    for i in 0..<min(block.count, work.count) { work[i] = 0 }
    for v in reflectors.reversed() { reflect(&work, v) }
    return work
  }

  private func reflect(_ x: inout [Double], _ v: [Double]) {
    let dot = zip(x, v).reduce(0) { $0 + $1.0 * $1.1 }
    for i in x.indices { x[i] -= 2 * dot * v[i] }
  }

  private func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
