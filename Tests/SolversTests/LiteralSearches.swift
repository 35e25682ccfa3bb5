import SparseCore

/// Losses by definition, on plain arrays, sharing no code with the package; what greedy and local
/// searches are, by trying every step.
struct LiteralSearches {
  let columns: [[Double]]
  let observations: [[Double]]

  init(_ matrix: Matrix<Double>, _ y: [Double]) { self.init(matrix, observations: [y]) }

  /// Of several observations with one support.
  init(_ matrix: Matrix<Double>, observations: [[Double]]) {
    columns = (0..<matrix.columns).map { j in (0..<matrix.rows).map { matrix[$0, j] } }
    self.observations = observations
  }

  /// min ‖A X − Y‖_F over X with rows outside the support zero, by Gram and Schmidt, twice.
  func residualNorm(_ support: [Int]) -> Double {
    var basis: [[Double]] = []
    for j in support {
      let rest = without(basis, without(basis, columns[j]))
      // What is left of a dependent column is rounding.
      if norm(rest) > 1e-12 * norm(columns[j]) {
        let length = norm(rest)
        basis.append(rest.map { $0 / length })
      }
    }
    return norm(observations.flatMap { without(basis, without(basis, $0)) })
  }

  /// The best of all supports of k columns: the first in lexicographic order.
  func optimum(_ k: Int) -> (support: [Int], residualNorm: Double) {
    var best = (support: [Int](), residualNorm: Double.infinity)
    var support = Array(0..<k)
    while true {
      let value = residualNorm(support)
      if value < best.residualNorm * (1 - 1e-10) { best = (support, value) }
      guard let place = support.indices.last(where: { support[$0] < columns.count - k + $0 })
      else { return best }
      support[place] += 1
      for later in (place + 1)..<max(k, place + 1) { support[later] = support[later - 1] + 1 }
    }
  }

  /// The supports of orthogonal least squares: every step the column with the least loss.
  func forward(_ k: Int) -> [[Int]] {
    var supports: [[Int]] = []
    for _ in 0..<k {
      let support = supports.last ?? []
      let steps = columns.indices.filter { !support.contains($0) }
        .map { (support + [$0]).sorted() }
      supports.append(least(steps))
    }
    return supports
  }

  /// The supports of exhaustive local search, the start included.
  func exchanges(from start: [Int]) -> [[Int]] {
    var supports = [start]
    while let support = supports.last {
      let swaps = support.flatMap { exit in
        columns.indices.filter { !support.contains($0) }
          .map { (support.filter { $0 != exit } + [$0]).sorted() }
      }
      let best = least(swaps)
      guard residualNorm(best) < residualNorm(support) * (1 - 1e-9) else { return supports }
      supports.append(best)
    }
    return supports
  }

  private func least(_ supports: [[Int]]) -> [Int] {
    supports.min { residualNorm($0) < residualNorm($1) } ?? []
  }

  private func without(_ basis: [[Double]], _ v: [Double]) -> [Double] {
    basis.reduce(v) { rest, q in
      let product = zip(rest, q).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(rest, q).map { $0 - product * $1 }
    }
  }

  private func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
