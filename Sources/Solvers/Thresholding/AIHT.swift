public import SparseCore

/// Accelerated iterative hard thresholding: Blumensath 2012, Signal Processing 92.
///
/// A step of ``NIHT``, then any vector with at most k nonzeros and a smaller residual in its place:
/// here the one that a few conjugate gradients on the same support lead to.
public struct AIHT: IterativeSolver {
  /// `aiht`.
  public static let name = "aiht"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption(
        "conjugate-steps", "conjugate gradient steps on each support", \.conjugateSteps),
      SolverOption("margin", "c of the step size rule", fraction: \.margin),
      SolverOption("stillness", "the relative change at which it ends", fraction: \.stillness),
    ]
  }

  /// How many conjugate gradients follow a step, at least 1.
  public var conjugateSteps: Int
  /// c, how far below the largest safe step to stay, in [0, 1).
  public var margin = 0.01
  /// The relative change of x at which it stands still, in [0, 1).
  public var stillness = 1e-6
  /// When to stop before x stands still.
  public var limits: Limits

  /// Thresholding within `limits`.
  public init(conjugateSteps: Int = 3, limits: Limits = Limits()) {
    self.conjugateSteps = conjugateSteps
    self.limits = limits
  }

  /// It does.
  public var recoversJointly: Bool { true }

  /// One gradient an iteration, and (6 + 4 · `conjugateSteps`) · m · k flops on the host.
  public func step(
    _ state: inout PointState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let c = try valid(fraction: margin, "margin")
    let steps = try valid(conjugateSteps, "conjugate steps")
    return try workspace.thresholdingStep(&state.x, stillness: stillness, solver: Self.name) {
      (x) throws(RecoveryError) in
      try workspace.descend(
        from: workspace.normalizedStep(from: x, search.atomCount, c: c), steps: steps,
        conjugate: true)
    }
  }
}
