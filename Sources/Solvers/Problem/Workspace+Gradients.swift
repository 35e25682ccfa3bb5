public import SparseCore

extension Workspace {
  /// z ← D Aᵀ(A x − y), exactly zero on the support of x.
  ///
  /// One pass over A, b · m · n bytes; or b · n · (k + 2) bytes from cached Gram columns.
  ///
  /// - Parameters:
  ///   - use: when Gram columns serve, or nil for the rule of this problem.
  ///   - candidates: atoms likely to enter a support soon, asked for when a column is missing.
  func gradient(
    at x: Iterate, into z: EngineVector, use: GramUse? = nil,
    candidates: () throws(RecoveryError) -> [Int] = { () throws(RecoveryError) in [] }
  ) throws(RecoveryError) {
    if try mayCombine(x, use ?? self.use) {
      let passes = cache.passes
      let columns = try cache.load(x.support, candidates: candidates)
      matrixPasses += cache.passes - passes
      try engine.combine(
        x.coefficients + [-1], of: columns + [observationCorrelations()], into: z)
    } else {
      try correlate(x.residual, into: z)
    }
    try engine.clear(z, at: stationary(x))
  }

  /// Where the gradient vanishes by optimality: on the support, less coefficients held at zero.
  func stationary(_ x: Iterate) -> [Int] {
    guard problem.model.isNonnegative else { return x.support }
    return zip(x.support, x.coefficients).filter { $0.1 > 0 }.map(\.0)
  }

  private func mayCombine(_ x: Iterate, _ use: GramUse) throws(RecoveryError) -> Bool {
    guard x.isGramAccurate else { return false }
    return switch use {
    case .never: false
    case .whenCached: cache.holds(x.support) && observationVector != nil
    case .always: true
    }
  }

  /// The `count` atoms outside the support of x that correlate most with its residual, and their
  /// correlations D Aᵀ(A x − y): fewer when the others are orthogonal to it.
  ///
  /// The cost of a gradient and a selection.
  public func strongest(_ count: Int, at x: Iterate) throws(RecoveryError) -> Selection {
    let z = try scratch()
    try gradient(at: x, into: z)
    // What signs hold at zero has a gradient, which rounding may turn.
    if problem.model.isNonnegative { try engine.clear(z, at: x.support) }
    let selection = try largest(min(count, problem.columns), of: z, sign: -1)
    let nonzero = selection.values.indices.filter { selection.values[$0] != 0 }
    return Selection(
      indices: nonzero.map { selection.indices[$0] }, values: nonzero.map { selection.values[$0] })
  }

  /// The k entries of z that count most: of largest magnitude, or of largest ±z where coefficients
  /// must not be negative; there z crosses the bus, b · n bytes.
  ///
  /// - Parameter sign: 1 for an exploratory vector, −1 for a gradient.
  func largest(_ k: Int, of z: EngineVector, sign: Double) throws(RecoveryError) -> Selection {
    guard problem.model.isNonnegative else { return try engine.largest(k, of: z) }
    let entries = try engine.read(z).map { max(sign * $0, 0) }
    let places = largestMagnitudes(k, of: entries)
    return Selection(indices: places, values: places.map { sign * entries[$0] })
  }
}
