import SparseCore

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
