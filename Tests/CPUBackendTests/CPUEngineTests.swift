import CPUBackend
import ReferenceBackend
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@Suite struct CPUEngineTests {
  @Test(arguments: awkwardShapes, Precision.allCases)
  func productsAgreeWithTheReference(shape: (rows: Int, columns: Int), precision: Precision) throws
  {
    var generator = SeededGenerator(seed: 11)
    for source in Precision.allCases {
      let matrix: DenseMatrix =
        source == .double
        ? .double(try generator.matrix(shape.rows, shape.columns, padding: 3))
        : .single(try generator.matrix(shape.rows, shape.columns, padding: 3, of: Float.self))
      let atoms = try Atoms(matrix)
      try expectProductsAgree(
        CPUBackend().load(atoms, precision: precision),
        ReferenceBackend().load(atoms, precision: .double), atoms, seed: 12)
    }
  }

  /// In all precisions of A and of products: of one residual, and of more than a pass takes.
  @Test(arguments: [(1, 1), (7, 3), (40, 5000), (333, 101)], Precision.allCases)
  func complexProductsAgreeWithTheReference(
    shape: (rows: Int, columns: Int), precision: Precision
  ) throws {
    var generator = SeededGenerator(seed: 21)
    let (m, n) = (2 * shape.rows, shape.columns)
    for source in Precision.allCases {
      let parts: DenseMatrix =
        source == .double
        ? .double(try generator.matrix(m, n, padding: 3))
        : .single(try generator.matrix(m, n, padding: 3, of: Float.self))
      let atoms = try Atoms(ComplexMatrix(parts: parts))
      try expectProductsAgree(
        CPUBackend().load(atoms, precision: precision),
        ReferenceBackend().load(atoms, precision: .double), atoms, seed: 22)
    }
  }

  /// Blocks depend on the shape alone, so the number of threads changes no bit.
  @Test(arguments: Precision.allCases) func threadsChangeNoBit(precision: Precision) throws {
    var generator = SeededGenerator(seed: 15)
    let atoms = try Atoms(DenseMatrix.double(generator.matrix(1200, 700)))
    let r = generator.symmetric(1200)
    let v = generator.symmetric(700)
    let results = try [1, 2, 5].map { threads in
      try products(CPUBackend(threads: threads).load(atoms, precision: precision), r, v)
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  /// D Aᵀ r, the same as one of three residuals, and A D v.
  private func products(_ engine: any Engine, _ r: [Double], _ v: [Double]) throws -> [[Double]] {
    let residual = try engine.makeVector(.residual)
    let direction = try engine.makeVector(.correlation)
    try engine.write(r, to: residual)
    try engine.write(v, to: direction)
    let image = try engine.makeVector(.residual)
    let correlations = try (0..<4).map { _ in try engine.makeVector(.correlation) }
    try engine.multiply(direction, into: image)
    try engine.correlate(residual, into: correlations[3])
    try engine.correlate([residual, image, residual], into: Array(correlations[..<3]))
    return try [engine.read(image)] + correlations.map(engine.read)
  }

  @Test(arguments: [1, 7, 4097], Precision.allCases)
  func vectorsUpdate(count: Int, precision: Precision) throws {
    let atoms = try Atoms(DenseMatrix.double(Matrix(rows: 1, columns: 1, columnMajor: [1])))
    try expectVectorsUpdate(CPUBackend().load(atoms, precision: precision), count: count)
  }

  /// Scales are applied before rounding, so that single precision keeps what float cannot hold.
  @Test func extremeColumnsSurviveSinglePrecision() throws {
    let entries = [3e150, 4e150, 3e-150, -4e-150]
    let atoms = try Atoms(DenseMatrix.double(Matrix(rows: 2, columns: 2, columnMajor: entries)))
    try expectProductsAgree(
      CPUBackend().load(atoms, precision: .single),
      ReferenceBackend().load(atoms, precision: .double), atoms, seed: 13)
    let denormal = try Matrix(rows: 1, columns: 2, columnMajor: [Float(1e-40), 1])
    let small = try Atoms(DenseMatrix.single(denormal))
    try expectProductsAgree(
      CPUBackend().load(small, precision: .single),
      ReferenceBackend().load(small, precision: .double), small, seed: 14)
  }

  @Test(arguments: Precision.allCases) func notANumberSurfaces(precision: Precision) throws {
    let atoms = try Atoms(DenseMatrix.double(Matrix(rows: 1, columns: 1, columnMajor: [1])))
    try expectNaNIsFound(CPUBackend().load(atoms, precision: precision))
  }

  private func expectNaNIsFound(_ engine: any Engine) throws {
    var values = (0..<5000).map(Double.init)
    values[1234] = .nan
    values[7] = .infinity
    let vector = try engine.makeVector(.numbers(values.count))
    try engine.write(values, to: vector)
    #expect(throws: RecoveryError.nonFiniteCorrelation(engine: "cpu", column: 1234)) {
      try engine.largest(1, of: vector)
    }
  }
}
