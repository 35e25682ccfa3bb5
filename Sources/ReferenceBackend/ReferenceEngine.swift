public import SparseCore

/// The specification of ``Engine``, in code: every sum in the order of its indices.
public final class ReferenceEngine: Engine {
  /// A vector in host memory.
  private final class Vector: EngineVector {
    var entries: [Double]

    init(count: Int) { entries = [Double](repeating: 0, count: count) }
  }

  static var identity: EngineIdentity {
    EngineIdentity(name: "reference", device: "host", library: "plain loops")
  }

  private let atoms: Atoms
  /// The columns of A.
  private let a: [[Double]]

  init(_ atoms: Atoms) throws(RecoveryError) {
    self.atoms = atoms
    a = try (0..<atoms.columns).map { (j) throws(RecoveryError) in try atoms.column(j) }
  }

  /// The plain loops.
  public var identity: EngineIdentity { Self.identity }
  /// Always double.
  public var precision: Precision { .double }
  /// The number of rows, m.
  public var rows: Int { atoms.rows }
  /// The number of columns, n.
  public var columns: Int { atoms.columns }
  /// One.
  public var residualsInPass: Int { 1 }

  /// A new vector of zeros.
  public func makeVector(_ space: VectorSpace) -> EngineVector {
    Vector(count: space.count(rows: rows, columns: columns))
  }

  private func entries(_ vector: EngineVector) -> [Double] { vector.own(Vector.self).entries }

  private func set(_ vector: EngineVector, _ entries: [Double]) {
    let vector = vector.own(Vector.self)
    precondition(entries.count == vector.entries.count, "a vector keeps its length")
    vector.entries = entries
  }

  /// v ← values.
  public func write(_ values: [Double], to vector: EngineVector) { set(vector, values) }

  /// The entries of v.
  public func read(_ vector: EngineVector) -> [Double] { entries(vector) }

  /// rᵢ ← Σⱼ aᵢⱼ dⱼ vⱼ.
  public func multiply(_ v: EngineVector, into r: EngineVector) {
    let v = entries(v)
    set(
      r,
      (0..<rows).map { (i: Int) -> Double in
        (0..<columns).reduce(0) { $0 + a[$1][i] * atoms.scale[$1] * v[$1] }
      })
  }

  /// zⱼ ← dⱼ Σᵢ aᵢⱼ rᵢ.
  public func correlate(_ r: EngineVector, into z: EngineVector) {
    let r = entries(r)
    set(
      z,
      (0..<columns).map { (j: Int) -> Double in
        (0..<rows).reduce(0) { $0 + a[j][$1] * r[$1] } * atoms.scale[j]
      })
  }

  /// zⱼ ← 0 for j ∈ S.
  public func clear(_ z: EngineVector, at indices: [Int]) {
    let z = z.own(Vector.self)
    for j in indices { z.entries[j] = 0 }
  }

  /// vᵢ ← vᵢ + α uᵢ.
  public func add(_ alpha: Double, times u: EngineVector, to v: EngineVector) {
    set(v, zip(entries(v), entries(u)).map { $0 + alpha * $1 })
  }

  /// zᵢ ← Σ_p c_p v_pᵢ.
  public func combine(_ coefficients: [Double], of vectors: [EngineVector], into z: EngineVector) {
    precondition(coefficients.count == vectors.count, "one coefficient a vector")
    let terms = zip(coefficients, vectors.map(entries))
    set(z, entries(z).indices.map { i in terms.reduce(0) { $0 + $1.0 * $1.1[i] } })
  }

  /// The first k after sorting by falling magnitude, then by rising index.
  public func largest(_ k: Int, of z: EngineVector) throws(RecoveryError) -> Selection {
    let z = try known(z)
    let ranked = z.indices.sorted {
      let (a, b) = (rounded(z[$0]), rounded(z[$1]))
      return a != b ? a > b : $0 < $1
    }
    let indices = ranked.prefix(k).sorted()
    return Selection(indices: indices, values: indices.map { z[$0] })
  }

  /// The entries of z, none of which is a NaN.
  private func known(_ z: EngineVector) throws(RecoveryError) -> [Double] {
    let z = entries(z)
    if let column = z.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: column)
    }
    return z
  }

  /// |x| with the bits rounded away that a comparison ignores.
  private func rounded(_ x: Double) -> Double {
    guard x.isFinite else { return abs(x) }
    let grid = x.ulp * Double(1 << precision.ignoredBits)
    return (abs(x) / grid).rounded() * grid
  }
}
