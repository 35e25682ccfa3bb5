import CLAPACKE
import COpenBLAS
import SparseCore

/// The squared loss of supports that consist of some chosen atoms and a few more of the candidates, as a function of the
/// coefficients of these: F(c) = ℓ − 2 bᵀc + cᵀH c.
///
/// For every c the chosen atoms have the coefficients that are best. With the Gram matrix G, which has the ridge on its
/// diagonal, H and b are what is left of G and Aᵀy without the span of the chosen atoms (Schur complements), and ℓ is the loss
/// of the chosen atoms alone. Several observations have b and c plane after plane, and their losses are added up.
package struct QuadraticLoss: Sendable {
  /// The candidates, as columns of A.
  package private(set) var candidates: [Int]
  /// ℓ.
  package private(set) var leastLoss: Double
  /// H, |C| × |C|.
  private(set) var curvature: [Double]
  /// b, plane after plane.
  private(set) var slopes: [Double]
  /// What the ridge adds to the diagonal of H for each candidate. H without it is positive semidefinite.
  private(set) var penalties: [Double]
  /// The lengths of all that each candidate is a sum of: ‖a_j‖ with the ridge, and |w_p| ‖a_p‖ for what was taken away of the
  /// chosen ones. By the products of these are inner products off, times ``roundoff``.
  private(set) var lengths: [Double]
  /// The same of y.
  private(set) var observationLength: Double
  /// By how much rounding changes an inner product of vectors of length one.
  let roundoff: Double

  /// The number of candidates, |C|.
  package var count: Int { candidates.count }
  /// The number of observations.
  package var planes: Int { slopes.count / max(count, 1) }

  /// No atom chosen, and all of `set` candidates: its Gram matrix is m · n² flops.
  ///
  /// - Parameter cancellation: by how much the rounding of its inner products exceeds that of gathered columns.
  package init(_ set: SwapSet, cancellation: Double) {
    candidates = set.atoms.columns
    curvature = set.gram
    slopes = set.correlations
    penalties = set.atoms.penalties
    lengths = (0..<set.count).map { set.gram[$0 * (set.count + 1)].squareRoot() }
    leastLoss = set.observation.squaredNorm
    observationLength = leastLoss.squareRoot()
    roundoff = Self.roundoff(rows: set.atoms.rows, atoms: set.count, cancellation)
  }

  /// No atom chosen, and those in some slots candidates.
  init(_ slots: AtomSlots, at places: [Int], observations: [[Double]]) {
    candidates = places.map(slots.atom(inSlot:))
    curvature = slots.gramBlock(places)
    slopes = slots.observed(at: places)
    penalties = places.map { slots.penalties[$0] }
    lengths = places.map(slots.length)
    leastLoss = observations.reduce(0) { $0 + $1.squaredNorm }
    observationLength = leastLoss.squareRoot()
    roundoff = Self.roundoff(
      rows: slots.rows, atoms: places.count, slots.gramCancellation(places))
  }

  /// γ of a sum of m products, of a factor of n rows and of the sums of n numbers here (Higham 2002, §3.1, §10.1).
  private static func roundoff(rows: Int, atoms: Int, _ cancellation: Double) -> Double {
    Double(rows + 3 * atoms + 4) * Double.ulpOfOne / 2 * cancellation
  }

  /// The same with some candidates chosen and others left out, of a loss with no atom chosen: 2 · c² flops for each chosen
  /// one, for the c chosen and kept.
  ///
  /// A candidate in the span of those chosen before lowers no loss. The Gram matrix cannot tell it from one that is nearer than
  /// some 10⁻⁶ of its length. Chosen, it changes nothing; else it is left out. Both are among `dependent`.
  package func choosing(
    _ chosen: [Int], among kept: [Int]
  ) -> (loss: QuadraticLoss, dependent: [Int]) {
    let place = Dictionary(uniqueKeysWithValues: zip(candidates, candidates.indices))
    // What is left out takes part in nothing.
    var rest = QuadraticLoss(self, (chosen + kept).compactMap { place[$0] })
    let floors = rest.lengths.map { 16 * roundoff * $0 * $0 }
    func isInSpan(_ place: Int) -> Bool {
      rest.curvature[place * (rest.count + 1)] <= floors[place]
    }
    var dependent: [Int] = []
    for pivot in chosen.indices {
      if isInSpan(pivot) { dependent.append(pivot) } else { rest.eliminate(pivot) }
    }
    let others = chosen.count..<rest.count
    dependent += others.filter(isInSpan)
    return (
      QuadraticLoss(rest, others.filter { !isInSpan($0) }), dependent.map { rest.candidates[$0] }
    )
  }

  /// The candidates that are multiples of an earlier one, as far as the Gram matrix lets one tell, with that; under signs,
  /// positive multiples. n² flops.
  package func repeats(isNonnegative: Bool) -> [(candidate: Int, of: Int)] {
    var (kept, repeats): ([Int], [(candidate: Int, of: Int)]) = ([], [])
    for j in 0..<count {
      let first = kept.first { i in
        let product = curvature[i + j * count]
        let distance = curvature[j * (count + 1)] - product * product / curvature[i * (count + 1)]
        return (product > 0 || !isNonnegative)
          && distance <= 64 * roundoff * lengths[j] * lengths[j]
      }
      if let first { repeats.append((candidates[j], candidates[first])) } else { kept.append(j) }
    }
    return repeats
  }

  /// Minimises over the coefficient of one candidate.
  private mutating func eliminate(_ pivot: Int) {
    let n = count
    let column = Array(curvature[pivot * n..<(pivot + 1) * n])
    let inverse = 1 / column[pivot]
    let length = lengths[pivot]
    for i in 0..<n where i != pivot { lengths[i] += abs(column[i]) * inverse * length }
    let slope = (0..<planes).map { slopes[$0 * n + pivot] }.norm
    observationLength += slope * inverse * length
    cblas_dsyr(CblasColMajor, CblasLower, Int32(n), -inverse, column, 1, &curvature, Int32(n))
    for j in 0..<n { for i in 0..<j { curvature[i + j * n] = curvature[j + i * n] } }
    for l in 0..<planes {
      let slope = slopes[l * n + pivot]
      leastLoss = max(leastLoss - slope * slope * inverse, 0)
      for i in 0..<n { slopes[l * n + i] -= slope * inverse * column[i] }
    }
  }

  /// Some of the candidates of another loss, by their places.
  init(_ loss: QuadraticLoss, _ places: [Int]) {
    candidates = places.map { loss.candidates[$0] }
    leastLoss = loss.leastLoss
    penalties = places.map { loss.penalties[$0] }
    lengths = places.map { loss.lengths[$0] }
    curvature = places.flatMap { j in places.map { loss.curvature[$0 + j * loss.count] } }
    slopes = (0..<loss.planes).flatMap { l in places.map { loss.slopes[l * loss.count + $0] } }
    observationLength = loss.observationLength
    roundoff = loss.roundoff
  }

  /// What the loss is at least with each of `kept` beside some chosen atoms: the loss, less what rounding may add to it. As after
  /// ``choosing(_:among:)``, with dependent atoms named, in 2 · c · (c + |kept|) flops for c chosen ones: no curvature is
  /// needed but that of these.
  package func entries(
    choosing chosen: [Int], among kept: [Int]
  ) -> (entries: [(atom: Int, loss: Double)], dependent: [Int]) {
    let place = Dictionary(uniqueKeysWithValues: zip(candidates, candidates.indices))
    let atoms = chosen + kept
    let places = atoms.compactMap { place[$0] }
    let (n, width) = (places.count, count)
    var rows = chosen.indices.map { p in places.map { curvature[$0 + places[p] * width] } }
    var diagonal = places.map { curvature[$0 * (width + 1)] }
    var lengths = places.map { self.lengths[$0] }
    var slopes = (0..<planes).map { l in places.map { self.slopes[l * width + $0] } }
    var (leastLoss, observationLength) = (leastLoss, observationLength)
    let floors = lengths.map { 16 * roundoff * $0 * $0 }
    var dependent: [Int] = []
    for pivot in chosen.indices {
      guard diagonal[pivot] > floors[pivot] else {
        dependent.append(atoms[pivot])
        continue
      }
      let (row, inverse, length) = (rows[pivot], 1 / diagonal[pivot], lengths[pivot])
      observationLength += slopes.map { $0[pivot] }.norm * inverse * length
      for other in pivot + 1..<max(chosen.count, pivot + 1) {
        let share = row[other] * inverse
        for i in 0..<n { rows[other][i] -= share * row[i] }
      }
      for i in pivot + 1..<n {
        lengths[i] += abs(row[i]) * inverse * length
        diagonal[i] -= row[i] * row[i] * inverse
      }
      for l in slopes.indices {
        let slope = slopes[l][pivot]
        leastLoss = max(leastLoss - slope * slope * inverse, 0)
        for i in pivot + 1..<n { slopes[l][i] -= slope * inverse * row[i] }
      }
    }
    var entries: [(atom: Int, loss: Double)] = []
    for i in chosen.count..<n {
      guard diagonal[i] > floors[i] else {
        dependent.append(atoms[i])
        continue
      }
      let square = slopes.reduce(0) { $0 + $1[i] * $1[i] }
      let size = observationLength + lengths[i] * square.squareRoot() / diagonal[i]
      entries.append((atoms[i], leastLoss - square / diagonal[i] - 4 * roundoff * size * size))
    }
    return (entries, dependent)
  }

  /// The candidate of which the others leave least: first to be decided where there is no bound. Nil without candidates.
  package var mostDependent: Int? {
    guard count > 0 else { return nil }
    let n = Int32(count)
    var factor = curvature
    let minor = LAPACKE_dpotrf(LAPACK_COL_MAJOR, .lower, n, &factor, n)
    guard minor == 0 else { return minor > 0 ? candidates[Int(minor) - 1] : nil }
    let pivots = (0..<count).map { factor[$0 * (count + 1)] / lengths[$0] }
    return pivots.indices.min { (pivots[$0], $0) < (pivots[$1], $1) }.map { candidates[$0] }
  }
}
