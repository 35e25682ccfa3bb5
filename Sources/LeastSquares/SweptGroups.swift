import CLAPACKE
import COpenBLAS
package import SparseCore

/// Groups of atoms among which supports are searched by exchanging one for another, with the Gram matrix of all.
///
/// Groups are numbered from zero, and their atoms stand side by side. 8 · |W|² bytes for |W| atoms, shared by all walks.
package struct GroupSet: Sendable {
  /// The columns of the atoms, group after group.
  package let columns: [Int]
  /// Where the atoms of each group begin, and the end.
  let offsets: [Int]
  /// A_WᵀA_W with the ridge on its diagonal.
  let gram: [Double]
  /// A_Wᵀ y, plane after plane.
  let correlations: [Double]
  /// a_iᵀ a_{i−d} for d = 0, 1, … and atoms i that stand d places or more behind the first of their group: the blocks of all
  /// groups, a diagonal after another, |W| numbers each.
  let diagonals: [Double]
  /// ‖y‖² of every observation.
  let squares: [Double]

  /// How far each diagonal reaches: to the end of the last group of more than d atoms.
  let reaches: [Int]

  /// The largest |g|.
  var widest: Int { reaches.count }
  /// How many groups there are.
  package var count: Int { offsets.count - 1 }
  /// The columns of a group.
  package func columns(of group: Int) -> ArraySlice<Int> {
    columns[offsets[group]..<offsets[group + 1]]
  }

  /// - Parameters:
  ///   - set: the atoms.
  ///   - groups: the columns of each group, all of them in the set and each in one group. Where the largest come first,
  ///   no time is spent on small ones for their sake.
  package init(_ set: SwapSet, groups: [[Int]]) {
    let places = Dictionary(uniqueKeysWithValues: zip(set.atoms.columns, 0...))
    columns = groups.flatMap { $0 }
    offsets = groups.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let order = columns.compactMap { places[$0] }
    let w = set.count
    let isSorted = order == Array(0..<w)
    gram =
      isSorted
      ? set.gram
      : [Double](unsafeUninitializedCapacity: order.count * order.count) { target, count in
        for (i, p) in order.enumerated() {
          for (j, q) in order.enumerated() {
            target.initializeElement(at: i * order.count + j, to: set.gram[p * w + q])
          }
        }
        count = order.count * order.count
      }
    correlations = (0..<set.planes).flatMap { l in order.map { set.correlations[l * w + $0] } }
    var diagonals: [Double] = []
    var reaches: [Int] = []
    for d in 0..<(groups.map(\.count).max() ?? 0) {
      var diagonal = [Double](repeating: 0, count: w)
      var reach = 0
      for (first, end) in zip(offsets, offsets.dropFirst()) where first + d < end {
        for i in first + d..<end { diagonal[i] = gram[i * w + i - d] }
        reach = end
      }
      diagonals += diagonal
      reaches.append(reach)
    }
    (self.diagonals, self.reaches) = (diagonals, reaches)
    squares = (0..<set.planes).map { set.observation.part($0, of: set.planes).squaredNorm }
  }
}

/// The Gram matrix of a ``GroupSet`` swept on the atoms S of some groups: what every exchange of one of them for another would
/// make of the squared loss.
///
/// Kept are H = (A_SᵀA_S)⁻¹, U = H A_SᵀA_W, x = H A_Sᵀy, c = A_Wᵀ(y − A_S x), and of every group g the block
/// B_g = A_gᵀP^⊥A_g. Without the group whose atoms stand at the places p of S, and with K = H_pp⁻¹, the loss f = ‖y − A_S x‖²
/// and the others become
///
///     f + x_pᵀ K x_p,    c_g + U_pgᵀ K x_p,    B_g + U_pgᵀ K U_pg,
///
/// and with g in its place the loss falls by c_gᵀ B_g⁻¹ c_g of the latter: ``SweptGram`` has this for groups of one atom. Of
/// several observations H, U and B are the same; x and c have a plane for each, and losses add up.
///
/// Atoms that depend on others are left out of S and of entering groups: they explain nothing more. Every support is swept
/// anew: |S|³ + 2 · |S|² · |W| flops, about as many as ``bestMove(isBanned:isHeld:aspiration:)`` takes. 16 · |W| · |S|
/// bytes; it belongs to one walk.
package final class SweptGroups {
  /// An exchange.
  package struct Move: Sendable {
    /// The place in the support of the group that leaves.
    package let place: Int
    /// The group that comes.
    package let group: Int
    /// The squared loss after it.
    package let loss: Double
  }

  /// An atom whose distance² from the span of others is a smaller share of its length² is taken for dependent on them.
  package static var leastDistance: Double { SweptGram.leastDistance }

  /// The groups at every place of the support.
  package private(set) var support: [Int]
  /// ‖y − A_S x‖² with the penalty, as far as the Gram matrix tells.
  package private(set) var loss = 0.0

  private let set: GroupSet
  private let w: Int
  private let planes: Int
  /// The largest |g|.
  private let widest: Int
  /// S, and the places in it of the atoms of every group of the support.
  private var atoms: [Int] = []
  private var ranges: [Range<Int>] = []
  /// H, |S| × |S|.
  private var inverse: [Double] = []
  /// x, plane after plane.
  private var x: [Double] = []
  private let memory: UnsafeMutablePointer<Double>
  /// A_WᵀA_S and U, a column of |W| numbers for every atom of S.
  private let columns: UnsafeMutablePointer<Double>
  private let u: UnsafeMutablePointer<Double>
  /// c, plane after plane.
  private let c: UnsafeMutablePointer<Double>
  /// B_g of all groups, as ``GroupSet/diagonals``.
  private let blocks: UnsafeMutablePointer<Double>
  // The same without a group.
  private let restC: UnsafeMutablePointer<Double>
  private let restBlocks: UnsafeMutablePointer<Double>
  /// R⁻¹ U_p for K = (R Rᵀ)⁻¹: a column of |W| numbers for every atom of the group that leaves.
  private let v: UnsafeMutablePointer<Double>

  /// Sweeps on `support`, different groups of the set, at least one.
  package init(_ set: GroupSet, support: [Int]) throws(RecoveryError) {
    self.set = set
    self.support = support
    (w, planes, widest) = (set.columns.count, set.squares.count, set.widest)
    let sizes = zip(set.offsets, set.offsets.dropFirst()).map { $1 - $0 }.sorted(by: >)
    let most = sizes.prefix(support.count).reduce(0, +)
    let total = w * (2 * most + 2 * planes + 3 * widest)
    memory = .allocate(capacity: total)
    memory.initialize(repeating: 0, count: total)
    columns = memory
    u = columns + most * w
    c = u + most * w
    restC = c + planes * w
    blocks = restC + planes * w
    restBlocks = blocks + widest * w
    v = restBlocks + widest * w
    try sweep()
  }

  deinit { memory.deallocate() }

  /// Makes an exchange.
  package func make(_ move: Move) throws(RecoveryError) {
    support[move.place] = move.group
    try sweep()
  }

  private func sweep() throws(RecoveryError) {
    try factor()
    let (s, rows, n) = (atoms.count, Int32(w), Int32(atoms.count))
    set.gram.withUnsafeBufferPointer { gram in
      guard let gram = gram.baseAddress else { return }
      for (p, j) in atoms.enumerated() { (columns + p * w).update(from: gram + j * w, count: w) }
    }
    x = []
    c.update(from: set.correlations, count: planes * w)
    blocks.update(from: set.diagonals, count: widest * w)
    loss = 0
    for l in 0..<planes {
      let b = atoms.map { set.correlations[l * w + $0] }
      var part = [Double](repeating: 0, count: s)
      if s > 0 {
        cblas_dsymv(CblasColMajor, CblasUpper, n, 1, inverse, n, b, 1, 0, &part, 1)
        cblas_dgemv(
          CblasColMajor, CblasNoTrans, rows, n, -1, columns, rows, part, 1, 1, c + l * w, 1)
      }
      loss += max(set.squares[l] - zip(b, part).reduce(0) { $0 + $1.0 * $1.1 }, 0)
      x += part
    }
    guard s > 0 else { return }
    cblas_dsymm(
      CblasColMajor, CblasRight, CblasUpper, rows, n, 1, inverse, n, columns, rows, 0, u, rows)
    // B_g ← A_gᵀA_g − A_gᵀA_S U_Sg.
    for p in 0..<s { addProducts(-1, columns + p * w, u + p * w, to: blocks) }
  }

  /// b_{i, i−d} ← b_{i, i−d} ± a_i u_{i−d}: whole vectors, since what does not belong to one group is never looked at.
  private func addProducts(
    _ sign: Double, _ a: UnsafePointer<Double>, _ u: UnsafePointer<Double>,
    to b: UnsafeMutablePointer<Double>
  ) {
    for (d, reach) in set.reaches.enumerated() {
      let (diagonal, shifted) = (b + d * w, u - d)
      for i in d..<reach { diagonal[i] += sign * a[i] * shifted[i] }
    }
  }

  /// H from a Cholesky factor of the atoms that do not depend on those before.
  private func factor() throws(RecoveryError) {
    var kept = support.map { Array(set.offsets[$0]..<set.offsets[$0 + 1]) }
    while true {
      atoms = kept.flatMap { $0 }
      let n = Int32(atoms.count)
      inverse = [Double](repeating: 0, count: atoms.count * atoms.count)
      for (q, j) in atoms.enumerated() {
        for (p, i) in atoms.enumerated() where p <= q {
          inverse[p + q * atoms.count] = set.gram[i * w + j]
        }
      }
      guard n > 0 else { break }
      let failed = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, .upper, n, &inverse, n)
      let dependent = atoms.indices.prefix(failed > 0 ? Int(failed) : atoms.count).first {
        let pivot = inverse[$0 * (atoms.count + 1)]
        let isPositive = failed == 0 || $0 < Int(failed) - 1
        return !isPositive
          || pivot * pivot <= Self.leastDistance * set.diagonals[atoms[$0]]
      }
      guard let dependent else {
        let code = LAPACKE_dpotri_work(LAPACK_COL_MAJOR, .upper, n, &inverse, n)
        guard code == 0 else { throw .lapackFailure(routine: "dpotri", code: code) }
        break
      }
      let atom = atoms[dependent]
      for place in kept.indices { kept[place].removeAll { $0 == atom } }
    }
    for q in atoms.indices {
      for p in 0..<q { inverse[q + p * atoms.count] = inverse[p + q * atoms.count] }
    }
    var start = 0
    ranges = kept.map { atoms in
      defer { start += atoms.count }
      return start..<start + atoms.count
    }
  }
}

extension SweptGroups {
  /// The exchange to the smallest loss of all that are allowed, or that lead below `aspiration`; nil where there is none.
  ///
  /// About 2 · |W| · |g| · (|h| + |g| / 6) flops for each group h of the support that may leave, of groups g.
  ///
  /// - Parameters:
  ///   - isBanned: whether a group may not come.
  ///   - isHeld: whether a group of the support may not leave.
  package func bestMove(
    isBanned: (Int) -> Bool = { _ in false }, isHeld: (Int) -> Bool = { _ in false },
    aspiration: Double = -.infinity
  ) -> Move? {
    var isInside = [Bool](repeating: false, count: set.count)
    for group in support { isInside[group] = true }
    let isBanned = (0..<set.count).map(isBanned)
    var best: Move?
    var entry = GroupEntry(widest)
    for place in support.indices {
      let isHeld = isHeld(support[place])
      let rest = loss + leave(ranges[place])
      for group in 0..<set.count where !isInside[group] {
        // What an exchange must come below to be made.
        let bound = min(
          best?.loss ?? .infinity, isHeld || isBanned[group] ? aspiration : .infinity)
        let range = set.offsets[group]..<set.offsets[group + 1]
        let after = rest - entry.gain(range, restBlocks, restC, set.diagonals, w, planes)
        if after < bound { best = Move(place: place, group: group, loss: max(after, 0)) }
      }
    }
    return best
  }

  /// Takes the atoms at some places of S out of c and of the blocks.
  ///
  /// - Returns: by how much the loss grows.
  private func leave(_ range: Range<Int>) -> Double {
    restC.update(from: c, count: planes * w)
    restBlocks.update(from: blocks, count: widest * w)
    let (height, s) = (range.count, atoms.count)
    var r = [Double](repeating: 0, count: height * height)
    var t = [Double](repeating: 0, count: height * planes)
    var growth = 0.0
    for (i, p) in range.enumerated() {
      for (j, q) in range.enumerated() where j <= i {
        var sum = inverse[p + q * s]
        for k in 0..<j { sum -= r[i * height + k] * r[j * height + k] }
        r[i * height + j] =
          i == j ? max(sum, .leastNormalMagnitude).squareRoot() : sum / r[j * height + j]
      }
      // Forward substitution: V = R⁻¹ U_p, t = R⁻¹ x_p.
      let (diagonal, row) = (1 / r[i * height + i], v + i * w)
      row.update(from: u + p * w, count: w)
      for k in 0..<i { cblas_daxpy(Int32(w), -r[i * height + k], v + k * w, 1, row, 1) }
      for j in 0..<w { row[j] *= diagonal }
      addProducts(1, row, row, to: restBlocks)
      for l in 0..<planes {
        var sum = x[l * s + p]
        for k in 0..<i { sum -= r[i * height + k] * t[l * height + k] }
        t[l * height + i] = sum * diagonal
        growth += t[l * height + i] * t[l * height + i]
        cblas_daxpy(Int32(w), t[l * height + i], row, 1, restC + l * w, 1)
      }
    }
    return growth
  }
}

/// Solves with the block of a group that may enter: B = L D Lᵀ.
private struct GroupEntry {
  private let widest: Int
  /// L below the diagonal, by rows.
  private var lower: [Double]
  /// L D of a row, and L⁻¹ c.
  private var row: [Double]
  private var solved: [Double]
  /// D⁻¹, with zeros for atoms that depend on those before.
  private var inverse: [Double]

  init(_ widest: Int) {
    self.widest = widest
    lower = Array(repeating: 0, count: widest * widest)
    row = Array(repeating: 0, count: widest)
    (solved, inverse) = (row, row)
  }

  /// cᵀ B⁻¹ c: by how much the loss falls where the atoms in `range` enter.
  ///
  /// - Parameters:
  ///   - b: B, a diagonal after another.
  ///   - c: plane after plane.
  ///   - squares: what distances² are compared with.
  mutating func gain(
    _ range: Range<Int>, _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>,
    _ squares: [Double], _ w: Int, _ planes: Int
  ) -> Double {
    let first = range.lowerBound
    var gain = 0.0
    lower.withUnsafeMutableBufferPointer { lower in
      row.withUnsafeMutableBufferPointer { row in
        solved.withUnsafeMutableBufferPointer { solved in
          inverse.withUnsafeMutableBufferPointer { inverse in
            for i in 0..<range.count {
              var pivot = b[first + i]
              for j in 0..<i {
                var sum = b[(i - j) * w + first + i]
                for k in 0..<j { sum -= row[k] * lower[j * widest + k] }
                row[j] = sum
                lower[i * widest + j] = sum * inverse[j]
                pivot -= sum * lower[i * widest + j]
              }
              inverse[i] = pivot > SweptGroups.leastDistance * squares[first + i] ? 1 / pivot : 0
            }
            for l in 0..<planes {
              for i in 0..<range.count {
                var sum = c[l * w + first + i]
                for k in 0..<i { sum -= lower[i * widest + k] * solved[k] }
                solved[i] = sum
                gain += sum * sum * inverse[i]
              }
            }
          }
        }
      }
    }
    return gain
  }
}
