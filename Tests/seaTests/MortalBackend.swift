import SparseRecovery

/// The processor, but after so many products for one residual it fails as a device does.
struct MortalBackend: Backend {
  static let death = RecoveryError.deviceFailure(
    device: "none", call: "clFinish", code: -2, detail: "")

  let products: Int

  var identity: EngineIdentity { CPUBackend().identity }

  func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    func mortal<E: Engine>(_ engine: E) -> any Engine { MortalEngine(engine, products) }
    return mortal(try CPUBackend(threads: 1).load(atoms, precision: precision))
  }
}

/// Passes everything on as long as it lives.
private final class MortalEngine<E: Engine>: Engine {
  private let engine: E
  private var products: Int

  init(_ engine: E, _ products: Int) {
    self.engine = engine
    self.products = products
  }

  var identity: EngineIdentity { engine.identity }
  var precision: Precision { engine.precision }
  var rows: Int { engine.rows }
  var columns: Int { engine.columns }
  var residualsInPass: Int { engine.residualsInPass }
  var storageRoundoff: Double { engine.storageRoundoff }

  func correlate(_ r: E.Vector, into z: E.Vector) throws(RecoveryError) {
    products -= 1
    guard products >= 0 else { throw MortalBackend.death }
    try engine.correlate(r, into: z)
  }

  func correlate(_ r: [E.Vector], into z: [E.Vector]) throws(RecoveryError) {
    try engine.correlate(r, into: z)
  }

  func correlate(
    _ r: [E.Vector], into z: [E.Vector], adding offset: E.Vector?, outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    try engine.correlate(r, into: z, adding: offset, outside: indices)
  }

  func makeVector(_ count: Int) throws(RecoveryError) -> E.Vector { try engine.makeVector(count) }

  func write(_ values: [Double], to v: E.Vector) throws(RecoveryError) {
    try engine.write(values, to: v)
  }

  func read(_ v: E.Vector) throws(RecoveryError) -> [Double] { try engine.read(v) }

  func multiply(_ v: E.Vector, into r: E.Vector) throws(RecoveryError) {
    try engine.multiply(v, into: r)
  }

  func clear(_ z: E.Vector, at indices: [Int]) throws(RecoveryError) {
    try engine.clear(z, at: indices)
  }

  func add(_ alpha: Double, times u: E.Vector, to v: E.Vector) throws(RecoveryError) {
    try engine.add(alpha, times: u, to: v)
  }

  func combine(_ c: [Double], of v: [E.Vector], into z: E.Vector) throws(RecoveryError) {
    try engine.combine(c, of: v, into: z)
  }

  func largest(_ k: Int, of z: E.Vector) throws(RecoveryError) -> Selection {
    try engine.largest(k, of: z)
  }
}
