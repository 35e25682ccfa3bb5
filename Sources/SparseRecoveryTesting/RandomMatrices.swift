package import SparseCore

extension SeededGenerator {
  /// `count` numbers uniform on [−1, 1).
  package mutating func symmetric(_ count: Int) -> [Double] {
    (0..<count).map { _ in 2 * uniform() - 1 }
  }

  /// A matrix with entries uniform on [−1, 1), its columns `padding` elements further apart than
  /// they are long; what lies between them is NaN, so that nobody reads it unnoticed.
  package mutating func matrix<Scalar: MatrixScalar>(
    _ rows: Int, _ columns: Int, padding: Int = 0, of type: Scalar.Type = Double.self
  ) throws -> Matrix<Scalar> {
    let stride = rows + padding
    let entries = symmetric(rows * columns)
    let bytes = try OwnedBytes(count: stride * columns * MemoryLayout<Scalar>.stride)
    let target = bytes.region.bindMemory(to: Scalar.self)
    target.initialize(repeating: .nan)
    for j in 0..<columns {
      for i in 0..<rows { target[i + j * stride] = Scalar(entries[i + j * rows]) }
    }
    return try Matrix(rows: rows, columns: columns, leadingDimension: stride, storage: bytes)
  }
}

/// Shapes that find the loop ends: one, a little more, and nothing divisible by anything.
package let awkwardShapes: [(rows: Int, columns: Int)] = [
  (1, 1), (1, 7), (7, 1), (7, 7), (64, 32), (333, 1001),
]

extension Atoms {
  /// Atom `j` as an array.
  package func storedColumn(_ j: Int) throws -> [Double] {
    var atom = [Double](repeating: 0, count: rows)
    try atom.withUnsafeMutableBufferPointer { (target) throws(RecoveryError) in
      if let start = target.baseAddress { try copyStoredColumn(j, to: start) }
    }
    return atom
  }
}
