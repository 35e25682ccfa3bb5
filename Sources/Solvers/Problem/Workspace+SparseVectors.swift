import LeastSquares
public import SparseCore

extension Workspace {
  /// x with the residual it leaves: 2 · m · k flops on the host.
  public func iterate(_ x: SparseVector) throws(RecoveryError) -> Iterate {
    guard !x.support.isEmpty else { return Iterate(empty: problem) }
    let y = problem.scaledObservation
    let residual = try withProjector(for: x.support.count) { (projector) throws(RecoveryError) in
      try projector.synthesize(x.coefficients, on: x.support, minus: y)
    }
    return Iterate(support: x.support, coefficients: x.coefficients, residual: residual)
  }

  /// A x, of length m: 2 · m · k flops on the host.
  public func image(of x: SparseVector) throws(RecoveryError) -> [Double] {
    let zero = [Double](repeating: 0, count: problem.rows)
    guard !x.support.isEmpty else { return zero }
    return try withProjector(for: x.support.count) { (projector) throws(RecoveryError) in
      try projector.synthesize(x.coefficients, on: x.support, minus: zero)
    }
  }

  /// A_Sᵀ r, in double precision on the host: 2 · m · k flops.
  public func correlate(_ r: [Double], with support: [Int]) throws(RecoveryError) -> [Double] {
    guard !support.isEmpty else { return [] }
    return try withProjector(for: support.count) { (projector) throws(RecoveryError) in
      try projector.correlate(r, with: support)
    }
  }

  /// The projection onto the k largest entries of x: x itself where it is one and has no more.
  public func pruned(_ x: Iterate, to k: Int) throws(RecoveryError) -> Iterate {
    x.method != nil && x.support.count <= k ? x : try project(onto: x.vector.keeping(k).support)
  }

  /// ‖d‖₂² / ‖A d‖₂²: how far to go along d for the largest decrease, where d is the negative
  /// gradient on a support. Nil where A d vanishes.
  public func exactStep(along d: SparseVector) throws(RecoveryError) -> Double? {
    let step = d.coefficients.squaredNorm / (try image(of: d).squaredNorm)
    return step.isFinite ? step : nil
  }

  /// The projection from which a search sets out: onto what `start` finds, or onto the k atoms that
  /// correlate most with the observation.
  public func start(
    _ start: (any Solver)?, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> Iterate {
    guard let start else {
      return try project(onto: strongest(search.atomCount, at: Iterate(empty: problem)).indices)
    }
    let solution = try start.solve(self, sparsity: search.sparsity, observer: observer)
    return try project(onto: solution.atomCoefficients.support)
  }
}
