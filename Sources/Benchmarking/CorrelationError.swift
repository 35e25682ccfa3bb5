import SparseRecovery

/// How well an engine correlates: some of its results against the same sums in twice the precision.
struct CorrelationError {
  /// The most atoms that are looked at, evenly spread over A.
  private static let mostAtoms = 64

  private let problem: RecoveryProblem
  private let precision: Precision
  /// ``Engine/storageRoundoff``.
  private let storageRoundoff: Double

  init(_ problem: RecoveryProblem, _ engine: any Engine) {
    self.problem = problem
    precision = engine.precision
    storageRoundoff = engine.storageRoundoff
  }

  /// The largest |z_j − a_jᵀ r| of some atoms, divided by its bound.
  ///
  /// However the m products are added up, and with the entries of a and r rounded before, the error is at
  /// most (m + 4) u Σ |a_i r_i| to first order (Higham 2002, §3.1), and s ‖a‖ ‖r‖ more for atoms that are
  /// stored less precisely. A correct engine stays below 1, in fact far below.
  func ofBound(_ z: [Double], residual r: [Double]) throws(RecoveryError) -> Double {
    let (m, n) = (problem.rows, problem.columns)
    let step = max(1, n / Self.mostAtoms)
    let unit = (precision == .single ? Double(Float.ulpOfOne) : .ulpOfOne) / 2
    let squaredNorm = Self.dot(r, r).sum
    var atom = [Double](repeating: 0, count: m)
    var worst = 0.0
    for j in Set(stride(from: 0, to: n, by: step)).union([n - 1]) {
      try atom.withUnsafeMutableBufferPointer { (atom) throws(RecoveryError) in
        if let start = atom.baseAddress { try problem.atoms.copyAtom(j, to: start) }
      }
      let (sum, magnitudes) = Self.dot(atom, r)
      let norms = Self.dot(atom, atom).sum * squaredNorm
      let bound = Double(m + 4) * unit * magnitudes + storageRoundoff * norms.squareRoot()
      let error = abs(z[j] - sum)
      // A NaN is as wrong as can be.
      guard error > 0 || error.isNaN else { continue }
      worst = error.isNaN ? .infinity : max(worst, error / bound)
    }
    return worst
  }

  /// aᵀb as if in twice the precision (Ogita, Rump and Oishi 2005, algorithm Dot2), and |a|ᵀ|b|.
  private static func dot(_ a: [Double], _ b: [Double]) -> (sum: Double, magnitudes: Double) {
    var (sum, rest, magnitudes) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let product = x * y
      let total = sum + product
      let added = total - sum
      rest += (sum - (total - added)) + (product - added) + (-product).addingProduct(x, y)
      sum = total
      magnitudes += abs(product)
    }
    return (sum + rest, magnitudes)
  }
}
