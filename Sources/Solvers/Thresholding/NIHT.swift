public import SparseCore

/// Normalised iterative hard thresholding: Blumensath and Davies 2010, IEEE JSTSP 4(2).
///
/// x ← H_k(x + μ g) with g = Aᵀ(y − A x) and the best step on the present support S,
/// μ = ‖g_S‖² / ‖A g_S‖². Where the support changes, μ is halved until it is at most
/// (1 − c) ‖z − x‖² / ‖A(z − x)‖² for the step z that it leads to.
public struct NIHT: IterativeSolver {
  /// `niht`.
  public static let name = "niht"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("margin", "c of the step size rule", fraction: \.margin),
      SolverOption("stillness", "the relative change at which it ends", fraction: \.stillness),
    ]
  }

  /// c, how far below the largest safe step to stay, in [0, 1).
  public var margin = 0.01
  /// The relative change of x at which it stands still, in [0, 1).
  public var stillness = 1e-6
  /// When to stop before x stands still.
  public var limits: Limits

  /// Thresholding within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// It does.
  public var recoversJointly: Bool { true }

  /// One gradient an iteration, and 6 · m · k flops on the host or a few times as many.
  public func step(
    _ state: inout PointState, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let c = try valid(fraction: margin, "margin")
    return try workspace.thresholdingStep(&state.x, stillness: stillness, solver: Self.name) {
      (x) throws(RecoveryError) in
      try workspace.normalizedStep(from: x, search.atomCount, c: c)
    }
  }
}
