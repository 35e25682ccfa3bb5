public import SparseRecovery

/// Products by plain loops over arrays, in double precision: the least that a backend is.
public struct ArrayBackend: Backend {
  /// The only one there is.
  public init() {}

  /// What results say did the work.
  public var identity: EngineIdentity {
    EngineIdentity(name: "arrays", device: "host", library: "plain loops")
  }

  /// Copies the atoms: 8 · m · n bytes.
  public func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    guard precision == .double else {
      throw .precisionUnsupported(device: identity.device, precision: precision)
    }
    var columns = [Double](repeating: 0, count: atoms.rows * atoms.columns)
    try columns.withUnsafeMutableBufferPointer { (target) throws(RecoveryError) in
      guard let start = target.baseAddress else { return }
      for j in 0..<atoms.columns { try atoms.copyStoredColumn(j, to: start + j * atoms.rows) }
    }
    return ArrayEngine(columns, rows: atoms.rows, identity: identity)
  }
}

private final class ArrayVector: EngineVector {
  var entries: [Double]
  init(_ count: Int) { entries = Array(repeating: 0, count: count) }
}

/// The atoms side by side.
private final class ArrayEngine: Engine {
  let identity: EngineIdentity
  let precision = Precision.double
  let rows: Int
  let columns: Int
  let residualsInPass = 1
  private let atoms: [Double]

  init(_ atoms: [Double], rows: Int, identity: EngineIdentity) {
    self.atoms = atoms
    self.rows = rows
    self.identity = identity
    columns = atoms.count / rows
  }

  private func own(_ vector: EngineVector) -> ArrayVector { vector.own() }

  func makeVector(_ space: VectorSpace) -> EngineVector {
    ArrayVector(space.count(rows: rows, columns: columns))
  }

  func write(_ values: [Double], to vector: EngineVector) { own(vector).entries = values }

  func read(_ vector: EngineVector) -> [Double] { own(vector).entries }

  func multiply(_ v: EngineVector, into r: EngineVector) {
    var image = [Double](repeating: 0, count: rows)
    for (j, c) in own(v).entries.enumerated() where c != 0 {
      for i in 0..<rows { image[i] += c * atoms[j * rows + i] }
    }
    own(r).entries = image
  }

  func correlate(_ r: EngineVector, into z: EngineVector) {
    let residual = own(r).entries
    own(z).entries = (0..<columns).map { j in
      var sum = 0.0
      for i in 0..<rows { sum += atoms[j * rows + i] * residual[i] }
      return sum
    }
  }

  func clear(_ z: EngineVector, at indices: [Int]) { for j in indices { own(z).entries[j] = 0 } }

  func add(_ alpha: Double, times u: EngineVector, to v: EngineVector) {
    let (u, v) = (own(u).entries, own(v))
    for i in u.indices { v.entries[i] += alpha * u[i] }
  }

  func combine(_ coefficients: [Double], of vectors: [EngineVector], into z: EngineVector) {
    own(z).entries = own(z).entries.map { _ in 0 }
    for (c, v) in zip(coefficients, vectors) { add(c, times: v, to: z) }
  }

  func largest(_ k: Int, of z: EngineVector) throws(RecoveryError) -> Selection {
    let entries = own(z).entries
    if let column = entries.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: column)
    }
    let keys = entries.map(\.selectionKey)
    let indices = entries.indices.sorted { (keys[$0], $1) > (keys[$1], $0) }.prefix(k).sorted()
    return Selection(indices: indices, values: indices.map { entries[$0] })
  }
}
