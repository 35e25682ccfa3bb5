public import SparseCore

/// The specification of ``Engine``, in code: every sum in the order of its indices.
public final class ReferenceEngine: Engine {
  /// A vector in host memory.
  public final class Vector {
    fileprivate(set) var entries: [Double]

    fileprivate init(count: Int) { entries = [Double](repeating: 0, count: count) }
  }

  static var identity: EngineIdentity {
    EngineIdentity(name: "reference", device: "host", library: "plain loops")
  }

  private let atoms: Atoms

  init(_ atoms: Atoms) { self.atoms = atoms }

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

  /// A new vector of `count` zeros.
  public func makeVector(_ count: Int) -> Vector { Vector(count: count) }

  /// v ← values.
  public func write(_ values: [Double], to vector: Vector) {
    precondition(values.count == vector.entries.count, "a vector keeps its length")
    vector.entries = values
  }

  /// The entries of v.
  public func read(_ vector: Vector) -> [Double] { vector.entries }

  /// rᵢ ← Σⱼ aᵢⱼ dⱼ vⱼ.
  public func multiply(_ v: Vector, into r: Vector) {
    r.entries = (0..<rows).map { i in
      (0..<columns).reduce(0) { $0 + atoms.matrix[i, $1] * atoms.scale[$1] * v.entries[$1] }
    }
  }

  /// zⱼ ← dⱼ Σᵢ aᵢⱼ rᵢ.
  public func correlate(_ r: Vector, into z: Vector) {
    z.entries = (0..<columns).map { j in
      (0..<rows).reduce(0) { $0 + atoms.matrix[$1, j] * r.entries[$1] } * atoms.scale[j]
    }
  }

  /// One after another.
  public func correlate(_ residuals: [Vector], into correlations: [Vector]) {
    precondition(residuals.count == correlations.count, "one result a residual")
    for (r, z) in zip(residuals, correlations) { correlate(r, into: z) }
  }

  /// One after another: Aᵀ r, the offset, the zeros, and the largest magnitude.
  public func correlate(
    _ residuals: [Vector], into correlations: [Vector], adding offset: Vector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    correlate(residuals, into: correlations)
    return try correlations.map { (z) throws(RecoveryError) in
      if let offset { add(1, times: offset, to: z) }
      clear(z, at: indices)
      try refuseNaN(in: z)
      return z.entries.reduce(0) { max($0, abs($1)) }
    }
  }

  /// zⱼ ← 0 for j ∈ S.
  public func clear(_ z: Vector, at indices: [Int]) {
    for j in indices { z.entries[j] = 0 }
  }

  /// vᵢ ← vᵢ + α uᵢ.
  public func add(_ alpha: Double, times u: Vector, to v: Vector) {
    v.entries = zip(v.entries, u.entries).map { $0 + alpha * $1 }
  }

  /// zᵢ ← Σ_p c_p v_pᵢ.
  public func combine(_ coefficients: [Double], of vectors: [Vector], into z: Vector) {
    precondition(coefficients.count == vectors.count, "one coefficient a vector")
    z.entries = z.entries.indices.map { i in
      zip(coefficients, vectors).reduce(0) { $0 + $1.0 * $1.1.entries[i] }
    }
  }

  /// The first k after sorting by falling magnitude, then by rising index.
  public func largest(_ k: Int, of z: Vector) throws(RecoveryError) -> Selection {
    try refuseNaN(in: z)
    let ranked = z.entries.indices.sorted {
      let (a, b) = (rounded(z.entries[$0]), rounded(z.entries[$1]))
      return a != b ? a > b : $0 < $1
    }
    let indices = ranked.prefix(k).sorted()
    return Selection(indices: indices, values: indices.map { z.entries[$0] })
  }

  private func refuseNaN(in z: Vector) throws(RecoveryError) {
    if let column = z.entries.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: column)
    }
  }

  /// |x| with the bits rounded away that a comparison ignores.
  private func rounded(_ x: Double) -> Double {
    guard x.isFinite else { return abs(x) }
    let grid = x.ulp * Double(1 << precision.ignoredBits)
    return (abs(x) / grid).rounded() * grid
  }
}
