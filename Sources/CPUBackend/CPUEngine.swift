import COpenBLAS
import SparseCore

/// The atoms in host memory, worked on by OpenBLAS.
///
/// Solvers call through the protocol, where the compiler does not know the precision: each
/// requirement is specialised by hand, without which it would run forty times slower.
final class CPUEngine<Scalar: BLASScalar>: Engine {
  typealias Vector = CPUVector<Scalar>

  let identity: EngineIdentity
  var precision: Precision { Scalar.precision }
  var rows: Int { matrix.rows }
  var columns: Int { matrix.columns }
  /// Sixteen take about twice the time of one, and stay in the cache beside a block of A.
  var residualsInPass: Int { 16 }

  let matrix: Matrix<Scalar>
  let leadingDimension: Int32
  let columnBlocks: Blocks
  let rowBlocks: Blocks
  /// The column scales where `matrix` holds A itself, or nil where it holds the atoms.
  let scale: [Scalar]?
  let scaledInput: Vector?
  private var selector = Selector<Scalar>()

  /// - Parameter scale: the factors of the columns, or nil when the columns are atoms already.
  /// - Throws: ``RecoveryError/matrixTooLarge(rows:columns:)``.
  init(
    _ matrix: Matrix<Scalar>, scale: [Scalar]?, threads: Int, identity: EngineIdentity
  ) throws(RecoveryError) {
    guard let leadingDimension = Int32(exactly: matrix.leadingDimension) else {
      throw .matrixTooLarge(rows: matrix.rows, columns: matrix.columns)
    }
    self.matrix = matrix
    self.leadingDimension = leadingDimension
    self.scale = scale
    self.identity = identity
    // About 256 KB of columns, a multiple of what a kernel takes at once; rows long enough to read
    // whole cache lines and pages of each column.
    let columnBytes = matrix.rows * MemoryLayout<Scalar>.stride
    columnBlocks = Blocks(
      count: matrix.columns, size: max(16, (256 << 10) / columnBytes / 16 * 16), threads: threads)
    rowBlocks = Blocks(count: matrix.rows, size: 512, threads: threads)
    scaledInput = scale.map { Vector($0.count) }
  }

  func makeVector(_ count: Int) -> Vector { Vector(count) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func write(_ values: [Double], to vector: Vector) {
    precondition(values.count == vector.count, "one value an entry")
    for i in values.indices { vector.entries[i] = Scalar(values[i]) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ vector: Vector) -> [Double] {
    UnsafeBufferPointer(start: vector.entries, count: vector.count).map(Double.init)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func clear(_ z: Vector, at indices: [Int]) {
    for j in indices { z.entries[j] = 0 }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func add(_ alpha: Double, times u: Vector, to v: Vector) {
    precondition(u.count == v.count, "vectors of one length")
    let alpha = Scalar(alpha)
    for i in 0..<v.count { v.entries[i] += alpha * u.entries[i] }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func combine(_ coefficients: [Double], of vectors: [Vector], into z: Vector) {
    precondition(coefficients.count == vectors.count, "one coefficient a vector")
    precondition(vectors.allSatisfy { $0.count == z.count && $0 !== z }, "vectors of one length")
    nonisolated(unsafe) let (sums, terms) = (z.entries, vectors.map(\.entries))
    let factors = coefficients.map { Scalar($0) }
    // A block of z stays in the first-level cache while every vector is added to it.
    Blocks(count: z.count, size: 2048, threads: columnBlocks.threads).forEach { start, length in
      (sums + start).update(repeating: 0, count: length)
      for (factor, v) in zip(factors, terms) {
        for i in start..<start + length { sums[i] += factor * v[i] }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func largest(_ k: Int, of z: Vector) throws(RecoveryError) -> Selection {
    let selection = selector.largest(
      k, of: UnsafeBufferPointer(start: z.entries, count: z.count))
    if let place = selection.values.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: selection.indices[place])
    }
    return selection
  }
}

/// A vector in host memory.
final class CPUVector<Scalar: BLASScalar> {
  let count: Int
  let entries: UnsafeMutablePointer<Scalar>

  init(_ count: Int) {
    self.count = count
    entries = .allocate(capacity: count)
    entries.initialize(repeating: 0, count: count)
  }

  deinit { entries.deallocate() }
}
