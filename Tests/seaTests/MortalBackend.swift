import SparseRecovery

/// The processor, but after so many products for one residual it fails as a device does.
struct MortalBackend: Backend {
  static let death = RecoveryError.deviceFailure(
    device: "none", call: "clFinish", code: -2, detail: "")

  let products: Int

  var identity: EngineIdentity { CPUBackend().identity }

  func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    MortalEngine(try CPUBackend(threads: 1).load(atoms, precision: precision), products)
  }
}

/// Passes everything on as long as it lives.
private final class MortalEngine: ForwardingEngine {
  private var products: Int

  init(_ engine: any Engine, _ products: Int) {
    self.products = products
    super.init(engine)
  }

  override func correlate(
    _ r: EngineVector, into z: EngineVector
  ) throws(RecoveryError) {
    products -= 1
    guard products >= 0 else { throw MortalBackend.death }
    try super.correlate(r, into: z)
  }
}
