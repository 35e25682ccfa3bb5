import ReferenceBackend
public import SparseCore
import SyntheticProblems
import Testing

/// What every backend must do as plain loops do: products within the rounding of their sums at awkward
/// shapes, vectors that update to the bit, selections that are exact and break ties to the left.
///
/// - Parameter precisions: those that the backend computes in.
public func expectConformance(
  of backend: any Backend, precisions: [Precision] = Precision.allCases, seed: UInt64 = 11
) throws {
  for precision in precisions {
    for (m, n) in awkwardShapes {
      var generator = SeededGenerator(seed: seed)
      // Columns 3 elements further apart than they are long, with NaN in between.
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(m, n, padding: 3)))
      try expectProductsAgree(
        backend.load(atoms, precision: precision),
        ReferenceBackend().load(atoms, precision: .double), atoms, seed: seed + 1)
    }
    let one = try Matrix<Double>(rows: 1, columns: 1, columnMajor: [1])
    let engine = try backend.load(Atoms(DenseMatrix.double(one)), precision: precision)
    for count in [1, 7, 4097] {
      try expectVectorsUpdate(engine, count: count)
      try expectWritesTogether(engine, count: count)
    }
    try expectRowSelections(engine)
    for distribution in Distribution.allCases {
      let values = distribution.values(1000)
      let ranking = ranking(of: values, precision)
      let vector = try engine.makeVector(.numbers(values.count))
      try engine.write(values, to: vector)
      for k in [1, 2, 25, 999, 1000] {
        let found = try engine.largest(k, of: vector)
        #expect(found == selection(k, of: values, ranking), "\(k) of \(distribution)")
      }
    }
  }
}

/// The definition of a selection, first half: all indices by falling magnitude, ignored bits rounded
/// away, then by rising index.
package func ranking(of z: [Double], _ precision: Precision) -> [Int] {
  let magnitudes = z.map { value in
    guard precision == .double, value.isFinite else { return abs(value) }
    let grid = value.ulp * 0x1p20
    return grid * (abs(value) / grid).rounded()
  }
  return magnitudes.withUnsafeBufferPointer { magnitudes in
    magnitudes.indices.sorted { (magnitudes[$0], $1) > (magnitudes[$1], $0) }
  }
}

/// The definition, second half: the first k of the ranking, in ascending order.
package func selection(_ k: Int, of z: [Double], _ ranking: [Int]) -> Selection {
  let indices = ranking.prefix(k).sorted()
  return Selection(indices: indices, values: indices.map { z[$0] })
}
