import CLAPACKE
import COpenBLAS
package import SparseCore

/// The Gram matrix of a ``SwapSet`` swept on a support S (the sweep operator: Goodnight 1979): what
/// every exchange of an atom in S for one outside would make of the squared loss, exactly.
///
/// Kept are H = (A_SᵀA_S)⁻¹, U = H A_SᵀA_W, x = H A_Sᵀy, s_j = ‖P^⊥a_j‖² and c_j = a_jᵀ(y − A_S x). The
/// loss f = ‖y − A_S x‖² becomes, with the atom at place p of S replaced by atom j,
///
///     f + x_p² / H_pp − (c_j + U_pj x_p / H_pp)² / (s_j + U_pj² / H_pp).
///
/// Of several observations H, U and s are the same; x and c have a plane for each, and both squares above are added up
/// over the planes.
///
/// A ridge is a row √λ_j more for every atom: it is on the diagonal of the Gram matrix and nowhere else.
/// Atoms are named by their places in the set. 16 · |W| · (k + L) bytes; it belongs to one walk.
package final class SweptGram {
  /// An exchange.
  package struct Move: Sendable {
    /// The place in S of the atom that leaves.
    package let place: Int
    /// The atom that comes.
    package let atom: Int
    /// The squared loss after it.
    package let loss: Double
  }

  /// The atom at every place of S.
  package private(set) var support: [Int]
  /// ‖y − A_S x‖² with the penalty: since the last ``measure()`` by the changes that moves announced.
  package private(set) var loss = 0.0

  private let set: SwapSet
  private let k: Int
  /// L.
  private let planes: Int
  /// |W|, and the length of a row of U: a multiple of eight.
  private let w: Int
  private let stride: Int
  private let memory: UnsafeMutablePointer<Double>
  /// U, a row for every place of S.
  private let u: UnsafeMutablePointer<Double>
  /// H.
  private let inverse: UnsafeMutablePointer<Double>
  /// x, k numbers a plane.
  private let x: UnsafeMutablePointer<Double>
  private let s: UnsafeMutablePointer<Double>
  /// c, as long as a row of U in every plane.
  private let c: UnsafeMutablePointer<Double>
  /// ‖a_j‖²: what s is compared with.
  private let squares: UnsafeMutablePointer<Double>
  /// s, out of reach where an atom may not come.
  private let reach: UnsafeMutablePointer<Double>
  // What a sweep or a move needs for a while.
  private let columns: UnsafeMutablePointer<Double>
  private let direction: UnsafeMutablePointer<Double>
  private let leaving: UnsafeMutablePointer<Double>
  private let inverseRow: UnsafeMutablePointer<Double>
  private let coordinates: UnsafeMutablePointer<Double>
  /// y − A_S x, m numbers a plane.
  private let residual: UnsafeMutablePointer<Double>
  /// What a block of atoms would have to gain, less what it gains.
  private let shortfall: UnsafeMutablePointer<Double>
  private var movesSinceSweep = 0
  private var pivotError = 0.0

  /// After so many moves everything is computed again: a twentieth of the time of these moves at
  /// k = 50, |W| = 256.
  private static var movesBetweenSweeps: Int { 100 }
  /// The distance of a new atom from the span is known twice, from its direction and from its
  /// recurrence. They agree to 1e-8 where all is well, and to 3e-4 where supports were ill-conditioned.
  private static var mostPivotError: Double { 1e-6 }
  /// An atom whose distance² from the span is a smaller share of its length² is taken for dependent:
  /// some ten thousand roundings of a Gram matrix.
  static var leastDistance: Double { 1e-11 }
  /// A distance² at which no gain counts.
  private static var unreachable: Double { 1e280 }
  /// Atoms that are looked at before asking whether one of them wins.
  private static var block: Int { 64 }

  /// Sweeps on `support`, different atoms of the set, at least one: 2 · k² · |W| + 2 · m · |W| · L flops.
  package init(_ set: SwapSet, support: [Int]) throws(RecoveryError) {
    self.set = set
    self.support = support
    let (k, w, m) = (support.count, set.count, set.atoms.rows)
    let stride = (w + 7) / 8 * 8
    let planes = set.planes
    (self.k, self.w, self.stride, self.planes) = (k, w, stride, planes)
    let total =
      2 * k * stride + k * k + (2 + planes) * k + (5 + planes) * stride + m * planes + Self.block
    memory = .allocate(capacity: total)
    memory.initialize(repeating: 0, count: total)
    var next = memory
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { next += count }
      return next
    }
    u = take(k * stride)
    columns = take(k * stride)
    inverse = take(k * k)
    x = take(k * planes)
    inverseRow = take(k)
    coordinates = take(k)
    s = take(stride)
    c = take(stride * planes)
    squares = take(stride)
    reach = take(stride)
    direction = take(stride)
    leaving = take(stride)
    residual = take(m * planes)
    shortfall = take(Self.block)
    for j in 0..<w { squares[j] = set.gram[j * (w + 1)] }
    try sweep()
  }

  deinit { memory.deallocate() }

  /// Computes everything again where many moves or an unstable one went before.
  package func refresh() throws(RecoveryError) {
    if movesSinceSweep >= Self.movesBetweenSweeps || pivotError > Self.mostPivotError {
      try sweep()
    }
  }

  /// The loss and c from the columns themselves, with the H at hand: 2 · m · (|W| + 6 · k) flops a plane, or six products
  /// with A.
  ///
  /// x is refined by the true residual, so that a loss far below a rounding of ‖y‖² is right.
  package func measure() throws(RecoveryError) {
    loss = 0
    for l in 0..<planes { try measure(l) }
  }

  /// The part of an observation.
  private func measure(_ l: Int) throws(RecoveryError) {
    let m = Int32(set.atoms.rows)
    let (x, c, residual) = (x + l * k, c + l * stride, residual + l * set.atoms.rows)
    try synthesize(l)
    for _ in 0..<2 {
      try set.atoms.correlate(residual, at: support, into: coordinates)
      for (p, j) in support.enumerated() { coordinates[p] -= set.atoms.penalties[j] * x[p] }
      cblas_dsymv(
        CblasColMajor, CblasUpper, Int32(k), 1, inverse, Int32(k), coordinates, 1, 1, x, 1)
      try synthesize(l)
    }
    loss += cblas_ddot(m, residual, 1, residual, 1)
    for (p, j) in support.enumerated() { loss += set.atoms.penalties[j] * x[p] * x[p] }
    try set.atoms.correlate(residual, into: c)
    for j in support { c[j] = 0 }
  }

  /// residual ← y − A_S x, of an observation.
  private func synthesize(_ l: Int) throws(RecoveryError) {
    let m = set.atoms.rows
    let residual = residual + l * m
    for i in 0..<m { residual[i] = set.observation[l * m + i] }
    try set.atoms.subtractImage(of: x + l * k, at: support, from: residual)
  }

  private func sweep() throws(RecoveryError) {
    invert()
    set.gram.withUnsafeBufferPointer { gram in
      guard let gram = gram.baseAddress else { return }
      for (p, j) in support.enumerated() {
        (columns + p * stride).update(from: gram + j * w, count: w)
      }
    }
    let (n, rows) = (Int32(k), Int32(stride))
    for l in 0..<planes {
      for (p, j) in support.enumerated() { coordinates[p] = set.correlations[l * w + j] }
      cblas_dsymv(CblasColMajor, CblasUpper, n, 1, inverse, n, coordinates, 1, 0, x + l * k, 1)
    }
    cblas_dsymm(
      CblasColMajor, CblasRight, CblasUpper, rows, n, 1, inverse, n, columns, rows, 0, u, rows)
    s.update(from: squares, count: w)
    for p in 0..<k {
      let (column, row) = (columns + p * stride, u + p * stride)
      for i in 0..<w { s[i] -= column[i] * row[i] }
    }
    for j in support { s[j] = 0 }
    try measure()
    movesSinceSweep = 0
    pivotError = 0
  }

  /// H from a Cholesky factor: k³ flops. Dependent atoms get a little more on the diagonal until there is
  /// a factor: moves then lead away from such a support.
  private func invert() {
    let n = Int32(k)
    var shift = 1e-13
    var isInverted = false
    while !isInverted, shift < 1 {
      for (q, j) in support.enumerated() {
        for (p, i) in support.enumerated() where p <= q {
          inverse[p + q * k] = set.gram[i + j * w] * (p == q ? 1 + shift : 1)
        }
      }
      isInverted =
        LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, .upper, n, inverse, n) == 0
        && LAPACKE_dpotri_work(LAPACK_COL_MAJOR, .upper, n, inverse, n) == 0
      shift *= 100
    }
    if !isInverted {
      // Products beyond the range of doubles: nothing is known but the lengths.
      inverse.update(repeating: 0, count: k * k)
      for (p, j) in support.enumerated() { inverse[p * (k + 1)] = 1 / squares[j] }
    }
    for q in 0..<k { for p in 0..<q { inverse[q + p * k] = inverse[p + q * k] } }
  }
}

// MARK: - What does not move
extension SweptGram {
  /// H, k × k.
  var inverseGram: [Double] { Array(UnsafeBufferPointer(start: inverse, count: k * k)) }
  /// 1 / H_pp: the distance² of the atom at place p from the span of the others.
  var heights: [Double] { (0..<k).map { 1 / inverse[$0 * (k + 1)] } }
  /// x_p / H_pp, plane after plane.
  var steps: [Double] { (0..<planes * k).map { x[$0] / inverse[$0 % k * (k + 1)] } }
  /// y − A_S x as of the last ``measure()``, plane after plane.
  var remainder: [Double] {
    Array(UnsafeBufferPointer(start: residual, count: planes * set.atoms.rows))
  }
}

// MARK: - Moves

extension SweptGram {
  /// The loss without the atom at place p, but for what the others explain of it: f + x_p² / H_pp.
  private func lossWithout(_ p: Int) -> Double {
    loss + square(x + p, stride: k) / inverse[p * (k + 1)]
  }

  /// The sum of the squares of a number of every plane.
  private func square(_ numbers: UnsafePointer<Double>, stride: Int) -> Double {
    var sum = 0.0
    for l in 0..<planes { sum += numbers[l * stride] * numbers[l * stride] }
    return sum
  }

  /// The move to the smallest loss of all k · (|W| − k) that are allowed, or that lead below
  /// `aspiration`; nil when there is none.
  ///
  /// 5 + 4 · L flops for each. A row of U wins only with a gain above θ, what is left to gain over the best
  /// move so far; whether (c_j + …)² > θ (s_j + …) for any j asks for no division.
  ///
  /// - Parameters:
  ///   - banned: the atoms that may not come, in any order.
  ///   - isHeld: whether the atom at a place of S may not leave.
  package func bestMove(
    banned: [Int], isHeld: (Int) -> Bool, aspiration: Double
  ) -> Move? {
    hide(banned)
    var best: Move?
    for p in 0..<k {
      let base = lossWithout(p)
      let limit = best?.loss ?? .infinity
      if let (atom, gain) = largestGain(
        p, above: base - (isHeld(p) ? min(limit, aspiration) : limit))
      {
        best = Move(place: p, atom: atom, loss: base - gain)
      }
    }
    // No move gains more than its atom would by joining S: (a + b)² / (α + β) ≤ a² / α + b² / β.
    for j in banned where loss - square(c + j, stride: stride) / s[j] < aspiration {
      for p in 0..<k {
        guard let gain = gain(p, j) else { continue }
        let after = lossWithout(p) - gain
        if after < min(best?.loss ?? .infinity, aspiration) {
          best = Move(place: p, atom: j, loss: after)
        }
      }
    }
    return best
  }

  /// The best `count` moves, each of another place of S: the best first.
  ///
  /// - Parameters:
  ///   - positive: whether atoms come with positive coefficients only: of several observations, for those that want
  ///     them.
  ///   - banned: the atoms that may not come, in any order.
  ///   - isHeld: whether the atom at a place of S may not leave.
  package func bestMoves(
    _ count: Int, positive: Bool, banned: [Int] = [], isHeld: (Int) -> Bool = { _ in false }
  ) -> [Move] {
    hide(banned)
    var moves: [Move] = []
    for p in 0..<k where !isHeld(p) {
      var best: (atom: Int, gain: Double)?
      for j in 0..<w where reach[j] < Self.unreachable {
        guard let gain = gain(p, j, positive: positive), gain > best?.gain ?? 0 else { continue }
        best = (j, gain)
      }
      if let best {
        moves.append(Move(place: p, atom: best.atom, loss: lossWithout(p) - best.gain))
      }
    }
    return Array(moves.sorted { ($0.loss, $0.place) < ($1.loss, $1.place) }.prefix(count))
  }

  /// The move that brings atom `j`, outside S, to place p; nil where it is in the span of the others.
  package func move(to place: Int, _ j: Int) -> Move? {
    gain(place, j).map { Move(place: place, atom: j, loss: lossWithout(place) - $0) }
  }

  /// Puts the atoms of S and those banned out of reach.
  private func hide(_ banned: [Int]) {
    reach.update(from: s, count: w)
    for j in support { reach[j] = Self.unreachable }
    for j in banned { reach[j] = Self.unreachable }
    for j in w..<stride { reach[j] = Self.unreachable }
  }

  /// By how much the loss without the atom at place p falls when atom `j` comes; nil for an atom in the
  /// span of the others.
  ///
  /// - Parameter positive: whether it comes with positive coefficients only.
  private func gain(_ p: Int, _ j: Int, positive: Bool = false) -> Double? {
    let (entry, h) = (u[p * stride + j], 1 / inverse[p * (k + 1)])
    let square = s[j] + entry * entry * h
    guard square > Self.leastDistance * squares[j] else { return nil }
    var sum = 0.0
    for l in 0..<planes {
      let product = c[l * stride + j] + entry * (x[l * k + p] * h)
      if !positive || product > 0 { sum += product * product }
    }
    return sum / square
  }

  /// The atom within reach with the largest gain above `threshold`.
  private func largestGain(_ p: Int, above threshold: Double) -> (atom: Int, gain: Double)? {
    // Above zero, so that what is out of reach never wins.
    var least = max(threshold, 1e-250)
    var found: Int?
    for start in Swift.stride(from: 0, to: stride, by: Self.block) {
      let end = min(start + Self.block, stride)
      guard mayGain(p, start..<end, above: least) else { continue }
      for j in start..<min(end, w) where reach[j] < Self.unreachable {
        if let gain = gain(p, j), gain > least { (found, least) = (j, gain) }
      }
    }
    return found.map { ($0, least) }
  }

  /// Whether any of a block of atoms may gain more than `least`.
  private func mayGain(_ p: Int, _ block: Range<Int>, above least: Double) -> Bool {
    let h = 1 / inverse[p * (k + 1)]
    let (row, reach) = (u + p * stride + block.lowerBound, reach + block.lowerBound)
    // The sign bit of any: a form that compilers turn into vectors.
    var signs: UInt64 = 0
    guard planes > 1 else {
      let (c, step) = (c + block.lowerBound, x[p] * h)
      for j in 0..<block.count {
        let square = reach[j] + row[j] * (row[j] * h)
        let product = c[j] + row[j] * step
        signs |= (least * square - product * product).bitPattern
      }
      return signs >> 63 == 1
    }
    let shortfall = shortfall
    for j in 0..<block.count { shortfall[j] = least * (reach[j] + row[j] * (row[j] * h)) }
    for l in 0..<planes {
      let (c, step) = (c + l * stride + block.lowerBound, x[l * k + p] * h)
      for j in 0..<block.count {
        let product = c[j] + row[j] * step
        shortfall[j] -= product * product
      }
    }
    for j in 0..<block.count { signs |= shortfall[j].bitPattern }
    return signs >> 63 == 1
  }

  /// Makes a move: 6 · k · |W| flops, one pass over U for the direction P^⊥a_j of the atom that comes,
  /// and one for both changes of rank one.
  package func make(_ move: Move) {
    let (p, j) = (move.place, move.atom)
    let old = support[p]
    let h = 1 / inverse[p * (k + 1)]
    leaving.update(from: u + p * stride, count: w)
    inverseRow.update(from: inverse + p * k, count: k)
    set.gram.withUnsafeBufferPointer { gram in
      guard let gram = gram.baseAddress else { return }
      project(gram + j * w, adding: leaving[j] * h)
    }
    // The distance² of the new atom from the others.
    let expected = s[j] + leaving[j] * leaving[j] * h
    pivotError = abs(direction[j] - expected) / max(expected, .leastNormalMagnitude)
    let pivot = max((expected + direction[j]) / 2, 1e-14 * squares[j])
    let inversePivot = 1 / pivot
    for i in 0..<w {
      s[i] += leaving[i] * leaving[i] * h - direction[i] * direction[i] * inversePivot
    }
    for q in 0..<k {
      let share = inverseRow[q] * h
      let target = u + q * stride
      coordinates[q] = target[j] - share * leaving[j]
      guard q != p else { continue }
      let factor = coordinates[q] * inversePivot
      for i in 0..<w { target[i] -= share * leaving[i] + factor * direction[i] }
    }
    for l in 0..<planes { exchange(p, j, h, pivot: pivot, in: l) }
    coordinates[p] = -1
    let target = u + p * stride
    for i in 0..<w { target[i] = direction[i] * inversePivot }
    updateInverse(p, h, inversePivot)
    support[p] = j
    s[old] = max(s[old], 0)
    for atom in support {
      s[atom] = 0
      for l in 0..<planes { c[l * stride + atom] = 0 }
    }
    movesSinceSweep += 1
  }

  /// x, c and the loss of an observation after the atom at place p left and atom `j` came, whose distance² from the
  /// others is `pivot`.
  private func exchange(_ p: Int, _ j: Int, _ h: Double, pivot: Double, in l: Int) {
    let (x, c) = (x + l * k, c + l * stride)
    let xp = x[p]
    // The correlation of the new atom with what the others leave of y.
    let correlation = c[j] + leaving[j] * xp * h
    let step = correlation / pivot
    for i in 0..<w { c[i] += leaving[i] * (xp * h) - direction[i] * step }
    for q in 0..<k where q != p { x[q] -= inverseRow[q] * h * xp + coordinates[q] * step }
    x[p] = step
    loss += xp * xp * h - correlation * step
  }

  /// direction ← g + share · leaving − Σ_q g_(S_q) U_q: A_WᵀP'^⊥a_j, for the projection P' onto S without
  /// the atom that leaves.
  private func project(_ g: UnsafePointer<Double>, adding share: Double) {
    for i in 0..<w { direction[i] = g[i] + share * leaving[i] }
    var q = 0
    while q + 4 <= k {
      let (g0, g1) = (g[support[q]], g[support[q + 1]])
      let (g2, g3) = (g[support[q + 2]], g[support[q + 3]])
      let u0 = u + q * stride
      let (u1, u2, u3) = (u0 + stride, u0 + 2 * stride, u0 + 3 * stride)
      for i in 0..<w { direction[i] -= g0 * u0[i] + g1 * u1[i] + (g2 * u2[i] + g3 * u3[i]) }
      q += 4
    }
    while q < k {
      let (gq, uq) = (g[support[q]], u + q * stride)
      for i in 0..<w { direction[i] -= gq * uq[i] }
      q += 1
    }
  }

  /// H ← H − H_p H_pᵀ / H_pp + v vᵀ / pivot, with v_p = −1.
  private func updateInverse(_ p: Int, _ h: Double, _ inversePivot: Double) {
    for q in 0..<k {
      let (a, e) = (inverseRow[q] * h, coordinates[q] * inversePivot)
      let target = inverse + q * k
      for t in 0..<k { target[t] += e * coordinates[t] - a * inverseRow[t] }
    }
    for q in 0..<k {
      inverse[q * k + p] = -coordinates[q] * inversePivot
      inverse[p * k + q] = inverse[q * k + p]
    }
    inverse[p * (k + 1)] = inversePivot
  }
}
