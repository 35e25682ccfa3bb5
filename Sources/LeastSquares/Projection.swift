package import SparseCore

/// How well a least-squares solution explains the observation, and how it was computed.
package struct Fit: Sendable {
  /// ‖A_S c − y‖₂; with a ridge (‖A_S c − y‖₂² + Σ p_j c_j²)^½, the root of twice the loss.
  package let residualNorm: Double
  /// How it was computed.
  package let method: ProjectionMethod
  /// The numerical rank of the atoms of the support.
  package let rank: Int
  /// Whether A_Wᵀ r may be computed from Gram matrices, and the columns are far from dependent.
  package let isGramAccurate: Bool
}

/// The least-squares solution on one support.
package struct Projection: Sendable {
  /// The coefficients of the atoms, in the order of the support.
  package let coefficients: [Double]
  /// r = A_S c − y, of length m, for the scaled observation: minus the residual of the field.
  package let residual: [Double]
  let fit: Fit

  /// The root of twice the loss: ‖r‖₂ without a ridge.
  package var residualNorm: Double { fit.residualNorm }
  /// How it was computed.
  package var method: ProjectionMethod { fit.method }
  /// The numerical rank of the atoms of the support.
  package var rank: Int { fit.rank }
  /// Whether A_Wᵀ r may be computed from Gram matrices.
  package var isGramAccurate: Bool { fit.isGramAccurate }

  /// Whether A_Wᵀ r may be computed from Gram matrices: G c − Aᵀy cancels down to the residual, and
  /// loses the digits by which the coefficients exceed it.
  package static func isGramAccurate(_ coefficients: [Double], residualNorm: Double) -> Bool {
    let size = coefficients.reduce(0) { $0 + abs($1) }
    return 8 * Double.ulpOfOne * size <= 1e-12 * residualNorm
  }
}
