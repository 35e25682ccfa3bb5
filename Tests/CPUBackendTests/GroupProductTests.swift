import CCorrelation
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import Testing

@testable import CPUBackend

/// What correlates a group of more than three residuals sums in the order of the rows, 256 at a time: its bits depend on
/// nothing else, so that they are known here.
@Suite struct GroupProductTests {
  @Test(arguments: [1, 255, 256, 257, 1001], [4, 7, 17, 32, 36])
  func sumsAreThoseInTheOrderOfTheRows(rows: Int, count: Int) throws {
    try expectSums(Double.self, rows: rows, count: count) { DenseMatrix.double($0) }
    try expectSums(Float.self, rows: rows, count: count) { DenseMatrix.single($0) }
  }

  /// The bits are those of one alone, and so behind a whole group.
  @Test(arguments: [2, 3, 35], Precision.allCases)
  func fewAreMultipliedOneByOne(count: Int, precision: Precision) throws {
    var generator = SeededGenerator(seed: 20)
    let atoms = try Atoms(DenseMatrix.double(generator.matrix(257, 301)))
    let engine = try CPUBackend(threads: 2).load(atoms, precision: precision)
    let residuals = (0..<count).map { _ in generator.symmetric(257) }
    let found = try correlations(engine, residuals)
    for p in max(0, count - 3)..<count {
      #expect(try found[p] == correlations(engine, [residuals[p]])[0])
    }
  }

  /// Every set of instructions that the processor has, against plain loops, with columns that are no multiple of a tile.
  private func expectSums<Scalar: MatrixScalar>(
    _: Scalar.Type, rows: Int, count: Int, _ dense: (Matrix<Scalar>) -> DenseMatrix
  ) throws {
    var generator = SeededGenerator(seed: 19)
    let columns = 101
    let a: Matrix<Scalar> = try generator.matrix(rows, columns, padding: 3, of: Scalar.self)
    let residuals = (0..<count).map { _ in generator.symmetric(rows).map { Scalar($0) } }
    let atoms = try Atoms(dense(a))
    for instructions in [correlation_avx512, correlation_avx2, correlation_portable]
    where correlation_supports(instructions) {
      let roundsOnce = String(cString: correlation_name(instructions)) != "SSE2"
      let engine = try CPUBackend(threads: 2, instructions: instructions).load(
        atoms, precision: Scalar.precision)
      let found = try correlations(engine, residuals.map { $0.map(Double.init) })
      for (z, r) in zip(found, residuals) {
        let expected = (0..<columns).map { j in
          Double(sum(rows, roundsOnce) { (a[$0, j], r[$0]) } * Scalar(atoms.scale[j]))
        }
        #expect(z == expected)
      }
    }
  }

  /// Runs of 256 terms, one after another, and their sums likewise.
  private func sum<Scalar: MatrixScalar>(
    _ rows: Int, _ roundsOnce: Bool, _ term: (Int) -> (Scalar, Scalar)
  ) -> Scalar {
    var total: Scalar = 0
    for start in stride(from: 0, to: rows, by: 256) {
      var sum: Scalar = 0
      for i in start..<min(start + 256, rows) {
        let (entry, residual) = term(i)
        if roundsOnce { sum.addProduct(entry, residual) } else { sum += entry * residual }
      }
      total = start == 0 ? sum : total + sum
    }
    return total
  }

  private func correlations(_ engine: any Engine, _ residuals: [[Double]]) throws -> [[Double]] {
    let group = try residuals.map { r in
      let residual = try engine.makeVector(.residual)
      try engine.write(r, to: residual)
      return residual
    }
    let results = try residuals.map { _ in try engine.makeVector(.correlation) }
    try engine.correlate(group, into: results)
    return try results.map(engine.read)
  }
}
