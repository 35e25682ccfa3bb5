/// The pursuits that look at more than one support before they decide.
extension LiteralPursuits {
  /// Every exchange tried counts.
  func splicing(_ iterations: Int) -> [[Int]] {
    var found = largest(k, correlations(zero))
    var visited = [found]
    while visited.count < iterations {
      let x = project(found)
      var g = correlations(x)
      for j in found { g[j] = 0 }
      var c = k
      let before = residual(x)
      while c > 0 {
        let tried = (largest(k - c, x) + largest(c, g)).sorted()
        visited.append(tried)
        let after = residual(project(tried))
        c /= 2
        if dot(after, after) < dot(before, before) {
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
      var direction = zero
      for j in present { direction[j] = g[j] }
      var μ = dot(direction, direction) / squaredImage(direction)
      while true {
        let z = keep(k, add(μ, g, to: x))
        let moved = add(-1, x, to: z)
        if support(z) == present || μ <= (1 - c) * dot(moved, moved) / squaredImage(moved) {
          x = z
          present = support(z)
          return present
        }
        μ /= 2
      }
    }

    func squaredImage(_ v: [Double]) -> Double {
      let image = zip(residual(v), y).map { $0 - $1 }
      return dot(image, image)
    }
  }
}
