import CLAPACKE
import COpenBLAS
package import SparseCore

/// The projection: c = argmin ‖A_S c − y‖₂ over the atoms of a support S, in double precision.
///
/// Cholesky of the k × k Gram block while that is well conditioned, QR of the columns when it is
/// not, and a rank-revealing solution of least norm when the columns are dependent. One projector
/// serves the supports of one solve and reuses what neighbouring supports share.
package struct Projector {
  var slots: AtomSlots
  private let observation: [Double]

  /// Prepares for supports of at most `capacity` atoms: 16 · capacity · (m + capacity) bytes.
  package init(_ problem: RecoveryProblem, capacity: Int) {
    // Matrices of this size lose more to waking threads than they gain; see CPUBackend. What is not
    // finite was refused when the problem was stated, and looking again costs as much as solving.
    openblas_set_num_threads(1)
    LAPACKE_set_nancheck(0)
    observation = problem.scaledObservation
    slots = AtomSlots(
      atoms: problem.atoms, observation: problem.scaledObservation, capacity: capacity)
  }

  /// Solves on `support`, a list of distinct atoms.
  ///
  /// 2 · m · k · s flops for s atoms that were not in the support before, k³/3 for the factor and
  /// 2 · m · k for the residual; 2 · m · k² more when the Gram matrix cannot be trusted.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func project(onto support: [Int]) throws(RecoveryError) -> Projection {
    let places = slots.load(support)
    if let factor = GramFactor(slots, places), factor.isTrusted {
      var coefficients = factor.solve(places.map { slots.correlations[$0] })
      if factor.needsRefinement {
        // One step on the true residual, c ← c − G⁻¹ A_Sᵀ(A_S c − y), brings the error of the
        // normal equations down to that of a QR factor (Björck 1996, §2.4).
        let gradient = slots.correlate(residual(coefficients, places), with: places)
        coefficients = zip(coefficients, factor.solve(gradient)).map { $0 - $1 }
      }
      return projection(coefficients, places, .cholesky, rank: places.count)
    }
    let columns = slots.gathered(places)
    let factor = try ColumnFactor(columns, rows: slots.rows, columns: places.count)
    if let factor, factor.hasFullRank {
      return projection(try factor.solve(observation), places, .qr, rank: places.count)
    }
    let (coefficients, rank) = try minimumNormSolution(
      columns, rows: slots.rows, columns: places.count, observation)
    return projection(coefficients, places, .minimumNorm, rank: rank)
  }

  private func projection(
    _ coefficients: [Double], _ places: [Int], _ method: ProjectionMethod, rank: Int
  ) -> Projection {
    let residual = residual(coefficients, places)
    return Projection(
      coefficients: coefficients, residual: residual,
      residualNorm: cblas_dnrm2(Int32(residual.count), residual, 1), method: method, rank: rank)
  }

  /// A_S c − y.
  private func residual(_ coefficients: [Double], _ places: [Int]) -> [Double] {
    slots.synthesize(coefficients, at: places, minus: observation)
  }
}
