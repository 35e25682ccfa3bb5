package import SparseCore
import SyntheticProblems
import Testing

/// What every engine must do as the reference does, at one shape.
///
/// The tolerance of a product is that of its sum: 8 · ε · Σ|aᵢxᵢ| plus one rounding of each factor,
/// in the precision of the engine, and what atoms lose where they are stored less precisely.
package func expectProductsAgree(
  _ engine: any Engine, _ reference: any Engine, _ atoms: Atoms, seed: UInt64
) throws {
  var generator = SeededGenerator(seed: seed)
  let (m, n) = (atoms.rows, atoms.columns)
  let columns = try (0..<n).map(atoms.storedColumn)
  let r = generator.symmetric(m)
  let v = generator.symmetric(n)
  let lostInCorrelations = engine.storageRoundoff * atoms.largestNorm * r.norm
  let lostInImage = engine.storageRoundoff * atoms.largestNorm * v.reduce(0) { $0 + abs($1) }

  // What stood in the result before must not matter, NaN included.
  let correlations = try engine.result(.correlation) {
    try engine.correlate(engine.vector(r, .residual), into: $0)
  }
  let expected = try reference.result(.correlation) {
    try reference.correlate(reference.vector(r, .residual), into: $0)
  }
  for j in 0..<n {
    let size = zip(columns[j], r).reduce(0) { $0 + abs($1.0 * $1.1) }
    #expect(
      abs(correlations[j] - expected[j])
        <= 2 * dotTolerance(sumOfMagnitudes: size, engine.precision) + lostInCorrelations)
  }

  let image = try engine.result(.residual) {
    try engine.multiply(engine.vector(v, .correlation), into: $0)
  }
  let expectedImage = try reference.result(.residual) {
    try reference.multiply(reference.vector(v, .correlation), into: $0)
  }
  for i in 0..<m {
    let size = (0..<n).reduce(0) { $0 + abs(columns[$1][i] * v[$1]) }
    #expect(
      abs(image[i] - expectedImage[i])
        <= 2 * dotTolerance(sumOfMagnitudes: size, engine.precision) + lostInImage)
  }

  try expectCorrelationsAgree(engine, reference, atoms, counts: [1, 2, 8, 9], seed: seed)
  try expectFinishedCorrelations(engine, counts: [1, 3, 9, 17], seed: seed)
}

/// Several residuals correlated at once, as the reference correlates them, within the same tolerance.
///
/// Norms bound Σ|aᵢrᵢ| by ‖a‖₂ ‖r‖₂.
package func expectCorrelationsAgree(
  _ engine: any Engine, _ reference: any Engine, _ atoms: Atoms, counts: [Int], seed: UInt64
) throws {
  var generator = SeededGenerator(seed: seed)
  let residuals = (0..<(counts.max() ?? 0)).map { _ in generator.symmetric(atoms.rows) }
  let expected = try reference.correlations(residuals, columns: atoms.columns)
  for count in counts {
    let found = try engine.correlations(Array(residuals[..<count]), columns: atoms.columns)
    for p in 0..<count {
      let size = atoms.largestNorm * residuals[p].norm
      let tolerance =
        2 * dotTolerance(sumOfMagnitudes: size, engine.precision) + engine.storageRoundoff * size
      #expect(
        zip(found[p], expected[p]).allSatisfy { abs($0 - $1) <= tolerance },
        "residual \(p) of \(count)")
    }
  }
}

/// Correlations finished where they are computed: the very numbers of plain correlations, with the
/// offset added and zeros put, and the largest magnitude of each.
package func expectFinishedCorrelations(
  _ engine: any Engine, counts: [Int], seed: UInt64
) throws {
  var generator = SeededGenerator(seed: seed)
  let n = engine.columns
  let residuals = (0..<(counts.max() ?? 0)).map { _ in generator.symmetric(engine.rows) }
  let offset = generator.symmetric(n).map(engine.precision.rounded)
  // Few, many, none and all columns, one after another: what was sent before must not matter.
  let outsides = [[n / 2], Array(stride(from: 0, to: n, by: 2)), [], Array(0..<n)]
  for count in counts {
    let plain = try engine.correlations(Array(residuals[..<count]), columns: n)
    for (outside, isOffset) in outsides.flatMap({ [($0, true), ($0, false)] }) {
      let targets = try plain.map { _ in
        try engine.vector([Double](repeating: .nan, count: n), .correlation)
      }
      let inputs = try residuals[..<count].map { try engine.vector($0, .residual) }
      let added = isOffset ? try engine.vector(offset, .correlation) : nil
      let peaks = try engine.correlate(inputs, into: targets, adding: added, outside: outside)
      #expect(peaks.count == count)
      for (p, target) in targets.enumerated() {
        var expected = plain[p]
        if isOffset {
          for j in 0..<n { expected[j] = engine.precision.rounded(expected[j] + offset[j]) }
        }
        for j in outside { expected[j] = 0 }
        #expect(try engine.read(target) == expected)
        #expect(peaks[p] == expected.reduce(0) { max($0, abs($1)) })
      }
      // The same with a selection on the way, where the engine makes one.
      let (k, place) = ((n + 2) / 3, count / 2)
      let both = try engine.correlate(
        inputs, into: targets, adding: added, outside: outside, selecting: k, of: place)
      #expect(both.peaks == peaks)
      if let found = both.largest {
        #expect(try found == engine.largest(k, of: targets[place]))
      }
    }
  }
  // A NaN surfaces, unless zero takes its place.
  var holed = offset
  holed[n - 1] = .nan
  let (r, z) = (
    try engine.vector(Array(repeating: 0, count: engine.rows), .residual),
    try engine.makeVector(.correlation)
  )
  let error = RecoveryError.nonFiniteCorrelation(engine: engine.identity.name, column: n - 1)
  #expect(throws: error) {
    try engine.correlate([r], into: [z], adding: engine.vector(holed, .correlation), outside: [])
  }
  #expect(throws: error) {
    try engine.correlate(
      [r], into: [z], adding: engine.vector(holed, .correlation), outside: [], selecting: 1, of: 0)
  }
  holed[n - 1] = 0
  let peaks = try engine.correlate(
    [r], into: [z], adding: engine.vector(holed, .correlation), outside: [n - 1])
  #expect(peaks == [holed.reduce(0) { max($0, abs($1)) }])
}

/// Linear combinations of vectors, to the bit: every product and every sum rounded once, in order.
package func expectCombinations(_ engine: any Engine, count: Int) throws {
  var generator = SeededGenerator(seed: 19)
  let rounded = engine.precision.rounded
  let terms = (0..<17).map { _ in generator.symmetric(count).map(rounded) }
  let coefficients = generator.symmetric(terms.count)
  let vectors = try terms.map { try engine.vector($0, .numbers(count)) }
  for used in [0, 1, 2, 7, 8, 9, 17] {
    let z = try engine.vector([Double](repeating: .nan, count: count), .numbers(count))
    try engine.combine(Array(coefficients[..<used]), of: Array(vectors[..<used]), into: z)
    var expected = [Double](repeating: 0, count: count)
    for (c, v) in zip(coefficients, terms).prefix(used) {
      for i in 0..<count { expected[i] = rounded(expected[i] + rounded(rounded(c) * v[i])) }
    }
    #expect(try engine.read(z) == expected, "\(used) vectors")
  }
}

/// Numbers for several vectors at once: every vector gets its own, and nothing else changes.
package func expectWritesTogether(_ engine: any Engine, count: Int) throws {
  var generator = SeededGenerator(seed: 23)
  for vectors in [0, 1, 2, 8, 9, 33] {
    let values = (0..<vectors).map { _ in generator.symmetric(count) }
    let targets = try values.map { _ in
      try engine.vector([Double](repeating: .nan, count: count), .numbers(count))
    }
    let other = try engine.vector([Double](repeating: 3, count: count), .numbers(count))
    // Twice without a wait between: the second must not overtake the first.
    try engine.write(values.reversed(), to: targets)
    try engine.write(values, to: targets)
    #expect(try targets.map(engine.read) == values.map { $0.map(engine.precision.rounded) })
    #expect(try engine.read(other) == [Double](repeating: 3, count: count))
  }
}

/// Rows of largest norm, against the definition: plain sums of squares, the rounding of ties, the lowest index.
///
/// In double precision of whatever numbers there are. In single precision engines may round squares as they like, so that
/// the numbers are small integers, of which sums of squares are exact.
package func expectRowSelections(_ engine: any Engine) throws {
  let isDouble = engine.precision == .double
  let exponents = isDouble ? [0, 300, 1000, -300, -1060] : [0, 100, -120]
  for distribution in Distribution.allCases {
    let numbers = distribution.values(1000)
    for exponent in exponents where exponent == 0 || distribution == .quantised {
      for planes in [1, 2, 5, 32] {
        // Planes that differ, and a row that is all of one number.
        let entries = (0..<planes).flatMap { l in
          (0..<1000).map { j in
            let number = numbers[(j + 37 * l * (j % 5 == 0 ? 0 : 1)) % 1000]
            let small = isDouble ? number : min(max(number.rounded(), -8), 8)
            return small * Double(sign: .plus, exponent: exponent, significand: 1)
          }
        }
        try expectRowSelection(engine, entries, planes: planes, "\(distribution) 2^\(exponent)")
      }
    }
  }
  // Rows of which squares vanish beside others tie with zeros.
  let faint = (0..<2000).map { $0 % 1000 < 3 ? 1.0 : isDouble ? 0x1p-600 : 0 }
  try expectRowSelection(engine, faint, planes: 2, "faint rows")
  for (planes, row) in [(1, 3), (2, 999), (5, 0), (32, 500)] {
    var entries = [Double](repeating: 1, count: 1000 * planes)
    entries[(planes - 1) * 1000 + row] = .nan
    let vectors = try engine.planes(entries, planes)
    for k in [1, 1000] {
      #expect(
        throws: RecoveryError.nonFiniteCorrelation(engine: engine.identity.name, column: row)
      ) { try engine.largest(k, of: vectors) }
    }
  }
}

private func expectRowSelection(
  _ engine: any Engine, _ entries: [Double], planes: Int, _ name: String
) throws {
  let count = entries.count / planes
  let largest = entries.reduce(0) { max($0, abs($1)) }
  let exponent = largest > 0 && largest.isFinite ? Int(largest.exponent) : 0
  // Squares of what is far from one are those of numbers near one.
  func near(_ x: Double) -> Double {
    guard abs(exponent) > 256 else { return x }
    let half = -exponent / 2
    return x * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: -exponent - half, significand: 1)
  }
  let norms = (0..<count).map { j in
    planes == 1
      ? entries[j]
      : (0..<planes).reduce(0.0) {
        $0 + near(entries[$1 * count + j]) * near(entries[$1 * count + j])
      }
      .squareRoot()
  }
  let ranking = ranking(of: norms, planes == 1 ? engine.precision : .double)
  let vectors = try engine.planes(entries, planes)
  for k in [1, 2, 25, count - 1, count] {
    let rows = ranking.prefix(k).sorted()
    let expected = SparseVector(
      support: rows,
      coefficients: (0..<planes).flatMap { l in rows.map { entries[l * count + $0] } })
    #expect(try engine.largest(k, of: vectors) == expected, "\(k) of \(planes) planes, \(name)")
  }
}

/// Updates of vectors: entries are set, added and cleared where asked and nowhere else.
package func expectVectorsUpdate(_ engine: any Engine, count: Int) throws {
  let vector = try engine.makeVector(.numbers(count))
  #expect(try engine.read(vector).allSatisfy { $0 == 0 })
  let values = (0..<count).map { Double($0) - 3.5 }
  try engine.write(values, to: vector)
  #expect(try engine.read(vector) == values)
  let other = try engine.makeVector(.numbers(count))
  try engine.write(values.map { $0 * 2 }, to: other)
  try engine.add(-0.25, times: other, to: vector)
  #expect(try engine.read(vector) == values.map { $0 * 0.5 })
  let cleared = stride(from: 0, to: count, by: 3).map { $0 }
  try engine.clear(vector, at: cleared)
  let expected = values.indices.map { $0 % 3 == 0 ? 0 : values[$0] * 0.5 }
  #expect(try engine.read(vector) == expected)
  try engine.clear(vector, at: [])
  #expect(try engine.read(vector) == expected)
  try expectCombinations(engine, count: count)
}

extension Engine {
  /// All residuals correlated in one call, into vectors that held NaN before.
  package func correlations(_ residuals: [[Double]], columns: Int) throws -> [[Double]] {
    let targets = try residuals.map { _ in
      try vector([Double](repeating: .nan, count: columns), .correlation)
    }
    try correlate(residuals.map { try vector($0, .residual) }, into: targets)
    return try targets.map(read)
  }

  /// Vectors of equal parts of some numbers.
  fileprivate func planes(_ entries: [Double], _ count: Int) throws -> [EngineVector] {
    let length = entries.count / count
    return try (0..<count).map { l in
      try vector(Array(entries[l * length..<(l + 1) * length]), .numbers(length))
    }
  }

  fileprivate func vector(_ values: [Double], _ space: VectorSpace) throws -> EngineVector {
    let vector = try makeVector(space)
    try write(values, to: vector)
    return vector
  }

  fileprivate func result(
    _ space: VectorSpace, _ compute: (EngineVector) throws -> Void
  ) throws -> [Double] {
    let count = space.count(rows: rows, columns: columns)
    let vector = try self.vector([Double](repeating: .nan, count: count), space)
    try compute(vector)
    return try read(vector)
  }
}

extension [Double] {
  /// ‖r‖₂.
  fileprivate var norm: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

/// The largest relative error of one rounding in `precision`.
package func roundoff(_ precision: Precision) -> Double {
  precision == .single ? Double(Float.ulpOfOne) / 2 : Double.ulpOfOne / 2
}

/// What Σ aᵢxᵢ may differ by between two orders of summation: 8 · ε · Σ|aᵢxᵢ|.
///
/// The worst case grows with the length; pairwise and blocked sums stay far below, and a plain loop
/// over some thousand terms of either sign does too. One denormal is added for sums that are zero.
package func dotTolerance(sumOfMagnitudes: Double, _ precision: Precision) -> Double {
  let smallest =
    precision == .single ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
  return 16 * roundoff(precision) * sumOfMagnitudes + smallest
}

extension Precision {
  /// `value` as this precision holds it. For sums and products of two such numbers, computed in
  /// double precision, that is what this precision computes.
  package func rounded(_ value: Double) -> Double { self == .single ? Double(Float(value)) : value }
}
