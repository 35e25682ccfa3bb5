import CLAPACKE
import COpenBLAS
package import SparseCore

/// The squared loss after the best exchange that brings in an atom, for every atom there is: it tells
/// the most promising atoms, and whether any exchange lowers the loss.
///
/// As in ``SweptGram``, for atoms that come in groups, or by their correlations alone: U_pj = a_jᵀ v_p
/// for the dual atoms V = A_S H.
package struct EntryScan {
  /// y − A_S x, plane after plane.
  package let residual: [Double]

  private let loss: Double
  private let atoms: HostAtoms
  /// H, k × k.
  private let inverse: [Double]
  /// V, m × k. Empty where atoms are not gathered.
  private let dualBlock: [Double]
  private let gram: [Double]
  /// 1 / H_pp.
  private let heights: [Double]
  /// x_p / H_pp, plane after plane.
  private let steps: [Double]
  private let planes: Int

  /// For the support made of `atoms`, at least one: 4 · m · k² flops.
  ///
  /// - Parameter observation: y, of length m, or several, plane after plane.
  package init(_ atoms: HostAtoms, observation: [Double]) throws(RecoveryError) {
    let set = try SwapSet(atoms, observation: observation)
    let swept = try SweptGram(set, support: Array(0..<atoms.count))
    self.atoms = atoms
    gram = set.gram
    planes = set.planes
    loss = swept.loss
    heights = swept.heights
    steps = swept.steps
    residual = swept.remainder
    inverse = swept.inverseGram
    var duals = [Double](repeating: 0, count: atoms.entries.count)
    if atoms.areGathered {
      let (m, k) = (Int32(atoms.rows), Int32(atoms.count))
      cblas_dsymm(
        CblasColMajor, CblasRight, CblasUpper, m, k, 1, inverse, k, atoms.entries, m, 0, &duals, m)
    }
    dualBlock = duals
  }

  /// Vectors in the span of A_S, in their order: kept, or made of products with A when they are asked for.
  package struct Directions {
    /// How many there are.
    package let count: Int
    fileprivate let atoms: HostAtoms
    /// Themselves, m × k, where atoms are gathered, else their coefficients, k × k.
    fileprivate let numbers: [Double]

    /// Those at some places, m numbers each. Where atoms are not gathered, a product with A for each.
    ///
    /// - Throws: what the operator throws.
    package func vectors(_ places: Range<Int>) throws(RecoveryError) -> [[Double]] {
      let length = numbers.count / max(count, 1)
      return try places.map { (p) throws(RecoveryError) in
        let part = numbers[p * length..<(p + 1) * length]
        guard let products = atoms.products else { return Array(part) }
        return try products.image(of: part, atoms: atoms.columns)
      }
    }
  }

  /// V, one for each atom of S.
  package var duals: Directions {
    Directions(
      count: atoms.count, atoms: atoms, numbers: atoms.areGathered ? dualBlock : inverse)
  }

  /// A_S M with H = M Mᵀ: ‖P^⊥a_j‖² = ‖a_j‖² − ‖(A_S M)ᵀ a_j‖². None where H is not positive
  /// to rounding: nothing is known of distances then. m · k² flops.
  package func whitened() -> Directions {
    let (m, n, k) = (Int32(atoms.rows), atoms.count, Int32(atoms.count))
    var factor = inverse
    guard LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, .lower, k, &factor, k) == 0 else {
      return Directions(count: 0, atoms: atoms, numbers: [])
    }
    guard atoms.areGathered else {
      for q in 0..<n { for p in 0..<q { factor[p + q * n] = 0 } }
      return Directions(count: n, atoms: atoms, numbers: factor)
    }
    var white = atoms.entries
    cblas_dtrmm(
      CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, m, k, 1, factor, k, &white,
      m)
    return Directions(count: n, atoms: atoms, numbers: white)
  }

  /// Lowers `losses` to what the exit of the atom at place p and the entry of each atom lead to.
  ///
  /// - Parameters:
  ///   - products: a_jᵀ v_p.
  ///   - correlations: a_jᵀ (y − A_S x), plane after plane.
  ///   - distances: ‖P^⊥a_j‖², infinite for atoms that may not come.
  ///   - floors: the smallest distances² to be believed.
  package func lower(
    _ losses: inout [Double], exit p: Int, products: [Double], correlations: [Double],
    distances: [Double], floors: [Double]
  ) {
    let h = heights[p]
    var base = loss
    var sums = [Double](repeating: 0, count: losses.count)
    for l in 0..<planes {
      let step = steps[l * heights.count + p]
      base += step * step / h
      for j in losses.indices {
        let product = correlations[l * losses.count + j] + products[j] * step
        sums[j] += product * product
      }
    }
    for j in losses.indices {
      let square = distances[j] + products[j] * products[j] * h
      let gain = sums[j] / square
      losses[j] = square > floors[j] && base - gain < losses[j] ? base - gain : losses[j]
    }
  }

  /// The losses for atoms on the host, those of S among them, in groups that stay in the cache:
  /// 2 · |W| · k · (m + k) flops.
  package func losses(of others: HostAtoms) throws(RecoveryError) -> [Double] {
    precondition(others.areGathered && atoms.areGathered, "atoms that are gathered")
    let (m, k) = (others.rows, atoms.count)
    let all = try others.correlate(residual)
    var losses: [Double] = []
    for start in stride(from: 0, to: others.count, by: Self.groupSize) {
      let count = min(Self.groupSize, others.count - start)
      var (u, gu) = (
        [Double](repeating: 0, count: count * k), [Double](repeating: 0, count: count * k)
      )
      var squares = [Double](repeating: 0, count: count)
      others.entries.withUnsafeBufferPointer { entries in
        guard let group = entries.baseAddress.map({ $0 + start * m }) else { return }
        cblas_dgemm(
          CblasColMajor, CblasTrans, CblasNoTrans, Int32(count), Int32(k), Int32(m), 1, group,
          Int32(m), dualBlock, Int32(m), 0, &u, Int32(count))
        for j in squares.indices {
          let atom = group + j * m
          squares[j] = cblas_ddot(Int32(m), atom, 1, atom, 1) + others.penalties[start + j]
        }
      }
      cblas_dsymm(
        CblasColMajor, CblasRight, CblasUpper, Int32(count), Int32(k), 1, gram, Int32(k), u,
        Int32(count), 0, &gu, Int32(count))
      var distances = squares
      for p in 0..<k {
        for j in 0..<count { distances[j] -= u[p * count + j] * gu[p * count + j] }
      }
      let floors = squares.map { SweptGram.leastDistance * $0 }
      let correlations = (0..<planes).flatMap {
        all[$0 * others.count + start..<$0 * others.count + start + count]
      }
      var lowest = [Double](repeating: .infinity, count: count)
      for p in 0..<k {
        lower(
          &lowest, exit: p, products: Array(u[p * count..<(p + 1) * count]),
          correlations: correlations, distances: distances, floors: floors)
      }
      losses += lowest
    }
    return losses
  }

  private static var groupSize: Int { 256 }
}
