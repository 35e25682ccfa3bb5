import SparseCore

/// What engines in host memory do with vectors; the products with A are those of the subclasses.
///
/// Solvers call through the protocol, where the compiler does not know the precision: each
/// requirement is specialised by hand, without which it would run forty times slower.
class HostVectors<Scalar: BLASScalar> {
  typealias Vector = HostVector<Scalar>

  let identity: EngineIdentity
  let rows: Int
  let columns: Int
  var precision: Precision { Scalar.precision }
  let threads: Int
  private var selector = Selector<Scalar>()
  /// Norms of rows, to select from.
  private var norms = Vector(1)

  init(rows: Int, columns: Int, threads: Int, identity: EngineIdentity) {
    self.rows = rows
    self.columns = columns
    self.threads = threads
    self.identity = identity
  }

  func makeVector(_ space: VectorSpace) -> EngineVector {
    Vector(space.count(rows: rows, columns: columns))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func write(_ values: [Double], to vector: EngineVector) {
    let vector = vector.own(Vector.self)
    precondition(values.count == vector.count, "one value an entry")
    for i in values.indices { vector.entries[i] = Scalar(values[i]) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ vector: EngineVector) -> [Double] {
    let vector = vector.own(Vector.self)
    return UnsafeBufferPointer(start: vector.entries, count: vector.count).map(Double.init)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func clear(_ z: EngineVector, at indices: [Int]) {
    let z = z.own(Vector.self)
    for j in indices { z.entries[j] = 0 }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func add(_ alpha: Double, times u: EngineVector, to v: EngineVector) {
    let (u, v) = (u.own(Vector.self), v.own(Vector.self))
    precondition(u.count == v.count, "vectors of one length")
    let alpha = Scalar(alpha)
    for i in 0..<v.count { v.entries[i] += alpha * u.entries[i] }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func combine(_ coefficients: [Double], of vectors: [EngineVector], into z: EngineVector) {
    let (vectors, z) = (vectors.map { $0.own(Vector.self) }, z.own(Vector.self))
    precondition(coefficients.count == vectors.count, "one coefficient a vector")
    precondition(vectors.allSatisfy { $0.count == z.count && $0 !== z }, "vectors of one length")
    nonisolated(unsafe) let (sums, terms) = (z.entries, vectors.map(\.entries))
    let factors = coefficients.map { Scalar($0) }
    // A block of z stays in the first-level cache while every vector is added to it.
    Blocks(count: z.count, size: 2048, threads: threads).forEach { start, length in
      (sums + start).update(repeating: 0, count: length)
      for (factor, v) in zip(factors, terms) {
        for i in start..<start + length { sums[i] += factor * v[i] }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func largest(_ k: Int, of z: EngineVector) throws(RecoveryError) -> Selection {
    let z = z.own(Vector.self)
    let selection = selector.largest(
      k, of: UnsafeBufferPointer(start: z.entries, count: z.count))
    if let place = selection.values.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: selection.indices[place])
    }
    return selection
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func largest(_ k: Int, of planes: [EngineVector]) throws(RecoveryError) -> SparseVector {
    if planes.count == 1 { return SparseVector(try largest(k, of: planes[0])) }
    let planes = planes.map { $0.own(Vector.self) }
    let count = planes[0].count
    precondition(planes.allSatisfy { $0.count == count }, "vectors of one length")
    if norms.count != count { norms = Vector(count) }
    nonisolated(unsafe) let (sources, target) = (planes.map(\.entries), norms.entries)
    // A block of the norms stays in the first-level cache while every plane is added to it.
    let blocks = Blocks(count: count, size: 2048, threads: threads)
    var peaks = [Scalar.Bits](repeating: 0, count: blocks.blockCount)
    peaks.withUnsafeMutableBufferPointer { peaks in
      nonisolated(unsafe) let peaks = peaks
      blocks.forEach { start, length in
        peaks[start / blocks.size] = sources.reduce(0) { peak, source in
          (start..<start + length).reduce(peak) { max($0, source[$1].magnitudeBits) }
        }
      }
    }
    let exponent = [Double(Scalar(magnitudeBits: peaks.reduce(0, max)))].largestExponent
    let isNearOne = abs(exponent) <= Scalar.precision.exponentsNearOne
    let half = isNearOne ? 0 : -exponent / 2
    let (one, other) = (
      Scalar(1.0.scaled(by: half)), Scalar(1.0.scaled(by: isNearOne ? 0 : -exponent - half))
    )
    blocks.forEach { start, length in
      (target + start).update(repeating: 0, count: length)
      for source in sources {
        for j in start..<start + length {
          let entry = source[j] * one * other
          target[j] += entry * entry
        }
      }
      for j in start..<start + length { target[j].formSquareRoot() }
    }
    let rows = try largest(k, of: norms).indices
    return SparseVector(
      support: rows, coefficients: planes.flatMap { z in rows.map { Double(z.entries[$0]) } })
  }
}

/// A vector in host memory.
final class HostVector<Scalar: BLASScalar>: EngineVector {
  let count: Int
  let entries: UnsafeMutablePointer<Scalar>

  init(_ count: Int) {
    self.count = count
    entries = .allocate(capacity: count)
    entries.initialize(repeating: 0, count: count)
  }

  deinit { entries.deallocate() }
}
