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

  private let matrix: Matrix<Scalar>
  private let leadingDimension: Int32
  private let columnBlocks: Blocks
  private let rowBlocks: Blocks
  /// The column scales where `matrix` holds A itself, or nil where it holds the atoms.
  private let scale: [Scalar]?
  private let scaledInput: Vector?
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
  func multiply(_ v: Vector, into r: Vector) {
    precondition(v.count == columns && r.count == rows, "r = A D v has m entries, v has n")
    var input = v
    if let scale, let scaledInput {
      for j in 0..<columns { scaledInput.entries[j] = scale[j] * v.entries[j] }
      input = scaledInput
    }
    nonisolated(unsafe) let (a, x, y) = (matrix.elements, input.entries, r.entries)
    let (n, lda) = (Int32(columns), leadingDimension)
    rowBlocks.forEach { start, length in
      Scalar.gemv(CblasNoTrans, Int32(length), n, a + start, lda, x, y + start)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func correlate(_ r: Vector, into z: Vector) {
    precondition(r.count == rows && z.count == columns, "z = D Aᵀ r has n entries, r has m")
    // b · (m · n + m + n) bytes: A once, r from cache, z.
    nonisolated(unsafe) let (a, x, y) = (matrix.elements, r.entries, z.entries)
    let (m, lda) = (Int32(rows), leadingDimension)
    let (columnStride, scale) = (matrix.leadingDimension, scale)
    columnBlocks.forEach { start, length in
      Scalar.gemv(CblasTrans, m, Int32(length), a + start * columnStride, lda, x, y + start)
      guard let scale else { return }
      for j in start..<start + length { y[j] *= scale[j] }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func correlate(_ residuals: [Vector], into correlations: [Vector]) {
    precondition(residuals.count == correlations.count, "one result a residual")
    for first in stride(from: 0, to: residuals.count, by: residualsInPass) {
      let group = first..<min(first + residualsInPass, residuals.count)
      correlateGroup(Array(residuals[group]), into: Array(correlations[group]))
    }
  }

  private func correlateGroup(_ residuals: [Vector], into correlations: [Vector]) {
    let (m, q) = (rows, residuals.count)
    let packed = Vector(m * q)
    for (p, r) in residuals.enumerated() {
      (packed.entries + p * m).update(from: r.entries, count: m)
    }
    nonisolated(unsafe) let (a, b) = (matrix.elements, packed.entries)
    nonisolated(unsafe) let targets = correlations.map(\.entries)
    let (lda, columnStride, scale) = (leadingDimension, matrix.leadingDimension, scale)
    columnBlocks.forEach { start, length in
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: length * q) { block in
        guard let c = block.baseAddress else { return }
        Scalar.gemm(Int32(m), Int32(length), Int32(q), a + start * columnStride, lda, b, c)
        for (p, z) in targets.enumerated() {
          for j in 0..<length { z[start + j] = c[j + p * length] * (scale?[start + j] ?? 1) }
        }
      }
    }
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
