import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import ReferenceBackend

/// The specification itself, against numbers worked out by hand.
@Suite struct ReferenceByHand {
  /// Columns (3, 4) of norm 5, (0, 0), and (0, −2) of norm 2.
  private func engine() throws -> ReferenceEngine {
    let matrix = try Matrix<Double>(rows: 2, columns: 3, columnMajor: [3, 4, 0, 0, 0, -2])
    return try ReferenceEngine(try Atoms(DenseMatrix.double(matrix)))
  }

  @Test func multiplies() throws {
    let engine = try engine()
    let v = engine.makeVector(.numbers(3))
    let r = engine.makeVector(.numbers(2))
    #expect(engine.read(r) == [0, 0])
    engine.write([5, 100, 3], to: v)
    engine.multiply(v, into: r)
    let result = engine.read(r)
    #expect(abs(result[0] - 3) <= 1e-15)
    #expect(abs(result[1] - 1) <= 1e-15)
  }

  @Test func correlates() throws {
    let engine = try engine()
    let r = engine.makeVector(.numbers(2))
    let z = engine.makeVector(.numbers(3))
    engine.write([1, 2], to: r)
    engine.correlate(r, into: z)
    let result = engine.read(z)
    #expect(abs(result[0] - 2.2) <= 1e-15)
    #expect(result[1...] == [0, -2])
  }

  @Test func addsAndClears() throws {
    let engine = try engine()
    let u = engine.makeVector(.numbers(3))
    let v = engine.makeVector(.numbers(3))
    engine.write([1, 2, 3], to: u)
    engine.write([10, 20, 30], to: v)
    engine.add(-2, times: u, to: v)
    #expect(engine.read(v) == [8, 16, 24])
    engine.clear(v, at: [0, 2])
    #expect(engine.read(v) == [0, 16, 0])
  }

  @Test func finishesCorrelations() throws {
    let engine = try engine()
    let (r, z, offset) = (
      engine.makeVector(.numbers(2)), engine.makeVector(.numbers(3)), engine.makeVector(.numbers(3))
    )
    engine.write([1, 2], to: r)
    engine.write([0.5, -7, 5], to: offset)
    #expect(try engine.correlate([r], into: [z], adding: offset, outside: [1]) == [3])
    let result = engine.read(z)
    #expect(abs(result[0] - 2.7) <= 1e-15)
    #expect(result[1...] == [0, 3])
  }

  @Test func combines() throws {
    let engine = try engine()
    let (u, v, z) = (
      engine.makeVector(.numbers(2)), engine.makeVector(.numbers(2)), engine.makeVector(.numbers(2))
    )
    engine.write([1, 2], to: u)
    engine.write([10, -20], to: v)
    engine.combine([3, -0.5], of: [u, v], into: z)
    #expect(engine.read(z) == [-2, 16])
  }

  /// What every engine is tested for, the specification itself keeps.
  @Test(arguments: awkwardShapes) func keepsTheContract(shape: (rows: Int, columns: Int)) throws {
    var generator = SeededGenerator(seed: 20)
    let atoms = try Atoms(DenseMatrix.double(generator.matrix(shape.rows, shape.columns)))
    let engine = try ReferenceEngine(atoms)
    try expectFinishedCorrelations(engine, counts: [1, 3], seed: 21)
    try expectVectorsUpdate(engine, count: shape.columns)
  }

  @Test func selectsTiesFromTheLeft() throws {
    let engine = try engine()
    let z = engine.makeVector(.numbers(5))
    engine.write([-2, 1, 2, 3, -2], to: z)
    #expect(try engine.largest(1, of: z) == Selection(indices: [3], values: [3]))
    #expect(try engine.largest(3, of: z) == Selection(indices: [0, 2, 3], values: [-2, 2, 3]))
    #expect(try engine.largest(5, of: z).indices == [0, 1, 2, 3, 4])
    engine.write([0, 1, .nan, 3, 4], to: z)
    #expect(throws: RecoveryError.nonFiniteCorrelation(engine: "reference", column: 2)) {
      try engine.largest(1, of: z)
    }
  }

  @Test(arguments: Distribution.allCases) func selectsByDefinition(distribution: Distribution)
    throws
  {
    let engine = try engine()
    let values = distribution.values(1000)
    let z = engine.makeVector(.numbers(1000))
    engine.write(values, to: z)
    for k in [1, 10, 999] {
      #expect(
        try engine.largest(k, of: z) == selection(k, of: values, ranking(of: values, .double)))
    }
  }

  @Test func refusesSinglePrecision() throws {
    let matrix = try Matrix<Double>(rows: 1, columns: 1, columnMajor: [1])
    let atoms = try Atoms(DenseMatrix.double(matrix))
    #expect(
      throws: RecoveryError.precisionUnsupported(
        device: "the reference backend", precision: .single)
    ) { try ReferenceBackend().load(atoms, precision: .single) }
  }
}
