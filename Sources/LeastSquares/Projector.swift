import CLAPACKE
import COpenBLAS
package import SparseCore

/// What the libraries are told once.
private enum LinearAlgebra {
  /// Matrices of this size lose more to waking threads than they gain; see CPUBackend. What is not
  /// finite was refused when the problem was stated, and looking again costs as much as solving.
  static let isPrepared: Void = {
    openblas_use_one_thread()
    LAPACKE_set_nancheck(0)
  }()
}

/// The projection: c = argmin ‖A_S c − y‖₂ over the atoms of a support S, in double precision.
///
/// Cholesky of the k × k Gram block while that is not too ill-conditioned, QR of the columns when it
/// is, and a rank-revealing solution of least norm when the columns are dependent. One projector
/// serves the supports of one solve and reuses what neighbouring supports share.
package struct Projector {
  var slots: AtomSlots
  /// The most atoms that fit.
  package var capacity: Int { slots.capacity }
  /// r = A_S c − y of the latest support.
  package private(set) var residual: [Double]

  let observation: [Double]
  let isNonnegative: Bool
  private let observationNorm: Double
  private var factor = GramFactor()
  /// The slots of the latest support.
  var places: [Int] = []
  /// c on the latest support.
  var coefficients: [Double] = []
  private var correction: [Double] = []
  /// A gradient on all slots.
  var slotGradient: [Double]

  /// Prepares for supports of at most `capacity` atoms: 16 · capacity · (m + capacity) bytes.
  package init(_ problem: RecoveryProblem, capacity: Int) {
    LinearAlgebra.isPrepared
    observation = problem.scaledObservation
    isNonnegative = problem.model.isNonnegative
    observationNorm = observation.squaredNorm.squareRoot()
    residual = observation
    slots = AtomSlots(problem, capacity: capacity)
    slotGradient = Array(repeating: 0, count: capacity)
  }

  /// Solves on `support`, a list of distinct atoms.
  ///
  /// 2 · m · k · s flops for s atoms that were not in the support before, k³/3 for the factor and
  /// 2 · m · k for the residual, thrice that with every refinement; 2 · m · k² more when the Gram
  /// matrix cannot be trusted.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func project(onto support: [Int]) throws(RecoveryError) -> Projection {
    try slots.load(support, into: &places)
    let fit = try solve()
    return Projection(coefficients: coefficients, residual: residual, fit: fit)
  }

  /// Solves on the atoms at `places`.
  mutating func solve() throws(RecoveryError) -> Fit {
    if factor.factor(slots, places), factor.isTrusted {
      coefficients.removeAll(keepingCapacity: true)
      for slot in places { coefficients.append(slots.correlations[slot]) }
      factor.solveForward(&coefficients)
      factor.solveBackward(&coefficients)
      synthesize()
      if !factor.needsRefinement || refine() { return fit(.cholesky, rank: places.count) }
    }
    let (columns, observation) = slots.system(places, observation)
    let cancellation = slots.cancellation(places)
    let factor = try ColumnFactor(columns, rows: observation.count, columns: places.count)
    if let factor, factor.hasFullRank(cancellation: cancellation) {
      coefficients = try factor.solve(observation)
      synthesize()
      return fit(.qr, rank: places.count)
    }
    let rank: Int
    (coefficients, rank) = try minimumNormSolution(
      columns, rows: observation.count, columns: places.count, observation,
      cancellation: cancellation)
    synthesize()
    return fit(.minimumNorm, rank: rank)
  }

  /// Corrects the solution of the normal equations by the true residual, c ← c − G⁻¹ A_Sᵀ(A_S c − y),
  /// until it is that of a QR factor (Björck 1996, §2.4 and §6.6.5). False when it does not get there.
  ///
  /// z = L⁻¹ A_Sᵀ r is how far r is from optimal, ‖z‖₂ = ‖A_S (c − c*)‖₂. What a backward stable
  /// method leaves is ε · (‖A_S‖ ‖c‖ + ‖y‖ + cond(A_S) ‖r‖) (Higham 2002, §20.1).
  private mutating func refine() -> Bool {
    let condition = 1 / factor.reciprocalCondition
    var contraction = 8 * Double.ulpOfOne * condition
    var previous = Double.infinity
    correction.removeAll(keepingCapacity: true)
    for _ in places { correction.append(0) }
    // Every step but the last shrinks the error by four, from at most ‖y‖.
    for _ in 0..<32 {
      slots.correlate(residual, at: places, into: &correction)
      if slots.hasRidge {
        for (p, slot) in places.enumerated() {
          correction[p] += slots.penalties[slot] * coefficients[p]
        }
      }
      factor.solveForward(&correction)
      let size = cblas_dnrm2(Int32(correction.count), correction, 1)
      factor.solveBackward(&correction)
      for p in correction.indices { coefficients[p] -= correction[p] }
      synthesize()
      contraction = max(contraction, size / previous)
      let coefficientSum = coefficients.reduce(0) { $0 + abs($1) }
      let unavoidable =
        Double.ulpOfOne
        * (coefficientSum + observationNorm + condition.squareRoot() * residualNorm)
      if size * contraction <= unavoidable { return true }
      if contraction > 0.25 { return false }
      previous = size
    }
    return false
  }

  /// r ← A_S c − y.
  private mutating func synthesize() {
    slots.synthesize(coefficients, at: places, minus: observation, into: &residual)
  }

  /// Σ p_j c_j².
  private var penalty: Double {
    guard slots.hasRidge else { return 0 }
    return zip(places, coefficients).reduce(0) { $0 + slots.penalties[$1.0] * $1.1 * $1.1 }
  }

  private var residualNorm: Double { cblas_dnrm2(Int32(residual.count), residual, 1) }

  private func fit(_ method: ProjectionMethod, rank: Int) -> Fit {
    let norm = residualNorm
    return Fit(
      residualNorm: slots.hasRidge ? (norm * norm + penalty).squareRoot() : norm, method: method,
      rank: rank,
      isGramAccurate: method == .cholesky
        && Projection.isGramAccurate(coefficients, residualNorm: norm))
  }
}
