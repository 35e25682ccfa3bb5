/// The pursuits that look at more than one support before they decide.
extension LiteralPursuits {
  /// Every exchange tried counts.
  func splicing(_ iterations: Int) -> [[Int]] {
    var found = largest(k, correlations(zero))
    var visited = [found]
    while visited.count < iterations {
      let x = project(found)
      let g = without(found, correlations(x))
      var c = k
      let before = squaredNorm(residual(x))
      while c > 0 {
        let tried = (largest(k - c, x) + largest(c, g)).sorted()
        visited.append(tried)
        let after = squaredNorm(residual(project(tried)))
        c /= 2
        if after < before {
          found = tried
          c = 0
        }
      }
    }
    return Array(visited.prefix(iterations))
  }

  func niht(_ iterations: Int, c: Double) -> [[Int]] {
    var x = zero
    var present = largest(k, correlations(x))
    return (0..<iterations).map { _ in
      let g = correlations(x)
      let direction = rows(present, of: g)
      var μ = squaredNorm(direction) / squaredImage(direction)
      while true {
        let z = keep(k, add(μ, g, to: x))
        let moved = add(-1, x, to: z)
        if support(z) == present || μ <= (1 - c) * squaredNorm(moved) / squaredImage(moved) {
          x = z
          present = support(z)
          return present
        }
        μ /= 2
      }
    }
  }

  func nhtp(_ iterations: Int) -> [[Int]] {
    var x = zero
    return (0..<iterations).map { _ in
      let g = correlations(x)
      let direction = keep(k, without(support(x), g))
      let support = largest(
        k, add(squaredNorm(direction) / squaredImage(direction), g, to: x))
      x = project(support)
      return support
    }
  }

  /// To the end; the last support is the one that is left when the others are deleted one by one.
  func foba(ν: Double, breadth: Int) -> [[Int]] {
    func loss(_ x: Planes) -> Double { squaredNorm(residual(x)) / 2 }
    var x = zero
    var visited: [[Int]] = []
    while support(x).count < min(breadth * k, observations[0].count) {
      let atom = largest(1, without(support(x), correlations(x)))
      let grown = project((support(x) + atom).sorted())
      let gain = loss(x) - loss(grown)
      x = grown
      while support(x).count > 1 {
        let fewer = project(largest(support(x).count - 1, x))
        guard loss(fewer) - loss(grown) < ν * gain else { break }
        x = fewer
      }
      visited.append(support(x).count <= k ? support(x) : largest(k, x))
    }
    while support(x).count > k { x = project(largest(support(x).count - 1, x)) }
    return visited + [support(x)]
  }
}
