import SparseCore

/// A sparse matrix in host memory, in double precision. Its nonzeros are read once for every 32 residuals.
final class SparseEngine: GroupEngine<Double>, Engine {
  /// What a nonzero is multiplied by lies in four cache lines then.
  override var residualsInPass: Int { 32 }

  private let matrix: SparseMatrix
  private let scale: [Double]
  /// Columns with some 2¹⁴ nonzeros in a block.
  private let blocks: Blocks

  init(_ matrix: SparseMatrix, scale: [Double], threads: Int, identity: EngineIdentity) {
    self.matrix = matrix
    self.scale = scale
    let perColumn = max(1, matrix.nonzeros / matrix.columns)
    blocks = Blocks(
      count: matrix.columns, size: max(16, (1 << 14) / perColumn), threads: threads)
    super.init(
      rows: matrix.rows, columns: matrix.columns, threads: threads, identity: identity)
  }

  /// r ← A D v, column after column: 2 flops for each nonzero of the columns that v names.
  func multiply(_ v: EngineVector, into r: EngineVector) {
    let (v, r) = (v.own(Vector.self), r.own(Vector.self))
    precondition(v.count == columns && r.count == rows, "r = A D v has m entries, v has n")
    for i in 0..<rows { r.entries[i] = 0 }
    for j in 0..<columns where v.entries[j] != 0 {
      let c = scale[j] * v.entries[j]
      for e in matrix.starts[j]..<matrix.starts[j + 1] {
        r.entries[Int(matrix.rowIndices[e])] += c * matrix.values[e]
      }
    }
  }

  /// z ← D Aᵀ r.
  func correlate(_ r: EngineVector, into z: EngineVector) {
    correlate([r], into: [z])
  }

  override func correlateGroup(
    _ residuals: [Vector], into correlations: [Vector], _ epilogue: Epilogue<Double>
  ) -> [Double] {
    let q = residuals.count
    // Eight numbers, a cache line, at a time.
    let width = (q + Lanes.scalarCount - 1) / Lanes.scalarCount
    let packed = q == 1 ? [] : interleaved(residuals, width: width)
    nonisolated(unsafe) let targets = correlations.map(\.entries)
    nonisolated(unsafe) let single = residuals[0].entries
    let (matrix, scale, size) = (matrix, scale, blocks.size)
    var blockPeaks = [UInt64](repeating: 0, count: q * blocks.blockCount)
    blockPeaks.withUnsafeMutableBufferPointer { peaks in
      nonisolated(unsafe) let peaks = peaks
      packed.withUnsafeBufferPointer { packed in
        nonisolated(unsafe) let packed = packed
        blocks.forEach { start, length in
          for j in start..<start + length {
            let column = matrix.starts[j]..<matrix.starts[j + 1]
            if q == 1 {
              targets[0][j] = scale[j] * Self.sum(matrix, column, single)
            } else {
              for w in 0..<width {
                let sums = scale[j] * Self.sum(matrix, column, packed, w, of: width)
                for p in w * 8..<min(w * 8 + 8, q) { targets[p][j] = sums[p - w * 8] }
              }
            }
          }
          for (p, z) in targets.enumerated() {
            peaks[start / size * q + p] = epilogue.finish(z, start..<start + length)
          }
        }
      }
    }
    return largest(of: blockPeaks, q)
  }

  private typealias Lanes = SIMD8<Double>

  /// Σ a_i r_i over the nonzeros of a column.
  private static func sum(
    _ matrix: SparseMatrix, _ column: Range<Int>, _ r: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    for e in column { sum += matrix.values[e] * r[Int(matrix.rowIndices[e])] }
    return sum
  }

  /// The same for eight residuals.
  private static func sum(
    _ matrix: SparseMatrix, _ column: Range<Int>, _ r: UnsafeBufferPointer<Lanes>, _ w: Int,
    of width: Int
  ) -> Lanes {
    var sums = Lanes.zero
    for e in column { sums += matrix.values[e] * r[Int(matrix.rowIndices[e]) * width + w] }
    return sums
  }

  /// The residuals with their numbers of one row side by side, zeros behind them.
  private func interleaved(_ residuals: [Vector], width: Int) -> [Lanes] {
    var packed = [Lanes](repeating: .zero, count: rows * width)
    for (p, residual) in residuals.enumerated() {
      let (w, lane) = (p / Lanes.scalarCount, p % Lanes.scalarCount)
      for i in 0..<rows { packed[i * width + w][lane] = residual.entries[i] }
    }
    return packed
  }
}
