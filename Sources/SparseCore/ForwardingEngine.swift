/// An engine around another one, to which it passes everything on.
///
/// For engines that add something to one: counts, delays, faults, a record of what was asked. A subclass
/// overrides what it changes. Whatever the protocol learns later is passed on too.
open class ForwardingEngine: Engine {
  /// The engine that does the work.
  public final let base: any Engine

  /// Passes everything on to `base`.
  public init(_ base: any Engine) { self.base = base }

  open var identity: EngineIdentity { base.identity }
  open var precision: Precision { base.precision }
  open var rows: Int { base.rows }
  open var columns: Int { base.columns }
  open var residualsInPass: Int { base.residualsInPass }
  open var storageRoundoff: Double { base.storageRoundoff }
  open var threads: Int { base.threads }

  open func makeVector(_ space: VectorSpace) throws(RecoveryError) -> EngineVector {
    try base.makeVector(space)
  }

  open func write(_ values: [Double], to vector: EngineVector) throws(RecoveryError) {
    try base.write(values, to: vector)
  }

  open func write(_ values: [[Double]], to vectors: [EngineVector]) throws(RecoveryError) {
    try base.write(values, to: vectors)
  }

  open func read(_ vector: EngineVector) throws(RecoveryError) -> [Double] {
    try base.read(vector)
  }

  open func multiply(_ v: EngineVector, into r: EngineVector) throws(RecoveryError) {
    try base.multiply(v, into: r)
  }

  open func correlate(_ r: EngineVector, into z: EngineVector) throws(RecoveryError) {
    try base.correlate(r, into: z)
  }

  open func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector]
  ) throws(RecoveryError) {
    try base.correlate(residuals, into: correlations)
  }

  open func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    try base.correlate(residuals, into: correlations, adding: offset, outside: indices)
  }

  open func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int], selecting count: Int, of place: Int
  ) throws(RecoveryError) -> (peaks: [Double], largest: Selection?) {
    try base.correlate(
      residuals, into: correlations, adding: offset, outside: indices, selecting: count, of: place)
  }

  open func clear(_ z: EngineVector, at indices: [Int]) throws(RecoveryError) {
    try base.clear(z, at: indices)
  }

  open func add(
    _ alpha: Double, times u: EngineVector, to v: EngineVector
  ) throws(RecoveryError) {
    try base.add(alpha, times: u, to: v)
  }

  open func combine(
    _ coefficients: [Double], of vectors: [EngineVector], into z: EngineVector
  ) throws(RecoveryError) {
    try base.combine(coefficients, of: vectors, into: z)
  }

  open func largest(_ k: Int, of z: EngineVector) throws(RecoveryError) -> Selection {
    try base.largest(k, of: z)
  }

  open func largest(_ k: Int, of planes: [EngineVector]) throws(RecoveryError) -> SparseVector {
    try base.largest(k, of: planes)
  }
}
