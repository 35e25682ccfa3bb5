import SparseCore

/// The pursuits read word for word, on plain dense matrices with a column for each observation, sharing no code with
/// the package: least squares by elimination on the normal equations, selections of rows by sorting their norms.
struct LiteralPursuits {
  /// A matrix, column after column.
  typealias Planes = [[Double]]

  let columns: [[Double]]
  let observations: Planes
  let k: Int

  init(_ matrix: Matrix<Double>, _ observations: Planes, sparsity: Int) {
    columns = (0..<matrix.columns).map { j in
      let column = (0..<matrix.rows).map { matrix[$0, j] }
      let norm = dot(column, column).squareRoot()
      return column.map { $0 / norm }
    }
    self.observations = observations
    k = sparsity
  }

  var zero: Planes {
    observations.map { _ in [Double](repeating: 0, count: columns.count) }
  }

  /// Y − A X.
  func residual(_ x: Planes) -> Planes {
    zip(observations, x).map { y, x in
      var r = y
      for j in x.indices where x[j] != 0 {
        for i in r.indices { r[i] -= x[j] * columns[j][i] }
      }
      return r
    }
  }

  /// G = Aᵀ(Y − A X).
  func correlations(_ x: Planes) -> Planes {
    residual(x).map { r in columns.map { dot($0, r) } }
  }

  /// The rows of largest norm.
  func largest(_ count: Int, _ v: Planes) -> [Int] {
    let norms = columns.indices.map { j in
      v.reduce(0) { $0 + $1[j] * $1[j] }.squareRoot()
    }
    return Array(norms.indices.sorted { (norms[$0], $1) > (norms[$1], $0) }.prefix(count)).sorted()
  }

  func support(_ x: Planes) -> [Int] {
    columns.indices.filter { j in x.contains { $0[j] != 0 } }
  }

  func keep(_ count: Int, _ v: Planes) -> Planes { rows(largest(count, v), of: v) }

  /// The rows of v at these places, zeros elsewhere.
  func rows(_ places: [Int], of v: Planes) -> Planes {
    v.map { v in
      var kept = [Double](repeating: 0, count: v.count)
      for j in places { kept[j] = v[j] }
      return kept
    }
  }

  /// v with zeros at these rows.
  func without(_ places: [Int], _ v: Planes) -> Planes {
    rows(columns.indices.filter { !places.contains($0) }, of: v)
  }

  func project(_ support: [Int]) -> Planes { observations.map { project($0, onto: support) } }

  private func project(_ y: [Double], onto support: [Int]) -> [Double] {
    var rows = support.map { i in
      support.map { dot(columns[i], columns[$0]) } + [dot(columns[i], y)]
    }
    for p in rows.indices {
      for q in rows.indices where q != p {
        let factor = rows[q][p] / rows[p][p]
        for c in rows[q].indices { rows[q][c] -= factor * rows[p][c] }
      }
    }
    var x = [Double](repeating: 0, count: columns.count)
    for (p, j) in support.enumerated() { x[j] = rows[p][support.count] / rows[p][p] }
    return x
  }

  func add(_ μ: Double, _ g: Planes, to x: Planes) -> Planes {
    zip(x, g).map { zip($0, $1).map { $0 + μ * $1 } }
  }

  /// ‖v‖_F².
  func squaredNorm(_ v: Planes) -> Double { v.reduce(0) { $0 + dot($1, $1) } }

  /// ‖A v‖_F².
  func squaredImage(_ v: Planes) -> Double {
    squaredNorm(zip(residual(v), observations).map { zip($0, $1).map { $0 - $1 } })
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
      let g = without(found, correlations(x))
      found = (largest(k - 1, x) + largest(1, g)).sorted()
      visited.append(found)
    }
    return visited
  }

  func gomp(_ iterations: Int, atomsPerStep: Int) -> [[Int]] {
    var grown: [Int] = []
    return (0..<iterations).map { _ in
      let g = without(grown, correlations(project(grown)))
      grown = (grown + largest(atomsPerStep, g)).sorted()
      return grown.count <= k ? grown : largest(k, project(grown))
    }
  }

  /// The atom of every step is the one with which the loss is least.
  func ols() -> [[Int]] {
    var grown: [Int] = []
    return (0..<k).map { _ in
      let losses = columns.indices.map { j in
        grown.contains(j) ? .infinity : squaredNorm(residual(project((grown + [j]).sorted())))
      }
      grown = (grown + [losses.indices.min { losses[$0] < losses[$1] } ?? 0]).sorted()
      return grown
    }
  }

  func sea(_ iterations: Int) -> [[Int]] {
    var exploratory = zero
    return (0..<iterations).map { _ in
      let support = largest(k, exploratory)
      exploratory = add(1, without(support, correlations(project(support))), to: exploratory)
      return support
    }
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}
