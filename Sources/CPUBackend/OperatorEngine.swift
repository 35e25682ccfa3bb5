import SparseCore

/// A linear operator whose entries do not lie in memory: the products are its own, in double precision,
/// rounded to the precision of the engine.
final class OperatorEngine<Scalar: BLASScalar>: HostVectors<Scalar>, Engine {
  /// One: an operator takes one vector at a time.
  var residualsInPass: Int { 1 }

  private let atoms: Atoms

  init(_ atoms: Atoms, threads: Int, identity: EngineIdentity) {
    self.atoms = atoms
    super.init(rows: atoms.rows, columns: atoms.columns, threads: threads, identity: identity)
  }

  func multiply(_ v: EngineVector, into r: EngineVector) throws(RecoveryError) {
    let x = zip(read(v), atoms.scale).map { $0 * $1 }
    write(try atoms.operator.applied(to: x), to: r)
  }

  func correlate(_ r: EngineVector, into z: EngineVector) throws(RecoveryError) {
    var correlations = try atoms.operator.correlations(with: read(r))
    for j in correlations.indices { correlations[j] *= atoms.scale[j] }
    write(correlations, to: z)
  }
}
