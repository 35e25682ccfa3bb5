import LeastSquares
import SparseCore

extension Engine {
  /// ‖TAD‖₂², to about a hundredth and from below, and the passes over A that it took.
  ///
  /// Lanczos on D Aᵀ TᵀT A D (Golub and Van Loan 2013, §10.1): two passes a step, like the power method,
  /// with a fraction of its steps. The largest Ritz value needs no reorthogonalisation. The start
  /// vector is fixed, so that the answer is the same in every run.
  ///
  /// - Parameter least: a square that ‖TAD‖₂² is no less than, such as that of the longest atom. Where less
  ///   is found, the start vector was orthogonal to what matters, and another one is tried.
  func squaredSpectralNorm(
    _ transform: RowTransform? = nil, least: Double = 0
  ) throws(RecoveryError) -> (value: Double, passes: Int) {
    // Signs without a pattern that a structured matrix could be orthogonal to.
    var generator = SeededGenerator(seed: 0)
    let signs = (0..<columns).map { _ in generator.sign() }
    let found = try squaredSpectralNorm(transform, from: signs)
    // A hundredth covers what storage and the estimate leave.
    guard found.value < 0.99 * least else { return found }
    let other = try squaredSpectralNorm(
      transform, from: signs.enumerated().map { $1 * Double($0 % 7 + 1) })
    return (max(found.value, other.value, least), found.passes + other.passes)
  }

  private func squaredSpectralNorm(
    _ transform: RowTransform?, from start: [Double]
  ) throws(RecoveryError) -> (value: Double, passes: Int) {
    let v = try makeVector(.correlation)
    let image = try makeVector(.residual)
    let size = start.norm
    var direction = start.map { $0 / size }
    var previous = [Double](repeating: 0, count: columns)
    var (diagonal, offDiagonal): ([Double], [Double]) = ([], [])
    var value = 0.0
    for step in 1...min(50, columns) {
      try write(direction, to: v)
      try multiply(v, into: image)
      if let transform {
        try write(transform.transposed(transform.applied(to: read(image))), to: image)
      }
      try correlate(image, into: v)
      var next = try read(v)
      let α = zip(next, direction).reduce(0) { $0 + $1.0 * $1.1 }
      let β = offDiagonal.last ?? 0
      for j in next.indices { next[j] -= α * direction[j] + β * previous[j] }
      diagonal.append(α)
      let before = value
      value = try largestEigenvalue(diagonal: diagonal, offDiagonal: offDiagonal)
      let length = next.squaredNorm.squareRoot()
      // An invariant subspace, or nothing gained by the last step.
      guard length > 1e-12 * value, value - before > 1e-2 * value else {
        return (max(value, .leastNormalMagnitude), 2 * step)
      }
      offDiagonal.append(length)
      previous = direction
      direction = next.map { $0 / length }
    }
    return (value, 2 * min(50, columns))
  }
}
