import CLAPACKE
import SparseCore

/// The Cholesky factor of a Gram block, with an estimate of its condition.
///
/// The Gram matrix squares the condition of the columns: cond(G) = cond(A_S)². Its normal equations
/// leave a relative error of about ε · cond(G)^½ in the residual, the ones after a refinement step
/// about ε as long as ε · cond(G) stays far below one.
struct GramFactor {
  private let order: Int
  private var lower: [Double]
  /// An estimate of 1 / (‖G‖₁ · ‖G⁻¹‖₁).
  let reciprocalCondition: Double

  /// Factors the block of `slots` at `places`: k³/3 flops. Nil when it is not positive definite.
  init?(_ slots: AtomSlots, _ places: [Int]) {
    order = places.count
    lower = slots.gramBlock(places)
    let n = Int32(order)
    let norm = LAPACKE_dlansy(LAPACK_COL_MAJOR, .one, .lower, n, lower, n)
    guard LAPACKE_dpotrf(LAPACK_COL_MAJOR, .lower, n, &lower, n) == 0 else { return nil }
    var estimate = 0.0
    guard LAPACKE_dpocon(LAPACK_COL_MAJOR, .lower, n, lower, n, norm, &estimate) == 0 else {
      return nil
    }
    reciprocalCondition = estimate
  }

  /// Whether one refinement step makes the solution as good as that of a QR factor: cond(G) ≤ 10⁸,
  /// half the digits of a double.
  var isTrusted: Bool { reciprocalCondition >= 1e-8 }

  /// Whether the plain solution would lose more than two digits of the residual.
  var needsRefinement: Bool { reciprocalCondition < 1e-4 }

  /// G⁻¹ b: 2 · k² flops.
  func solve(_ b: [Double]) -> [Double] {
    var x = b
    let n = Int32(order)
    // The arguments were accepted by the factorisation, so the solve cannot refuse them.
    _ = LAPACKE_dpotrs(LAPACK_COL_MAJOR, .lower, n, 1, lower, n, &x, n)
    return x
  }
}
