import LeastSquares
import SparseCore

extension SEA {
  /// Algorithm 1 of the paper, read plainly: the specification of the faster ways.
  ///
  /// An iteration costs one pass over A, b · m · n bytes, unless its support was visited lately;
  /// O(n) for the selection and the update; and the projection on the host.
  func exploreDirectly<E: Engine>(
    _ problem: RecoveryProblem, _ engine: E, _ exploratory: E.Vector, _ η: Double,
    _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    var projector = Projector(problem, capacity: search.sparsity)
    var memory = SupportMemory<(residualNorm: Double, gradient: E.Vector)>(
      valueBytes: engine.columns * engine.precision.byteCount)
    let residual = try engine.makeVector(problem.rows)

    while true {
      // Sᵗ ← largest_k(𝒳ᵗ)
      let support = try engine.largest(search.sparsity, of: exploratory)
        .support(among: problem.atoms)
      if let (residualNorm, gradient) = memory.recall(support) {
        let stop = search.record(
          support, residualNorm: residualNorm, method: nil, observer: observer)
        if let stop { return stop }
        try engine.add(-η, times: gradient, to: exploratory)
        continue
      }
      // xᵗ ← argmin ‖A x − y‖₂ over supp(x) ⊂ Sᵗ
      let x = try projector.project(onto: support)
      let stop = search.record(
        support, residualNorm: x.residualNorm, method: x.method, observer: observer)
      if let stop { return stop }
      // g ← Aᵀ(A xᵗ − y), which vanishes on Sᵗ by optimality: set exactly, lest rounding drift.
      let gradient =
        if let (_, unused) = memory.makeRoom() { unused } else {
          try engine.makeVector(problem.columns)
        }
      try engine.write(x.residual, to: residual)
      try engine.correlate(residual, into: gradient)
      try engine.clear(gradient, at: support)
      search.matrixPasses += 1
      memory.remember(support, (x.residualNorm, gradient))
      // 𝒳ᵗ⁺¹ ← 𝒳ᵗ − η g
      try engine.add(-η, times: gradient, to: exploratory)
    }
  }
}
