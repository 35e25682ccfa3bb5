import CLAPACKE
import COpenBLAS
package import SparseCore

/// The projection: c = argmin ‖A_S c − y‖₂ over the atoms of a support S, in double precision.
///
/// Cholesky of the k × k Gram block while that is not too ill-conditioned, QR of the columns when it
/// is, and a rank-revealing solution of least norm when the columns are dependent. One projector
/// serves the supports of one solve and reuses what neighbouring supports share. Several observations
/// share the factor.
package struct Projector {
  var slots: AtomSlots
  /// The most atoms that fit.
  package var capacity: Int { slots.capacity }
  /// r = y − A_S c of the latest support.
  package internal(set) var residual: [Double]

  /// The most bytes that columns and their QR factor may take where atoms are not gathered for anything else.
  var mostGatheredBytes = 1 << 30

  let isNonnegative: Bool
  let observations: [[Double]]
  private let observationNorms: [Double]
  private(set) var factor = GramFactor()
  private var isFactorTrusted = false
  /// The slots of the latest support.
  var places: [Int] = []
  /// c on the latest support, in its order.
  package internal(set) var coefficients: [Double] = []
  private var correction: [Double] = []
  /// Correlations with the residual on all slots.
  var slotCorrelations: [Double]

  /// Prepares for supports of at most `capacity` atoms: 16 · capacity · (m + capacity) bytes.
  ///
  /// - Parameter threads: how many share the products with many new atoms. The results do not depend on
  ///   them.
  package init(_ problem: RecoveryProblem, capacity: Int, threads: Int = 1) {
    LinearAlgebra.prepare()
    observations = problem.scaledObservations
    isNonnegative = problem.model.isNonnegative
    observationNorms = observations.map { $0.squaredNorm.squareRoot() }
    residual = problem.scaledObservation
    slots = AtomSlots(problem, capacity: capacity, threads: threads)
    slotCorrelations = Array(repeating: 0, count: capacity)
  }

  /// How many observations share a support.
  var planes: Int { observations.count }

  /// The observation that is looked at.
  var observation: [Double] { observations[slots.plane] }

  /// ‖y‖₂ of that.
  var observationNorm: Double { observationNorms[slots.plane] }

  /// Solves on `support`, a list of distinct atoms, for every observation.
  ///
  /// 2 · m · k · s flops for s atoms that were not in the support before, k³/3 for the factor and
  /// 2 · m · k for the residual, thrice that with every refinement; 2 · m · k² more when the Gram
  /// matrix cannot be trusted.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func project(onto support: [Int]) throws(RecoveryError) -> Projection {
    try onEveryPlane { (projector) throws(RecoveryError) in
      try projector.projectPlane(onto: support)
    }
  }

  /// As above, for the observation that is looked at.
  private mutating func projectPlane(onto support: [Int]) throws(RecoveryError) -> Projection {
    try slots.load(support, into: &places)
    let fit = try solve()
    return Projection(coefficients: coefficients, residual: residual, fit: fit)
  }

  private mutating func onEveryPlane(
    _ project: (inout Projector) throws(RecoveryError) -> Projection
  ) throws(RecoveryError) -> Projection {
    guard observations.count > 1 else { return try project(&self) }
    defer { slots.plane = 0 }
    var planes: [Projection] = []
    for plane in observations.indices {
      slots.plane = plane
      planes.append(try project(&self))
    }
    return Projection(planes)
  }

  /// Solves on the atoms at `places`.
  mutating func solve() throws(RecoveryError) -> Fit {
    let explained = solveGram()
    return try complete(hasGramSolution: explained != nil)
  }

  /// Solves the normal equations G c = A_Sᵀ y of the atoms at `places`: k³/3 flops. Answers yᵀA_S c, by
  /// which the squared loss is less than ‖y‖₂²; nil where the Gram block cannot be trusted.
  mutating func solveGram() -> Double? {
    // The planes behind the first have its atoms, but where signs tell them apart.
    if slots.plane == 0 || isNonnegative {
      isFactorTrusted = factor.factor(slots, places) && factor.isTrusted
    }
    guard isFactorTrusted else { return nil }
    coefficients.removeAll(keepingCapacity: true)
    for slot in places { coefficients.append(slots.correlation(slot)) }
    factor.solveForward(&coefficients)
    // ‖L⁻¹ A_Sᵀ y‖₂²: a sum without cancellation.
    let explained = coefficients.squaredNorm
    factor.solveBackward(&coefficients)
    return explained
  }

  /// The solution on the atoms at `places` with its residual: the one of the normal equations,
  /// corrected where that is needed, or by QR.
  mutating func complete(hasGramSolution: Bool) throws(RecoveryError) -> Fit {
    if hasGramSolution {
      try formResidual()
      var isAccurate = !factor.needsRefinement
      if !isAccurate { isAccurate = try refine() }
      if isAccurate { return fit(.cholesky, rank: places.count) }
    }
    guard slots.areGathered || 16 * slots.rows * places.count <= mostGatheredBytes else {
      let rank = try solveByEigenvalues()
      try formResidual()
      return fit(.minimumNorm, rank: rank)
    }
    let (columns, observation) = try slots.system(places, observation)
    let cancellation = slots.cancellation(places)
    let factor = try ColumnFactor(columns, rows: observation.count, columns: places.count)
    if let factor, factor.hasFullRank(cancellation: cancellation) {
      coefficients = try factor.solve(observation)
      try formResidual()
      return fit(.qr, rank: places.count)
    }
    let rank: Int
    (coefficients, rank) = try minimumNormSolution(
      columns, rows: observation.count, columns: places.count, observation,
      cancellation: cancellation)
    try formResidual()
    return fit(.minimumNorm, rank: rank)
  }

  /// The solution of least norm of the normal equations of the atoms at `places`, by eigenvalues of the Gram block: some
  /// 9 · k³ flops, and half the digits of one from the columns, since the block squares their condition. Answers the rank.
  ///
  /// An eigenvalue within the rounding of the block counts as zero: (m + 3k) ε of the largest.
  private mutating func solveByEigenvalues() throws(RecoveryError) -> Int {
    let k = places.count
    var vectors = slots.gramBlock(places)
    var values = [Double](repeating: 0, count: k)
    try check(
      "dsyev",
      LAPACKE_dsyev(LAPACK_COL_MAJOR, .vectors, .lower, Int32(k), &vectors, Int32(k), &values))
    let least =
      Double(slots.rows + 3 * k) * Double.ulpOfOne * slots.gramCancellation(places)
      * (values.last ?? 0)
    let kept = values.indices.filter { values[$0] > least }
    coefficients = Array(repeating: 0, count: k)
    for q in kept {
      let v = vectors[q * k..<(q + 1) * k]
      let share =
        zip(places, v).reduce(0) { $0 + slots.correlation($1.0) * $1.1 } / values[q]
      for (p, v) in v.enumerated() { coefficients[p] += share * v }
    }
    return kept.count
  }

  /// Corrects the solution of the normal equations by the true residual, c ← c + G⁻¹ A_Sᵀ r, until
  /// it is that of a QR factor (Björck 1996, §2.4 and §6.6.5). False when it does not get there.
  ///
  /// z = L⁻¹ A_Sᵀ r is how far r is from optimal, ‖z‖₂ = ‖A_S (c − c*)‖₂. What a backward stable
  /// method leaves is ε · (‖A_S‖ ‖c‖ + ‖y‖ + cond(A_S) ‖r‖) (Higham 2002, §20.1).
  private mutating func refine() throws(RecoveryError) -> Bool {
    let condition = 1 / factor.reciprocalCondition
    var contraction = 8 * Double.ulpOfOne * condition * factor.cancellation
    var previous = Double.infinity
    correction.removeAll(keepingCapacity: true)
    for _ in places { correction.append(0) }
    // Every step but the last shrinks the error by four, from at most ‖y‖.
    for _ in 0..<32 {
      try slots.correlate(residual, at: places, into: &correction)
      if slots.hasRidge {
        for (p, slot) in places.enumerated() {
          correction[p] -= slots.penalties[slot] * coefficients[p]
        }
      }
      factor.solveForward(&correction)
      let size = cblas_dnrm2(Int32(correction.count), correction, 1)
      factor.solveBackward(&correction)
      for p in correction.indices { coefficients[p] += correction[p] }
      try formResidual()
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

  /// r ← y − A_S c.
  mutating func formResidual() throws(RecoveryError) {
    let y = observation
    for i in residual.indices { residual[i] = y[i] }
    try slots.addImage(-1, of: coefficients, at: places, to: &residual)
  }

  /// Σ p_j c_j².
  private var penalty: Double {
    guard slots.hasRidge else { return 0 }
    return zip(places, coefficients).reduce(0) { $0 + slots.penalties[$1.0] * $1.1 * $1.1 }
  }

  private var residualNorm: Double { cblas_dnrm2(Int32(residual.count), residual, 1) }

  /// The root of twice the loss of the coefficients at `places`, from their residual.
  var lossNorm: Double {
    let norm = residualNorm
    return slots.hasRidge ? (norm * norm + penalty).squareRoot() : norm
  }

  private func fit(_ method: ProjectionMethod, rank: Int) -> Fit {
    Fit(
      residualNorm: lossNorm, method: method, rank: rank,
      isGramAccurate: method == .cholesky
        && isGramAccurate(residualNorm: residualNorm))
  }

  /// Whether A_Wᵀ r may be computed from the Gram matrix of all slots: ``Projection/isGramAccurate(_:residualNorm:)``, less
  /// what their inner products lose to cancellation.
  func isGramAccurate(residualNorm: Double) -> Bool {
    Projection.isGramAccurate(coefficients, residualNorm: residualNorm / slots.gramCancellation)
  }
}

extension Projector {
  /// v + α A_S c for coefficients c of the atoms of `support` and α = ± 1, in every plane: 2 · m · k flops.
  package mutating func adding(
    _ α: Double, imageOf c: [Double], on support: [Int], to v: [Double]
  ) throws(RecoveryError) -> [Double] {
    try slots.load(support, into: &places)
    let planes = v.count / slots.rows
    var sum: [Double] = []
    for l in 0..<planes {
      var v = v.part(l, of: planes)
      try slots.addImage(α, of: c.part(l, of: planes), at: places, to: &v)
      sum += v
    }
    return sum
  }

  /// A_Sᵀ r for the atoms of `support`, in every plane: 2 · m · k flops.
  package mutating func correlate(_ r: [Double], with support: [Int]) throws(RecoveryError)
    -> [Double]
  {
    try slots.load(support, into: &places)
    let planes = r.count / slots.rows
    var correlations: [Double] = []
    for l in 0..<planes {
      var h = [Double](repeating: 0, count: support.count)
      try slots.correlate(r.part(l, of: planes), at: places, into: &h)
      correlations += h
    }
    return correlations
  }
}

extension Projector {
  /// argmin ‖A_S c − y‖₂ over c ≥ 0 for the observation that is looked at, by the active-set method of Lawson
  /// and Hanson (1974, chapter 23).
  ///
  /// Some k projections on subsets of the support, k³/3 flops each.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func projectNonnegative(
    onto support: [Int]
  ) throws(RecoveryError) -> Projection {
    var set = PassiveSet(support.count)
    var best = Projection(
      coefficients: set.coefficients, residual: observation,
      fit: Fit(
        residualNorm: observation.squaredNorm.squareRoot(), method: .cholesky, rank: support.count,
        isGramAccurate: true))
    // A multiplier within the rounding of a correlation is zero.
    let rounding = 4 * Double(slots.rows) * Double.ulpOfOne * best.residualNorm
    for _ in 0..<set.mostRounds {
      let slopes = try correlate(best.residual, with: support)
      guard set.admit(steepestOf: slopes.map { $0 > rounding ? $0 : 0 }) else { break }
      let next = try set.settle(
        { (places) throws(RecoveryError) in
          try projectPlane(onto: places.map { support[$0] })
        }, coefficients: \.coefficients)
      guard let next, next.residualNorm < best.residualNorm else { break }
      // What is held at zero is no sign of dependent columns.
      let fit = Fit(
        residualNorm: next.residualNorm, method: next.method, rank: support.count,
        isGramAccurate: next.isGramAccurate)
      best = Projection(coefficients: set.coefficients, residual: next.residual, fit: fit)
    }
    return best
  }
}

extension Projector {
  /// Which atoms are gathered where, with their Gram matrix: its bits depend on which atoms
  /// were gathered together, so that computing it again would not give the same ones.
  package struct Arrangement: Sendable, Equatable {
    /// The atom of every slot in use.
    package let atoms: [Int]
    /// The lower triangle of their Gram matrix, column after column: |atoms| · (|atoms| + 1) / 2.
    package let gram: [Double]

    package init(atoms: [Int], gram: [Double]) {
      self.atoms = atoms
      self.gram = gram
    }
  }

  /// The arrangement at this moment: 4 · |W|² bytes for the |W| slots in use.
  package var arrangement: Arrangement { slots.arrangement }

  /// A projector that goes on, bit by bit, where another one was: m · |W| numbers are gathered.
  ///
  /// - Parameter arrangement: of at most `capacity` distinct atoms.
  /// - Throws: ``RecoveryError/outOfMemory(bytes:)``, since a file may have said how large it was.
  package init(
    _ problem: RecoveryProblem, capacity: Int, threads: Int = 1, arrangement: Arrangement
  ) throws(RecoveryError) {
    let bytes = (problem.rows + capacity) * capacity * MemoryLayout<Double>.size
    guard bytes <= AvailableMemory.bytes else { throw .outOfMemory(bytes: bytes) }
    self.init(problem, capacity: capacity, threads: threads)
    try slots.restore(arrangement)
  }
}

extension AtomSlots {
  /// What the slots in use hold.
  var arrangement: Projector.Arrangement {
    let atoms = (0..<occupied).map { atom(inSlot: $0) }
    let triangle = (0..<occupied).flatMap { j in
      self.gram[j + j * capacity..<occupied + j * capacity]
    }
    return Projector.Arrangement(atoms: atoms, gram: triangle)
  }

  /// Fills slots that are all free.
  mutating func restore(_ arrangement: Projector.Arrangement) throws(RecoveryError) {
    let slots = Array(arrangement.atoms.indices)
    try fill(slots, with: arrangement.atoms)
    var next = arrangement.gram.makeIterator()
    for slot in slots {
      for other in slot..<slots.count {
        if let product = next.next() { setGram(slot, other, product) }
      }
    }
  }
}

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
  /// The coefficients of the atoms, in the order of the support, plane after plane.
  package let coefficients: [Double]
  /// r = y − A_S c, of length m, for the scaled observation, plane after plane.
  package let residual: [Double]
  let fit: Fit

  init(coefficients: [Double], residual: [Double], fit: Fit) {
    self.coefficients = coefficients
    self.residual = residual
    self.fit = fit
  }

  /// Of several observations: what is said of it holds for all of them.
  init(_ planes: [Projection]) {
    coefficients = planes.flatMap(\.coefficients)
    residual = planes.flatMap(\.residual)
    fit = Fit(
      residualNorm: jointNorm(planes.map(\.residualNorm)),
      method: ProjectionMethod.leastCertain(planes.map(\.method)),
      rank: planes.map(\.rank).min() ?? 0, isGramAccurate: planes.allSatisfy(\.isGramAccurate))
  }

  /// The root of twice the loss: ‖r‖₂ without a ridge.
  package var residualNorm: Double { fit.residualNorm }
  /// How it was computed.
  package var method: ProjectionMethod { fit.method }
  /// The numerical rank of the atoms of the support.
  package var rank: Int { fit.rank }
  /// Whether A_Wᵀ r may be computed from Gram matrices.
  package var isGramAccurate: Bool { fit.isGramAccurate }

  /// Whether A_Wᵀ r may be computed from Gram matrices: Aᵀy − G c cancels down to the residual, and
  /// loses the digits by which the coefficients exceed it.
  package static func isGramAccurate(_ coefficients: [Double], residualNorm: Double) -> Bool {
    let size = coefficients.reduce(0) { $0 + abs($1) }
    return 8 * Double.ulpOfOne * size <= 1e-12 * residualNorm
  }
}

/// The norm of all observations together from that of each: of one, the same bits.
func jointNorm(_ norms: [Double]) -> Double {
  norms.count == 1 ? norms[0] : norms.squaredNorm.squareRoot()
}

extension ProjectionMethod {
  /// The one for the worst conditioned of several projections.
  static func leastCertain(_ methods: [ProjectionMethod]) -> ProjectionMethod {
    func severity(_ method: ProjectionMethod) -> Int {
      ProjectionMethod.allCases.firstIndex(of: method) ?? 0
    }
    return methods.max { severity($0) < severity($1) } ?? .cholesky
  }
}

extension RecoveryProblem {
  /// The projection onto one support, from atoms gathered for it alone.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package func projection(onto support: [Int]) throws(RecoveryError) -> Projection {
    var projector = Projector(self, capacity: support.count)
    return try projector.projectAllowed(onto: support)
  }
}

extension Projector {
  /// The projection that the model allows: onto the cone where coefficients must not be negative.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func projectAllowed(onto support: [Int]) throws(RecoveryError) -> Projection {
    guard isNonnegative else { return try project(onto: support) }
    return try onEveryPlane { (projector) throws(RecoveryError) in
      try projector.projectNonnegative(onto: support)
    }
  }
}

/// argmin ‖C x − y‖₂ of least norm, for columns C of any length, by singular values.
///
/// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
package func leastSquares(_ columns: [[Double]], _ y: [Double]) throws(RecoveryError) -> [Double] {
  // Of unit norm, so that the rank does not depend on their units.
  let norms = columns.map { max($0.norm, .leastNormalMagnitude) }
  let block = zip(columns, norms).flatMap { column, norm in column.map { $0 / norm } }
  let (x, _) = try minimumNormSolution(block, rows: y.count, columns: columns.count, y)
  return zip(x, norms).map { $0 / $1 }
}
