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
}
