public import SparseCore

/// Fast hard thresholding pursuit: Foucart 2011, doi:10.1137/100806278.
///
/// ``HTP`` with a few gradient steps on the support in place of the least squares: none at all is
/// iterative hard thresholding, infinitely many are hard thresholding pursuit.
public struct FHTP: IterativeSolver {
  /// `fhtp`.
  public static let name = "fhtp"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("gradient-steps", "gradient steps on each support", \.gradientSteps, atLeast: 0),
      SolverOption("step-size", "μ; the best on the support unless given", \.stepSize),
      SolverOption("stillness", "the relative change at which it ends", fraction: \.stillness),
    ]
  }

  /// L, how many gradient steps on the support follow a thresholding, at least 0.
  public var gradientSteps: Int
  /// The step size μ > 0 before the thresholding, or nil for the best one on the present support,
  /// as in ``NIHT``. The steps on the support always have their best size.
  public var stepSize: Double?
  /// The relative change of x at which it stands still, in [0, 1).
  public var stillness = 1e-6
  /// When to stop before x stands still.
  public var limits: Limits

  /// Thresholding within `limits`.
  public init(gradientSteps: Int = 3, stepSize: Double? = nil, limits: Limits = Limits()) {
    self.gradientSteps = gradientSteps
    self.stepSize = stepSize
    self.limits = limits
  }

  /// It does.
  public var recoversJointly: Bool { true }

  /// One gradient an iteration, and (6 + 4 · `gradientSteps`) · m · k flops on the host.
  public func step(
    _ state: inout PointState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let k = search.atomCount
    let steps = try valid(gradientSteps, "gradient steps", atLeast: 0)
    return try workspace.thresholdingStep(&state.x, stillness: stillness, solver: Self.name) {
      (x) throws(RecoveryError) in
      let g = try workspace.negativeGradient(at: x, outside: k)
      guard let μ = try stepSize(workspace, along: g.direction(k)) else { return x }
      return try workspace.descend(
        from: workspace.iterate(g.step(μ, keeping: k)), steps: steps, conjugate: false)
    }
  }

  private func stepSize(
    _ workspace: Workspace, along direction: SparseVector
  ) throws(RecoveryError) -> Double? {
    if let stepSize { return try valid(stepSize: stepSize) }
    return try workspace.exactStep(along: direction)
  }
}
