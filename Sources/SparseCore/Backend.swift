/// A place where products with A can run: the plain reference, the processor, a GPU.
///
/// Adding a backend means adding a folder with one type for the place and one for the engine; the
/// solvers know neither.
public protocol Backend: Sendable {
  /// Which place this is.
  var identity: EngineIdentity { get }

  /// Puts the atoms where they are worked on, once.
  ///
  /// Bytes moved: none where A already has the wanted precision and lies in reach, else
  /// m · n · ``Precision/byteCount``.
  ///
  /// - Throws: ``RecoveryError/precisionUnsupported(device:precision:)`` or
  ///   ``RecoveryError/deviceFailure(device:call:code:detail:)``.
  func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine
}

/// The atoms A·D on a backend, with the vectors that live beside them.
///
/// m is the number of rows, n of columns, D the diagonal of column scales, b the bytes of a number
/// in the engine's precision. Every reduction has a fixed order: two runs on one device give the
/// same bits. An engine serves one solve at a time, whose threads call it in turns. Every requirement throws
/// ``RecoveryError/deviceFailure(device:call:code:detail:)`` when the device does.
public protocol Engine: AnyObject {
  /// Which engine this is.
  var identity: EngineIdentity { get }
  /// The precision of every vector and product.
  var precision: Precision { get }
  /// The number of rows, m.
  var rows: Int { get }
  /// The number of columns, n.
  var columns: Int { get }
  /// How many residuals ``correlate(_:into:)-([EngineVector],_)`` takes in one pass over A.
  var residualsInPass: Int { get }
  /// The largest ‖ã_j − a_j‖₂ / ‖a_j‖₂ of an atom ã_j as stored, where A is stored less precisely than
  /// the engine computes; else 0. By Cauchy and Schwarz, ``correlate(_:into:)-(EngineVector,_)`` is off by
  /// so much times ‖a_j‖ ‖r‖ beside its rounding.
  var storageRoundoff: Double { get }

  /// How many threads of the host a solver may use for work of its own.
  var threads: Int { get }

  /// A new vector of zeros.
  func makeVector(_ space: VectorSpace) throws(RecoveryError) -> EngineVector

  /// v ← values, rounded to the engine's precision. b · count bytes to the engine.
  func write(_ values: [Double], to vector: EngineVector) throws(RecoveryError)

  /// v_p ← values_p for vectors of one length, no two of them one vector: what ``write(_:to:)-([Double],_)`` does for each,
  /// in fewer transfers where an engine can.
  func write(_ values: [[Double]], to vectors: [EngineVector]) throws(RecoveryError)

  /// The entries of v. b · count bytes from the engine; waits for it.
  func read(_ vector: EngineVector) throws(RecoveryError) -> [Double]

  /// r ← A D v, with v of length n and r of length m. One pass over A: b · m · n bytes.
  func multiply(_ v: EngineVector, into r: EngineVector) throws(RecoveryError)

  /// z ← D Aᵀ r, with r of length m and z of length n. One pass over A: b · m · n bytes.
  func correlate(_ r: EngineVector, into z: EngineVector) throws(RecoveryError)

  /// z_p ← D Aᵀ r_p for every p: as many correlations as residuals, no two of them one vector.
  ///
  /// One pass over A for each ``residualsInPass`` of them: b · m · n bytes a pass.
  func correlate(_ residuals: [EngineVector], into correlations: [EngineVector])
    throws(RecoveryError)

  /// z_p ← D Aᵀ r_p + offset for every p, then z_p ← 0 at ascending `indices`: answers max_j |z_pj|.
  ///
  /// Bytes moved: those of the correlations, b · n for the offset and n / 8 for new indices to the
  /// engine, b for each residual back. Waits for these: one synchronisation.
  ///
  /// - Throws: ``RecoveryError/nonFiniteCorrelation(engine:column:)`` when a z_p holds a NaN.
  func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double]

  /// As ``correlate(_:into:adding:outside:)``, and the `count` largest entries of z_place, for engines that find
  /// both in one wait.
  ///
  /// An engine may answer nil for these, where ``largest(_:of:)-(_,EngineVector)`` afterwards costs no more.
  ///
  /// Bytes moved: those of both. One synchronisation.
  func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int], selecting count: Int, of place: Int
  ) throws(RecoveryError) -> (peaks: [Double], largest: Selection?)

  /// z_S ← 0, for ascending indices S. |S| numbers written.
  func clear(_ z: EngineVector, at indices: [Int]) throws(RecoveryError)

  /// v ← v + α u. 3 · b · count bytes.
  func add(_ alpha: Double, times u: EngineVector, to v: EngineVector) throws(RecoveryError)

  /// z ← Σ_p c_p v_p, added up in the order given, for vectors of the length of z, none of them z.
  ///
  /// b · n bytes for each vector and for z, and a little more where there are many. No vectors: z ← 0.
  func combine(
    _ coefficients: [Double], of vectors: [EngineVector], into z: EngineVector
  ) throws(RecoveryError)

  /// The k entries of z of largest magnitude, ties to the lowest index, for 1 ≤ k ≤ n.
  ///
  /// Magnitudes that differ by rounding only tie: see ``Precision/ignoredBits``.
  ///
  /// Reads z a few times: O(b · n) bytes, and 16 · k bytes from the engine. Waits for it: this is
  /// the one synchronisation of an iteration.
  ///
  /// - Throws: ``RecoveryError/nonFiniteCorrelation(engine:column:)`` when z holds a NaN.
  func largest(_ k: Int, of z: EngineVector) throws(RecoveryError) -> Selection

  /// The k rows of largest norm of a matrix whose columns are vectors of one length: row j is (z_1j, …, z_Lj), its norm
  /// (Σ_l z_lj²)^½, added up in that order. Ties go to the lowest index; the answer has every entry of these rows.
  ///
  /// Norms that differ by rounding only tie, as for one vector: ``Precision/ignoredBits``. Entries are brought near one by
  /// a power of two first where the largest is far from it, so that squares stay in the range; what they lose is far below
  /// what a selection tells apart from the largest (``rowNorms(of:planes:)``). One vector is selected from as
  /// ``largest(_:of:)-(_,EngineVector)`` does.
  ///
  /// Reads every vector a few times: O(b · L · n) bytes, and k · (b · L + 8) bytes from the engine. Waits for it.
  ///
  /// - Throws: ``RecoveryError/nonFiniteCorrelation(engine:column:)`` when a row holds a NaN.
  func largest(_ k: Int, of planes: [EngineVector]) throws(RecoveryError) -> SparseVector
}

extension Engine {
  /// None: A is stored at least as precisely as the engine computes.
  public var storageRoundoff: Double { 0 }

  /// As many as there are cores.
  public var threads: Int { AvailableCores.count }

  /// One after another.
  public func write(_ values: [[Double]], to vectors: [EngineVector]) throws(RecoveryError) {
    precondition(values.count == vectors.count, "one list a vector")
    for (values, vector) in zip(values, vectors) { try write(values, to: vector) }
  }

  /// One after another.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector]
  ) throws(RecoveryError) {
    precondition(residuals.count == correlations.count, "one result a residual")
    for (r, z) in zip(residuals, correlations) { try correlate(r, into: z) }
  }

  /// The correlations, then each by itself: the offset, the zeros, and the largest magnitude, for which it
  /// is read.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    try correlate(residuals, into: correlations)
    return try correlations.map { (z) throws(RecoveryError) in
      if let offset { try add(1, times: offset, to: z) }
      try clear(z, at: indices)
      let entries = try read(z)
      if let column = entries.firstIndex(where: \.isNaN) {
        throw .nonFiniteCorrelation(engine: identity.name, column: column)
      }
      return entries.reduce(0) { max($0, abs($1)) }
    }
  }

  /// Norms of rows on the host, for which every vector is read, and a selection from a vector of these.
  public func largest(_ k: Int, of planes: [EngineVector]) throws(RecoveryError) -> SparseVector {
    if planes.count == 1 { return SparseVector(try largest(k, of: planes[0])) }
    var entries: [Double] = []
    for plane in planes { entries += try read(plane) }
    let count = entries.count / planes.count
    if let place = entries.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: place % count)
    }
    let norms = try makeVector(.numbers(count))
    try write(rowMagnitudes(of: entries, planes: planes.count), to: norms)
    let rows = try largest(k, of: norms).indices
    return SparseVector(
      support: rows,
      coefficients: planes.indices.flatMap { l in rows.map { entries[l * count + $0] } })
  }

  /// The peaks alone.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int], selecting count: Int, of place: Int
  ) throws(RecoveryError) -> (peaks: [Double], largest: Selection?) {
    (try correlate(residuals, into: correlations, adding: offset, outside: indices), nil)
  }
}

/// What a vector of an engine is one of.
public enum VectorSpace: Sendable {
  /// A residual: m numbers, one a row.
  case residual
  /// Correlations or an exploratory vector: n numbers, one a column.
  case correlation
  /// So many numbers, that no product takes: for what is computed or measured beside.
  case numbers(Int)

  /// How many numbers that is on an engine of m rows and n columns.
  public func count(rows m: Int, columns n: Int) -> Int {
    switch self {
    case .residual: m
    case .correlation: n
    case .numbers(let count): count
    }
  }
}

/// A vector where an engine works: every engine has a subclass of its own, and takes no other.
///
/// Not `Sendable`: it belongs to the engine that made it.
open class EngineVector {
  /// For subclasses.
  public init() {}

  /// The vector as its engine made it: 3 ns.
  public final func own<Own: EngineVector>(_ type: Own.Type = Own.self) -> Own {
    guard let own = self as? Own else { preconditionFailure("a vector of another engine") }
    return own
  }
}

/// Which engine did the work, as results report it.
public struct EngineIdentity: Equatable, Sendable, Codable, CustomStringConvertible {
  /// `reference`, `cpu` or `opencl`.
  public let name: String
  /// The processor or the device.
  public let device: String
  /// The library behind the matrix-vector products, with its version.
  public let library: String

  /// Names an engine.
  public init(name: String, device: String, library: String) {
    self.name = name
    self.device = device
    self.library = library
  }

  /// One line for a person.
  public var description: String { "\(name) (\(device), \(library))" }
}
