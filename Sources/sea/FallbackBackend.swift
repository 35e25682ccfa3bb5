import SparseRecovery

/// A device that nobody named, and what takes its place where it cannot hold a problem or fails.
struct FallbackBackend: Backend {
  let first: any Backend
  /// Nil where the first was named, so that nothing may take its place.
  let second: (any Backend)?

  var identity: EngineIdentity { first.identity }

  /// Loads on the first, or says why not and loads on the second.
  func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    do {
      return try first.load(atoms, precision: precision)
    } catch {
      return try substitute(for: error).load(atoms, precision: precision)
    }
  }

  /// Lends an engine that holds the atoms to `body`. Where the first place fails on the way, says so
  /// and calls `body` once more, with an engine of the second and a warning for the result.
  func withEngine<Result>(
    _ atoms: Atoms, precision: Precision, _ body: (any Engine, Warning?) throws -> Result
  ) throws -> Result {
    do {
      return try body(first.load(atoms, precision: precision), nil)
    } catch let error as RecoveryError {
      let second = try substitute(for: error)
      return try body(
        second.load(atoms, precision: precision), .engineReplaced(failure: error.description))
    }
  }

  /// What takes the place of the first after this error, which is thrown where nothing does.
  private func substitute(for error: RecoveryError) throws(RecoveryError) -> any Backend {
    guard let second, error.isOfDevice else { throw error }
    Console.error("sea: \(error); on the processor instead")
    return second
  }
}

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

extension RecoveryError {
  /// Whether another place may do better: the numbers of a problem are finite, so a product that is
  /// not comes from where it was computed.
  var isOfDevice: Bool {
    if case .nonFiniteCorrelation = self { true } else { kind == .device }
  }
}
