import COpenBLAS
import SparseCore

/// Products with A, in blocks of columns or rows that depend on its shape alone.
extension CPUEngine {
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
    _ = correlate(residuals, into: correlations, Epilogue(offset: nil, zeros: []))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func correlate(
    _ residuals: [Vector], into correlations: [Vector], adding offset: Vector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    precondition(offset?.count ?? columns == columns, "an offset of n entries")
    let epilogue = Epilogue<Scalar>(offset: offset?.entries, zeros: indices)
    let peaks = correlate(residuals, into: correlations, epilogue)
    for (z, peak) in zip(correlations, peaks) where peak.isNaN {
      let entries = UnsafeBufferPointer(start: z.entries, count: z.count)
      throw .nonFiniteCorrelation(
        engine: identity.name, column: entries.firstIndex(where: \.isNaN) ?? 0)
    }
    return peaks
  }

  /// The correlations of all residuals, and the largest magnitude of each.
  private func correlate(
    _ residuals: [Vector], into correlations: [Vector], _ epilogue: Epilogue<Scalar>
  ) -> [Double] {
    precondition(residuals.count == correlations.count, "one result a residual")
    // More at a time than a pass needs to pay, where they stay in the second cache: larger products
    // run at a higher rate.
    let bytes = rows * MemoryLayout<Scalar>.stride
    let size = max(residualsInPass, min(64, (256 << 10) / bytes))
    return stride(from: 0, to: residuals.count, by: size).flatMap { first in
      let group = first..<min(first + size, residuals.count)
      return correlateGroup(Array(residuals[group]), into: Array(correlations[group]), epilogue)
    }
  }

  private func correlateGroup(
    _ residuals: [Vector], into correlations: [Vector], _ epilogue: Epilogue<Scalar>
  ) -> [Double] {
    let (m, q) = (rows, residuals.count)
    let packed = Vector(m * q)
    for (p, r) in residuals.enumerated() {
      (packed.entries + p * m).update(from: r.entries, count: m)
    }
    nonisolated(unsafe) let (a, b) = (matrix.elements, packed.entries)
    nonisolated(unsafe) let targets = correlations.map(\.entries)
    let (lda, columnStride, scale) = (leadingDimension, matrix.leadingDimension, scale)
    let blockSize = columnBlocks.size
    var blockPeaks = [Scalar.Bits](repeating: 0, count: q * columnBlocks.blockCount)
    blockPeaks.withUnsafeMutableBufferPointer { peaks in
      nonisolated(unsafe) let peaks = peaks
      columnBlocks.forEach { start, length in
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: length * q) { block in
          guard let c = block.baseAddress else { return }
          Scalar.gemm(Int32(m), Int32(length), Int32(q), a + start * columnStride, lda, b, c)
          for (p, z) in targets.enumerated() {
            for j in 0..<length { z[start + j] = c[j + p * length] * (scale?[start + j] ?? 1) }
            peaks[start / blockSize * q + p] = epilogue.finish(z, start..<start + length)
          }
        }
      }
    }
    return (0..<q).map { p in
      let largest = stride(from: p, to: blockPeaks.count, by: q).reduce(0) {
        max($0, blockPeaks[$1])
      }
      return Double(Scalar(magnitudeBits: largest))
    }
  }
}
