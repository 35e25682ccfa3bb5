package import SparseCore

/// The least-squares solution on one support.
package struct Projection: Sendable {
  /// The coefficients of the atoms, in the order of the support.
  package let coefficients: [Double]
  /// r = A_S c − y, of length m, for the scaled observation: minus the residual of the field.
  package let residual: [Double]
  /// ‖r‖₂.
  package let residualNorm: Double
  /// How it was computed.
  package let method: ProjectionMethod
  /// The numerical rank of the atoms of the support.
  package let rank: Int

  /// Whether A_Wᵀ r may be computed from Gram matrices: G c − Aᵀy cancels down to the residual, and
  /// loses the digits by which the coefficients exceed it.
  package var isGramAccurate: Bool {
    let size = coefficients.reduce(0) { $0 + abs($1) }
    return method == .cholesky && 8 * Double.ulpOfOne * size <= 1e-12 * residualNorm
  }
}
