import ReferenceBackend
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Products with A, against the plain loops.
  @Suite struct ProductResults {
    struct Case: CustomTestStringConvertible {
      let rows: Int
      let columns: Int
      let precision: Precision
      let products: Products
      var testDescription: String { "\(rows) × \(columns), \(precision) precision, \(products)" }
    }

    static let cases: [Case] = OnDevice.shapes.flatMap { shape in
      OnDevice.precisions.flatMap { precision in
        Products.allCases.map {
          Case(rows: shape.rows, columns: shape.columns, precision: precision, products: $0)
        }
      }
    }

    /// Whole and in panels of few columns, from either precision, with and without gaps between A's
    /// columns.
    @Test(arguments: cases) func agreeWithTheReference(_ the: Case) throws {
      var generator = SeededGenerator(seed: 1)
      let double = try generator.matrix(the.rows, the.columns, padding: 5)
      let single = try generator.matrix(the.rows, the.columns, of: Float.self)
      let narrow = the.columns > 100 ? 96 : 3
      for (matrix, panelColumns) in [(.double(double), narrow), (.single(single), nil)]
        as [(DenseMatrix, Int?)]
      {
        let atoms = try Atoms(matrix)
        let engine = try the.products.engine(atoms, the.precision, panelColumns: panelColumns)
        if let panelColumns {
          #expect(engine.matrix.ranges.count == (the.columns + panelColumns - 1) / panelColumns)
        }
        try expectProductsAgree(
          engine, ReferenceBackend().load(atoms, precision: .double), atoms, seed: 2)
      }
    }

    /// Numbers of residuals about those that one pass takes, and columns about those that one group
    /// takes.
    @Test(arguments: OnDevice.precisions, Products.allCases)
    func agreeForManyResiduals(precision: Precision, products: Products) throws {
      var generator = SeededGenerator(seed: 4)
      for panelColumns in [3, nil] {
        let atoms = try Atoms(DenseMatrix.double(generator.matrix(157, 45)))
        let engine = try products.engine(atoms, precision, panelColumns: panelColumns)
        let reference = try ReferenceBackend().load(atoms, precision: .double)
        try expectCorrelationsAgree(
          engine, reference, atoms, counts: [1, 2, 7, 8, 9, 17, 32, 33, 64], seed: 5)
        try engine.correlate([], into: [])
      }
    }

    /// More columns than all work-groups take at once, and more than one chunk of a product by A.
    @Test(arguments: OnDevice.precisions, Products.allCases)
    func agreeForManyColumns(precision: Precision, products: Products) throws {
      var generator = SeededGenerator(seed: 6)
      let device = try OpenCLBackend().device
      let columns = 128 * device.computeUnits + 301
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(9, columns)))
      let engine = try products.engine(atoms, precision)
      try expectProductsAgree(
        engine, ReferenceBackend().load(atoms, precision: .double), atoms, seed: 7)
    }

    /// Rows that several groups share, and columns that are taken in parts, which changes no bit.
    @Test(.enabled(if: !OnDevice.isInterpreted), arguments: OnDevice.precisions)
    func agreeForManyRowsAndInParts(precision: Precision) throws {
      var generator = SeededGenerator(seed: 9)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(2801, 777)))
      let reference = try ReferenceBackend().load(atoms, precision: .double)
      let backend = try OpenCLBackend(calls: OpenCLCalls().guarded())
      let engines = try [nil, 1, 800_000].map {
        try backend.makeEngine(atoms, precision: precision, shape: .grouped, partialBytes: $0)
      }
      for engine in engines {
        try expectCorrelationsAgree(engine, reference, atoms, counts: [9, 32], seed: 10)
      }
      let residuals = (0..<32).map { _ in generator.symmetric(2801) }
      let results = try engines.map { engine in
        let targets = try residuals.map { _ in try engine.makeVector(.correlation) }
        let peaks = try engine.correlate(
          residuals.map(engine.vector), into: targets, adding: nil, outside: [5, 700])
        return try [peaks] + targets.map(engine.read)
      }
      #expect(results[1] == results[0] && results[2] == results[0])
    }

    /// Everything that an engine computes from A.
    private struct Results: Equatable {
      let image: [Double]
      let correlations: [Double]
      let several: [[Double]]

      init(_ engine: any Engine, v: [Double], r: [Double]) throws {
        let target = try engine.vector(r.map { _ in .nan })
        try engine.multiply(engine.vector(v), into: target)
        image = try engine.read(target)
        let z = try engine.vector(v.map { _ in .nan })
        try engine.correlate(engine.vector(r), into: z)
        correlations = try engine.read(z)
        several = try engine.correlations([r, r, r], columns: v.count)
      }
    }

    @Test(arguments: OnDevice.precisions, Products.allCases)
    func giveTheSameBitsTwice(precision: Precision, products: Products) throws {
      var generator = SeededGenerator(seed: 2)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(64, 200)))
      let r = generator.symmetric(64)
      let v = generator.symmetric(200)
      let runs = try (0..<2).map { _ in
        try Results(products.engine(atoms, precision), v: v, r: r)
      }
      #expect(runs[0] == runs[1])
      #expect(runs[0].several[0] == runs[0].several[2])
    }

    @Test(arguments: OnDevice.precisions, Products.allCases)
    func neverReadAZeroColumnAsMore(precision: Precision, products: Products) throws {
      let matrix = try Matrix<Double>(rows: 2, columns: 3, columnMajor: [3, 4, 0, 0, 0, -2])
      let engine = try products.engine(Atoms(DenseMatrix.double(matrix)), precision)
      let found = try Results(engine, v: [0, 100, 3], r: [1, 2])
      #expect(found.image == [0, -3])
      #expect(found.correlations[1...] == [0, -2])
    }

    /// What was in a vector, infinities too, never reaches the numbers that pad it.
    @Test(arguments: OnDevice.precisions, Products.allCases)
    func keepThePaddingOfVectorsZero(precision: Precision, products: Products) throws {
      var generator = SeededGenerator(seed: 8)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(33, 5)))
      let engine = try products.engine(atoms, precision)
      let (r, other) = (try engine.makeVector(.numbers(33)), try engine.makeVector(.numbers(33)))
      let (v, z) = (try engine.makeVector(.numbers(5)), try engine.makeVector(.numbers(5)))
      try engine.write([Double](repeating: .infinity, count: 5), to: v)
      try engine.multiply(v, into: r)
      try engine.write([Double](repeating: .infinity, count: 33), to: other)
      try engine.add(1, times: other, to: r)
      try engine.write([Double](repeating: 0, count: 33), to: r)
      try engine.correlate(r, into: z)
      #expect(try engine.read(z) == [0, 0, 0, 0, 0])
    }

    @Test(arguments: OnDevice.precisions)
    func keepOneCopyOfTheMatrix(precision: Precision) throws {
      var generator = SeededGenerator(seed: 3)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(320, 1000)))
      let engine = try Products.wide.engine(atoms, precision)
      let matrixBytes = 320 * 1000 * precision.byteCount
      let loaded = engine.deviceBytes
      #expect(loaded >= matrixBytes)
      #expect(loaded - matrixBytes < 256 << 10)
      do {
        let (v, r) = (try engine.makeVector(.numbers(1000)), try engine.makeVector(.numbers(320)))
        #expect(engine.deviceBytes == loaded + (1024 + 320) * precision.byteCount)
        try engine.multiply(v, into: r)
        #expect(engine.deviceBytes - loaded < matrixBytes / 32)
      }
      #expect(engine.deviceBytes - loaded < matrixBytes / 64)
    }
  }
}
