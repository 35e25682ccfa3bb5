import SparseRecovery

/// The first GPU where a matrix is large enough, else the processor.
struct AutoBackend: Backend {
  /// The numbers of a matrix from which a GPU is taken.
  ///
  /// To open an NVIDIA H100 takes .2 s, kernels compiled before. Sixteen cores beside it read so many
  /// numbers for 32 residuals in 11 ms, so that the twenty passes of a search take as long.
  var entriesWorthAGPU = 50_000_000

  /// What multiplies small matrices, and all where there is no GPU.
  let processor: CPUBackend
  /// The GPU to take, which is asked for only where it is wanted: listing devices loads every driver.
  let gpu: @Sendable () throws(RecoveryError) -> OpenCLBackend?

  /// That of the processor: which place it is depends on what is loaded.
  var identity: EngineIdentity { processor.identity }

  func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    let (entries, isBeyond) = atoms.rows.multipliedReportingOverflow(by: atoms.columns)
    if isBeyond || entries >= entriesWorthAGPU, let gpu = try gpu() {
      return try gpu.load(atoms, precision: precision)
    }
    return try processor.load(atoms, precision: precision)
  }
}
