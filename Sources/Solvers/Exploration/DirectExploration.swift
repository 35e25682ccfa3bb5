import LeastSquares
import SparseCore

/// Algorithm 1 of the paper, read plainly: the specification of the faster ways.
///
/// An iteration costs one gradient, O(n) for the selection and the update, and the projection on
/// the host. The gradient is one pass over A, b · m · n bytes, or b · n · (k + 2) bytes from cached
/// Gram columns; none when the support was visited lately.
struct DirectExploration {
  /// What is remembered of a support.
  typealias Visit = (residualNorm: Double, gradient: EngineVector)

  let workspace: Workspace
  /// 𝒳, of length n.
  let exploratory: EngineVector
  let η: Double
  var memory: SupportMemory<Visit>
  private let use: GramUse
  private let sparsity: Int

  init(
    _ workspace: Workspace, _ exploratory: EngineVector, _ η: Double, _ use: GramUse,
    sparsity: Int
  ) {
    let engine = workspace.engine
    (self.workspace, self.exploratory, self.η) = (workspace, exploratory, η)
    (self.use, self.sparsity) = (use, sparsity)
    memory = SupportMemory(valueBytes: engine.columns * engine.precision.byteCount)
    workspace.restartProjector(capacity: sparsity)
  }

  /// Explores until there is a reason to stop.
  mutating func run(
    _ search: inout Search, _ recorder: SEA.Recorder?, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    let engine = workspace.engine
    while true {
      // Sᵗ ← largest_k(𝒳ᵗ)
      let support = try workspace.largest(sparsity, of: exploratory, sign: 1)
        .support(among: workspace.problem.atoms)
      let gradient: EngineVector
      if let known = memory.recall(support) {
        let stop = search.record(
          support, residualNorm: known.residualNorm, method: nil, observer: observer)
        if let stop { return stop }
        gradient = known.gradient
      } else {
        // xᵗ ← argmin ‖A x − y‖₂ over supp(x) ⊂ Sᵗ
        let x = try workspace.project(onto: support)
        if let stop = search.record(x, observer: observer) { return stop }
        gradient = try computeGradient(at: x)
        memory.remember(support, (x.residualNorm, gradient))
      }
      // 𝒳ᵗ⁺¹ ← 𝒳ᵗ − η g
      try engine.add(-η, times: gradient, to: exploratory)
      try recorder?.offer(search, passes: workspace.matrixPasses) {
        () throws(RecoveryError) in .direct(try state())
      }
    }
  }

  /// g ← Aᵀ(A xᵗ − y), which vanishes on Sᵗ by optimality: set exactly, lest rounding drift.
  private mutating func computeGradient(at x: Iterate) throws(RecoveryError) -> EngineVector {
    let engine = workspace.engine
    let gradient =
      if let (_, unused) = memory.makeRoom() { unused } else {
        try engine.makeVector(.correlation)
      }
    try workspace.gradient(at: x, into: gradient, use: use) { () throws(RecoveryError) in
      // What is near the threshold now is likely to be selected soon.
      try workspace.largest(min(2 * sparsity, engine.columns), of: exploratory, sign: 1).indices
    }
    return gradient
  }
}
