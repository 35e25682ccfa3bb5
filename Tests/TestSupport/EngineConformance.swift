package import SparseCore
import SyntheticProblems
import Testing

/// What every engine must do as the reference does, at one shape.
///
/// The tolerance of a product is that of its sum: 8 · ε · Σ|aᵢxᵢ| plus one rounding of each factor,
/// in the precision of the engine.
package func expectProductsAgree<E: Engine, R: Engine>(
  _ engine: E, _ reference: R, _ atoms: Atoms, seed: UInt64
) throws {
  var generator = SeededGenerator(seed: seed)
  let (m, n) = (atoms.rows, atoms.columns)
  let columns = (0..<n).map(atoms.atom)
  let r = generator.symmetric(m)
  let v = generator.symmetric(n)

  // What stood in the result before must not matter, NaN included.
  let correlations = try engine.result(n) { try engine.correlate(engine.vector(r), into: $0) }
  let expected = try reference.result(n) { try reference.correlate(reference.vector(r), into: $0) }
  for j in 0..<n {
    let size = zip(columns[j], r).reduce(0) { $0 + abs($1.0 * $1.1) }
    #expect(
      abs(correlations[j] - expected[j])
        <= 2 * dotTolerance(sumOfMagnitudes: size, engine.precision))
  }

  let image = try engine.result(m) { try engine.multiply(engine.vector(v), into: $0) }
  let expectedImage = try reference.result(m) {
    try reference.multiply(reference.vector(v), into: $0)
  }
  for i in 0..<m {
    let size = (0..<n).reduce(0) { $0 + abs(columns[$1][i] * v[$1]) }
    #expect(
      abs(image[i] - expectedImage[i])
        <= 2 * dotTolerance(sumOfMagnitudes: size, engine.precision))
  }

  try expectCorrelationsAgree(engine, reference, atoms, counts: [1, 2, 8, 9], seed: seed)
}

/// Several residuals correlated at once, as the reference correlates them, within the same tolerance.
///
/// Unit columns bound Σ|aᵢrᵢ| by ‖r‖₂.
package func expectCorrelationsAgree<E: Engine, R: Engine>(
  _ engine: E, _ reference: R, _ atoms: Atoms, counts: [Int], seed: UInt64
) throws {
  var generator = SeededGenerator(seed: seed)
  let residuals = (0..<(counts.max() ?? 0)).map { _ in generator.symmetric(atoms.rows) }
  let expected = try reference.correlations(residuals, columns: atoms.columns)
  for count in counts {
    let found = try engine.correlations(Array(residuals[..<count]), columns: atoms.columns)
    for p in 0..<count {
      let size = residuals[p].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let tolerance = 2 * dotTolerance(sumOfMagnitudes: size, engine.precision)
      #expect(
        zip(found[p], expected[p]).allSatisfy { abs($0 - $1) <= tolerance },
        "residual \(p) of \(count)")
    }
  }
}

/// Updates of vectors: entries are set, added and cleared where asked and nowhere else.
package func expectVectorsUpdate<E: Engine>(_ engine: E, count: Int) throws {
  let vector = try engine.makeVector(count)
  #expect(try engine.read(vector).allSatisfy { $0 == 0 })
  let values = (0..<count).map { Double($0) - 3.5 }
  try engine.write(values, to: vector)
  #expect(try engine.read(vector) == values)
  let other = try engine.makeVector(count)
  try engine.write(values.map { $0 * 2 }, to: other)
  try engine.add(-0.25, times: other, to: vector)
  #expect(try engine.read(vector) == values.map { $0 * 0.5 })
  let cleared = stride(from: 0, to: count, by: 3).map { $0 }
  try engine.clear(vector, at: cleared)
  let expected = values.indices.map { $0 % 3 == 0 ? 0 : values[$0] * 0.5 }
  #expect(try engine.read(vector) == expected)
  try engine.clear(vector, at: [])
  #expect(try engine.read(vector) == expected)
}

extension Engine {
  /// All residuals correlated in one call, into vectors that held NaN before.
  package func correlations(_ residuals: [[Double]], columns: Int) throws -> [[Double]] {
    let targets = try residuals.map { _ in
      try vector([Double](repeating: .nan, count: columns))
    }
    try correlate(residuals.map(vector), into: targets)
    return try targets.map(read)
  }

  fileprivate func vector(_ values: [Double]) throws -> Vector {
    let vector = try makeVector(values.count)
    try write(values, to: vector)
    return vector
  }

  fileprivate func result(_ count: Int, _ compute: (Vector) throws -> Void) throws -> [Double] {
    let vector = try self.vector([Double](repeating: .nan, count: count))
    try compute(vector)
    return try read(vector)
  }
}
