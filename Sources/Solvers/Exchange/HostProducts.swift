import SparseCore

/// Correlations with all atoms, wanted on the host.
struct HostProducts {
  private let workspace: Workspace
  private var inputs: [EngineVector] = []
  private var outputs: [EngineVector] = []

  init(_ workspace: Workspace) { self.workspace = workspace }

  /// D Aᵀ v for several v of length m, in their order.
  ///
  /// One pass over A for each ``Engine/residualsInPass`` of them, and b · n bytes from the engine for
  /// each.
  mutating func correlations(of vectors: [[Double]]) throws(RecoveryError) -> [[Double]] {
    let engine = workspace.engine
    var correlations: [[Double]] = []
    for first in stride(from: 0, to: vectors.count, by: engine.residualsInPass) {
      let group = vectors[first..<min(first + engine.residualsInPass, vectors.count)]
      while inputs.count < group.count {
        inputs.append(try engine.makeVector(.residual))
        outputs.append(try engine.makeVector(.correlation))
      }
      for (v, input) in zip(group, inputs) {
        try engine.write(workspace.problem.atoms.pulledBack(v), to: input)
      }
      try engine.correlate(
        Array(inputs.prefix(group.count)), into: Array(outputs.prefix(group.count)))
      workspace.matrixPasses += 1
      for output in outputs.prefix(group.count) { correlations.append(try engine.read(output)) }
    }
    return correlations
  }
}
