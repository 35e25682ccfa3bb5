public import SparseCore

/// The products written as plain loops in double precision: what every backend is tested against.
public struct ReferenceBackend: Backend {
  /// Makes the only one there is.
  public init() {}

  /// The plain loops.
  public var identity: EngineIdentity { ReferenceEngine.identity }

  /// Copies the columns: 8 · m · n bytes.
  ///
  /// - Throws: ``RecoveryError/precisionUnsupported(device:precision:)`` for single precision.
  public func load(
    _ atoms: Atoms, precision: Precision
  ) throws(RecoveryError) -> any Engine {
    guard precision == .double else {
      throw .precisionUnsupported(device: "the reference backend", precision: precision)
    }
    return try ReferenceEngine(atoms)
  }
}
