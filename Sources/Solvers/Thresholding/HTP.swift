public import SparseCore

/// Hard thresholding pursuit: Foucart 2011, doi:10.1137/100806278.
///
/// S ← the k largest entries of x + μ Aᵀ(y − A x), x ← the projection onto S, until S comes back. For any loss Yuan,
/// Li and Zhang 2014: the step size is for one that curves by 1 at most, as least squares do.
public struct HTP: IterativeSolver {
  /// `htp`.
  public static let name = "htp"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("step-size", "μ; 1 for columns of unit norm unless given", \.stepSize)
    ]
  }

  /// The step size μ > 0, or nil for 1 / max ‖a_j‖₂² over the atoms: 1 where they have unit norm, as
  /// they have unless normalisation is declined.
  public var stepSize: Double?
  /// When to stop before a support comes back.
  public var limits: Limits

  /// A pursuit within `limits`.
  public init(stepSize: Double? = nil, limits: Limits = Limits()) {
    self.stepSize = stepSize
    self.limits = limits
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }

  /// One gradient and one projection an iteration.
  public func step(
    _ state: inout VisitingState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let largestNorm = workspace.problem.atoms.largestNorm
    let μ =
      if let stepSize { try valid(stepSize: stepSize) } else { 1 / (largestNorm * largestNorm) }
    return try workspace.pursuitStep(&state, search.atomCount) { _ in μ }
  }
}
