import CCorrelation
import COpenBLAS
import SparseCore

/// A in host memory, multiplied in blocks of columns or rows that depend on its shape alone: by OpenBLAS for one
/// residual, by a kernel of our own for a group of them.
final class DenseEngine<Scalar: BLASScalar>: GroupEngine<Scalar>, Engine {
  /// Thirty-two take about two and a half times as long as one, which take as long as A is read.
  override var residualsInPass: Int { correlation_group }

  /// So many are multiplied by OpenBLAS, one after another while a block is in the cache: the kernel takes as long for them as
  /// for eight, a fifth more on AVX2.
  private static var few: Int { 3 }

  private let matrix: Matrix<Scalar>
  private let leadingDimension: Int32
  /// Columns for few residuals, and for many.
  private let columnBlocks: Blocks
  private let groupBlocks: Blocks
  private let rowBlocks: Blocks
  /// The column scales where `matrix` holds A itself, or nil where it holds the atoms.
  private let scale: [Scalar]?
  private let scaledInput: Vector?
  /// What products with a group of residuals are computed with.
  private let instructions: correlation_instructions

  /// - Parameter scale: the factors of the columns, or nil when the columns are atoms already.
  /// - Throws: ``RecoveryError/matrixTooLarge(rows:columns:)``.
  init(
    _ matrix: Matrix<Scalar>, scale: [Scalar]?, threads: Int, identity: EngineIdentity,
    instructions: correlation_instructions
  ) throws(RecoveryError) {
    guard let leadingDimension = Int32(exactly: matrix.leadingDimension) else {
      throw .matrixTooLarge(rows: matrix.rows, columns: matrix.columns)
    }
    self.matrix = matrix
    self.leadingDimension = leadingDimension
    self.scale = scale
    self.instructions = instructions
    // About 256 KB of columns, a multiple of what a kernel takes at once; rows long enough to read
    // whole cache lines and pages of each column.
    let columnBytes = matrix.rows * MemoryLayout<Scalar>.stride
    columnBlocks = Blocks(
      count: matrix.columns, size: max(16, (256 << 10) / columnBytes / 16 * 16), threads: threads)
    // A multiple of the six columns that the kernel takes at once. Every block reads all residuals: where
    // they leave the second cache it is a larger one.
    groupBlocks = Blocks(
      count: matrix.columns, size: matrix.rows > 4096 ? 96 : 48, threads: threads)
    rowBlocks = Blocks(count: matrix.rows, size: 512, threads: threads)
    scaledInput = scale.map { Vector($0.count) }
    super.init(
      rows: matrix.rows, columns: matrix.columns, threads: threads, identity: identity)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply(_ v: EngineVector, into r: EngineVector) {
    let (v, r) = (v.own(Vector.self), r.own(Vector.self))
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
  func correlate(_ r: EngineVector, into z: EngineVector) {
    let (r, z) = (r.own(Vector.self), z.own(Vector.self))
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
  override func correlateGroup(
    _ residuals: [Vector], into correlations: [Vector], _ epilogue: Epilogue<Scalar>
  ) -> [Double] {
    let (m, q) = (rows, residuals.count)
    let isFew = q <= Self.few
    let lanes = (q + Scalar.laneMultiple - 1) / Scalar.laneMultiple * Scalar.laneMultiple
    let packed = isFew ? nil : interleaved(residuals, lanes: lanes)
    nonisolated(unsafe) let (a, b) = (matrix.elements, packed?.entries)
    nonisolated(unsafe) let (sources, targets) = (
      residuals.map(\.entries), correlations.map(\.entries)
    )
    let (lda, columnStride, scale) = (leadingDimension, matrix.leadingDimension, scale)
    let blocks = isFew ? columnBlocks : groupBlocks
    let (blockSize, instructions) = (blocks.size, instructions)
    var blockPeaks = [Scalar.Bits](repeating: 0, count: q * blocks.blockCount)
    blockPeaks.withUnsafeMutableBufferPointer { peaks in
      nonisolated(unsafe) let peaks = peaks
      blocks.forEach { start, length in
        let columns = a + start * columnStride
        if let b {
          withUnsafeTemporaryAllocation(of: Scalar.self, capacity: length * lanes) { block in
            guard let sums = block.baseAddress else { return }
            Scalar.correlate(m, length, columns, columnStride, b, lanes: lanes, sums, instructions)
            for (p, z) in targets.enumerated() {
              for j in 0..<length { z[start + j] = sums[p + j * lanes] }
            }
          }
        } else {
          // From the second residual on the block is in the cache.
          for (r, z) in zip(sources, targets) {
            Scalar.gemv(CblasTrans, Int32(m), Int32(length), columns, lda, r, z + start)
          }
        }
        for (p, z) in targets.enumerated() {
          if let scale {
            for j in start..<start + length { z[j] *= scale[j] }
          }
          peaks[start / blockSize * q + p] = epilogue.finish(z, start..<start + length)
        }
      }
    }
    return largest(of: blockPeaks, q)
  }

  /// The residuals with their numbers of one row side by side, zeros behind them up to `lanes`.
  private func interleaved(_ residuals: [Vector], lanes: Int) -> Vector {
    let packed = Vector(rows * lanes)
    nonisolated(unsafe) let (target, sources) = (packed.entries, residuals.map(\.entries))
    rowBlocks.forEach { start, length in
      for (p, source) in sources.enumerated() {
        for i in start..<start + length { target[p + i * lanes] = source[i] }
      }
    }
    return packed
  }
}
