public import SparseCore

/// Iterative hard thresholding: Blumensath and Davies 2009, doi:10.1016/j.acha.2009.04.002.
///
/// x ← H_k(x + μ Aᵀ(y − A x)): a gradient step, of which the k largest entries stay. The residual
/// decreases for μ < 1 / ‖A‖₂²; the least squares is solved once, at the end.
public struct IHT: IterativeSolver {
  /// `iht`.
  public static let name = "iht"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("step-size", "μ; 0.98 / ‖A‖² unless given", \.stepSize),
      SolverOption("stillness", "the relative change at which it ends", fraction: \.stillness),
    ]
  }

  /// The step size μ > 0, or nil for 0.98 / ‖AD‖₂².
  public var stepSize: Double?
  /// The relative change of x at which it stands still, in [0, 1).
  public var stillness = 1e-6
  /// When to stop before x stands still.
  public var limits: Limits

  /// Thresholding within `limits`.
  public init(stepSize: Double? = nil, limits: Limits = Limits()) {
    self.stepSize = stepSize
    self.limits = limits
  }

  /// It does.
  public var recoversJointly: Bool { true }

  /// One gradient an iteration, 4 · m · k flops on the host, and some ten passes over A for ‖AD‖₂.
  public func step(
    _ state: inout PointState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let k = search.atomCount
    let μ =
      if let stepSize { try valid(stepSize: stepSize) } else {
        0.98 / (try workspace.squaredSpectralNorm())
      }
    return try workspace.thresholdingStep(&state.x, stillness: stillness, solver: Self.name) {
      (x) throws(RecoveryError) in
      // x ← H_k(x + μ Aᵀ(y − A x))
      try workspace.iterate(workspace.negativeGradient(at: x, outside: k).step(μ, keeping: k))
    }
  }
}
