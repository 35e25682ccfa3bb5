import SparseCore

extension Workspace {
  /// One step of a thresholding algorithm, which ends where x stands still.
  ///
  /// - Parameters:
  ///   - stillness: the relative change ‖xᵗ⁺¹ − xᵗ‖₂ / ‖xᵗ⁺¹‖₂ that counts as none.
  ///   - step: xᵗ⁺¹ from xᵗ, with at most k nonzeros.
  func thresholdingStep(
    _ x: inout Iterate, stillness: Double, solver: String,
    _ step: (Iterate) throws(RecoveryError) -> Iterate
  ) throws(RecoveryError) -> Step {
    try problem.model.requirePlain(for: solver)
    let stillness = try valid(fraction: stillness, "stillness")
    let next = try step(x)
    // A step too long for this A: the residual grows without end.
    guard try next.residualNorm <= 1e8 * nullModel().residualNorm else {
      return .end(.stagnation)
    }
    let change = next.vector.squaredDistance(to: x.vector)
    x = next
    let isStill = change <= stillness * stillness * next.coefficients.squaredNorm
    return Step(next, stop: isStill ? .converged : nil)
  }

  /// `steps` steps towards the projection on the support of x: 4 · m · k flops each. The residual
  /// never grows.
  ///
  /// - Parameter conjugate: whether directions are conjugate (Björck 1996, §7.4, CGLS), or steepest.
  func descend(from x: Iterate, steps: Int, conjugate: Bool) throws(RecoveryError) -> Iterate {
    var (c, r) = (x.coefficients, x.residual)
    var g = try negativeGradient(on: x.vector, residual: r)
    var direction = g
    for _ in 0..<steps {
      let image = try image(of: SparseVector(support: x.support, coefficients: direction))
      let α = g.squaredNorm / image.squaredNorm
      guard α.isFinite else { break }
      for i in c.indices { c[i] += α * direction[i] }
      for i in r.indices { r[i] -= α * image[i] }
      let next = try negativeGradient(
        on: SparseVector(support: x.support, coefficients: c), residual: r)
      let β = conjugate ? next.squaredNorm / g.squaredNorm : 0
      for i in direction.indices { direction[i] = β * direction[i] + next[i] }
      g = next
    }
    return Iterate(support: x.support, coefficients: c, residual: r)
  }

  /// The step of normalised iterative hard thresholding: see ``NIHT``.
  func normalizedStep(from x: Iterate, _ k: Int, c: Double) throws(RecoveryError) -> Iterate {
    let g = try negativeGradient(at: x, outside: k)
    let direction = g.direction(k)
    guard var μ = try exactStep(along: direction) else { return x }
    while true {
      let z = try iterate(g.step(μ, keeping: k))
      // On an unchanged support the step is the best one. Elsewhere it must not exceed
      // (1 − c) ‖z − x‖² / ‖A(z − x)‖², below which the residual is sure to decrease.
      if z.support == direction.support { return z }
      let moved = z.vector.squaredDistance(to: x.vector)
      let image = zip(z.residual, x.residual).map { $0 - $1 }.squaredNorm
      if μ * image <= (1 - c) * moved { return z }
      μ /= 2
    }
  }
}

extension Workspace {
  /// S ← the k largest entries of x + μ g, x ← the projection onto S, until a support comes back:
  /// x depends on S alone, so that from there on everything would repeat.
  ///
  /// - Parameter step: μ from g, or nil where g vanishes.
  func pursuitStep(
    _ state: inout VisitingState, _ k: Int,
    _ step: (NegativeGradient) throws(RecoveryError) -> Double?
  ) throws(RecoveryError) -> Step {
    let g = try negativeGradient(at: state.x, outside: k)
    guard let μ = try step(g) else { return .end(.converged) }
    let support = g.step(μ, keeping: k).support
    guard state.visited.insert(support).inserted else { return .end(.converged) }
    state.x = try project(onto: support)
    return Step(state.x)
  }
}
