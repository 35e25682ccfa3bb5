import CCorrelation
import SparseCore

/// A complex matrix in host memory, as its real form: half of it is read, for twice as many vectors.
///
/// P is the matrix of the parts, 2m × n, and J the product with i in every row. Columns 2j of the real form are those of P,
/// columns 2j + 1 those of J P, so that Aᵀ r = (Pᵀ r, Pᵀ Jᵀ r) is one pass over P with two residuals, and
/// A x = P u + J P v for the parts u and v of x.
final class ComplexEngine<Scalar: BLASScalar>: GroupEngine<Scalar>, Engine {
  /// Half of what a pass over P takes.
  override var residualsInPass: Int { correlation_group / 2 }

  private let parts: DenseEngine<Scalar>
  /// The factors of the columns of the real form.
  private let scale: [Scalar]
  private let blocks: Blocks

  /// - Parameter parts: P, unscaled.
  init(_ parts: DenseEngine<Scalar>, scale: [Scalar]) {
    self.parts = parts
    self.scale = scale
    blocks = Blocks(count: scale.count, size: 8192, threads: parts.threads)
    super.init(
      rows: parts.rows, columns: scale.count, threads: parts.threads, identity: parts.identity)
  }

  /// r ← A D v: two passes over P.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply(_ v: EngineVector, into r: EngineVector) {
    let (v, r) = (v.own(Vector.self), r.own(Vector.self))
    precondition(v.count == columns && r.count == rows, "r = A D v has m entries, v has n")
    let (real, imaginary) = (Vector(columns / 2), Vector(columns / 2))
    for j in 0..<columns / 2 {
      real.entries[j] = scale[2 * j] * v.entries[2 * j]
      imaginary.entries[j] = scale[2 * j + 1] * v.entries[2 * j + 1]
    }
    let product = Vector(rows)
    parts.multiply(real, into: r)
    parts.multiply(imaginary, into: product)
    for i in stride(from: 0, to: rows, by: 2) {
      r.entries[i] -= product.entries[i + 1]
      r.entries[i + 1] += product.entries[i]
    }
  }

  /// z ← D Aᵀ r: one pass over P.
  func correlate(_ r: EngineVector, into z: EngineVector) { correlate([r], into: [z]) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  override func correlateGroup(
    _ residuals: [Vector], into correlations: [Vector], _ epilogue: Epilogue<Scalar>
  ) -> [Double] {
    let q = residuals.count
    let products = (0..<2 * q).map { _ in Vector(columns / 2) }
    // An array, unlike a vector, may be given back after its last use.
    defer { withExtendedLifetime(products) {} }
    _ = parts.correlateGroup(
      residuals + residuals.map(turned), into: products, Epilogue(offset: nil, zeros: []))
    nonisolated(unsafe) let (sources, targets) = (
      products.map(\.entries), correlations.map(\.entries)
    )
    let (scale, size) = (scale, blocks.size)
    var blockPeaks = [Scalar.Bits](repeating: 0, count: q * blocks.blockCount)
    blockPeaks.withUnsafeMutableBufferPointer { peaks in
      nonisolated(unsafe) let peaks = peaks
      blocks.forEach { start, length in
        for (p, z) in targets.enumerated() {
          // Blocks are of an even number of columns.
          for j in start / 2..<(start + length) / 2 {
            z[2 * j] = scale[2 * j] * sources[p][j]
            z[2 * j + 1] = scale[2 * j + 1] * sources[p + q][j]
          }
          peaks[start / size * q + p] = epilogue.finish(z, start..<start + length)
        }
      }
    }
    return largest(of: blockPeaks, q)
  }

  /// Jᵀ r: (Im r, −Re r) in every row.
  private func turned(_ r: Vector) -> Vector {
    let turned = Vector(rows)
    for i in stride(from: 0, to: rows, by: 2) {
      turned.entries[i] = r.entries[i + 1]
      turned.entries[i + 1] = -r.entries[i]
    }
    return turned
  }
}
