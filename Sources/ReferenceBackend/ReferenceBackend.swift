public import SparseCore

/// The products written as plain loops in double precision: what every backend is tested against.
public struct ReferenceBackend: Backend {
  /// Makes the only one there is.
  public init() {}

  /// The plain loops.
  public var identity: EngineIdentity { ReferenceEngine.identity }

  /// Keeps the atoms where they are: no bytes are moved.
  ///
  /// - Throws: ``RecoveryError/precisionUnsupported(device:precision:)`` for single precision.
  public func load(
    _ atoms: Atoms, precision: Precision
  ) throws(RecoveryError) -> any Engine {
    guard precision == .double else {
      throw .precisionUnsupported(device: "the reference backend", precision: precision)
    }
    return ReferenceEngine(atoms)
  }
}
