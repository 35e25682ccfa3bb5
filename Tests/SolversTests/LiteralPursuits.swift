import SparseCore

/// The pursuits read word for word, on plain dense vectors, sharing no code with the package: least
/// squares by elimination on the normal equations, selections by sorting.
struct LiteralPursuits {
  let columns: [[Double]]
  let y: [Double]
  let k: Int

  init(_ matrix: Matrix<Double>, _ y: [Double], sparsity: Int) {
    columns = (0..<matrix.columns).map { j in
      let column = (0..<matrix.rows).map { matrix[$0, j] }
      let norm = dot(column, column).squareRoot()
      return column.map { $0 / norm }
    }
    self.y = y
    k = sparsity
  }

  var zero: [Double] { [Double](repeating: 0, count: columns.count) }

  /// y − A x.
  func residual(_ x: [Double]) -> [Double] {
    var r = y
    for j in x.indices where x[j] != 0 {
      for i in r.indices { r[i] -= x[j] * columns[j][i] }
    }
    return r
  }

  /// g = Aᵀ(y − A x).
  func correlations(_ x: [Double]) -> [Double] {
    let r = residual(x)
    return columns.map { dot($0, r) }
  }

  func largest(_ count: Int, _ v: [Double]) -> [Int] {
    Array(v.indices.sorted { (abs(v[$0]), $1) > (abs(v[$1]), $0) }.prefix(count)).sorted()
  }

  func support(_ x: [Double]) -> [Int] { x.indices.filter { x[$0] != 0 } }

  func keep(_ count: Int, _ v: [Double]) -> [Double] {
    var kept = zero
    for j in largest(count, v) { kept[j] = v[j] }
    return kept
  }

  func project(_ support: [Int]) -> [Double] {
    var rows = support.map { i in
      support.map { dot(columns[i], columns[$0]) } + [dot(columns[i], y)]
    }
    for p in rows.indices {
      for q in rows.indices where q != p {
        let factor = rows[q][p] / rows[p][p]
        for c in rows[q].indices { rows[q][c] -= factor * rows[p][c] }
      }
    }
    var x = zero
    for (p, j) in support.enumerated() { x[j] = rows[p][support.count] / rows[p][p] }
    return x
  }

  func add(_ μ: Double, _ g: [Double], to x: [Double]) -> [Double] {
    zip(x, g).map { $0 + μ * $1 }
  }

  // MARK: The algorithms: the supports of the first iterations, without any rule to stop

  func iht(_ iterations: Int, μ: Double) -> [[Int]] {
    var x = zero
    return (0..<iterations).map { _ in
      x = keep(k, add(μ, correlations(x), to: x))
      return support(x)
    }
  }

  func htp(_ iterations: Int, μ: Double) -> [[Int]] {
    var x = zero
    return (0..<iterations).map { _ in
      let support = largest(k, add(μ, correlations(x), to: x))
      x = project(support)
      return support
    }
  }

  func cosamp(_ iterations: Int) -> [[Int]] {
    var x = zero
    return (0..<iterations).map { _ in
      let union = Set(support(x)).union(largest(2 * k, correlations(x))).sorted()
      x = keep(k, project(union))
      return support(x)
    }
  }

  func sp(_ iterations: Int) -> [[Int]] {
    var found = largest(k, correlations(zero))
    var visited = [found]
    for _ in 1..<iterations {
      let union = Set(found).union(largest(k, correlations(project(found)))).sorted()
      found = largest(k, project(union))
      visited.append(found)
    }
    return visited
  }

  func ompr(_ iterations: Int) -> [[Int]] {
    var found = largest(k, correlations(zero))
    var visited = [found]
    for _ in 1..<iterations {
      let x = project(found)
      var g = correlations(x)
      for j in found { g[j] = 0 }
      found = (largest(k - 1, x) + largest(1, g)).sorted()
      visited.append(found)
    }
    return visited
  }

  func gomp(_ iterations: Int, atomsPerStep: Int) -> [[Int]] {
    var grown: [Int] = []
    return (0..<iterations).map { _ in
      var g = correlations(project(grown))
      for j in grown { g[j] = 0 }
      grown = (grown + largest(atomsPerStep, g)).sorted()
      return grown.count <= k ? grown : largest(k, project(grown))
    }
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}
