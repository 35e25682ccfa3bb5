import ReferenceBackend
import SparseCore
import SparseRecoveryTesting
import Synchronization
import SyntheticProblems
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Matrices larger than what they may take on the device.
  @Suite struct Streaming {
    /// 157 rows are 160 numbers.
    private static let stride = 160

    private static func atoms(columns: Int = 700) throws -> Atoms {
      var generator = SeededGenerator(seed: 41)
      return try Atoms(DenseMatrix.double(generator.matrix(157, columns)))
    }

    /// The results of an engine, to be compared to the bit.
    private static func results(_ engine: OpenCLEngine) throws -> [[Double]] {
      var generator = SeededGenerator(seed: 42)
      let residuals = (0..<17).map { _ in generator.symmetric(engine.rows) }
      let v = try engine.vector(generator.symmetric(engine.columns))
      let (image, z) = (try engine.makeVector(.residual), try engine.makeVector(.correlation))
      try engine.multiply(v, into: image)
      try engine.correlate(image, into: z)
      let several = try engine.correlations(residuals, columns: engine.columns)
      let targets = try residuals.map { _ in try engine.makeVector(.correlation) }
      let peaks = try engine.correlate(
        residuals.map(engine.vector), into: targets, adding: v, outside: [3, 600])
      return try [engine.read(image), engine.read(z), peaks] + several + targets.map(engine.read)
    }

    /// Room for 2, 3, 100 and 699 of 700 columns: everything streamed in single columns, some, and
    /// nearly nothing.
    @Test(arguments: OnDevice.precisions, [2, 3, 100, 699])
    func changesNoBit(precision: Precision, room: Int) throws {
      let atoms = try Self.atoms()
      for (products, storage) in [(.grouped, .full), (.wide, .full), (.wide, .half)]
        as [(Products, AtomStorage)]
      {
        let whole = try products.engine(atoms, precision, storage: storage)
        let columnBytes = Self.stride * whole.matrix.format.byteCount
        let streamed = try products.engine(
          atoms, precision, storage: storage, deviceMemory: room * columnBytes + 1)
        #expect(streamed.matrix.isStreamed && !whole.matrix.isStreamed)
        let matrixBytes = 700 * columnBytes
        #expect(streamed.deviceBytes <= whole.deviceBytes - matrixBytes + room * columnBytes)
        #expect(try Self.results(streamed) == Self.results(whole))
      }
    }

    @Test(arguments: OnDevice.precisions) func agreesWithTheReference(precision: Precision) throws {
      let atoms = try Self.atoms(columns: 90)
      for products in Products.allCases {
        let engine = try products.engine(
          atoms, precision, deviceMemory: 40 * Self.stride * precision.byteCount)
        try expectProductsAgree(
          engine, ReferenceBackend().load(atoms, precision: .double), atoms, seed: 43)
      }
    }

    @Test func refusesLessThanTwoColumns() throws {
      let needed = 2 * Self.stride * 4
      #expect(
        throws: RecoveryError.deviceMemoryTooSmall(
          device: try OpenCLBackend().device.name, needed: needed, limit: needed - 1)
      ) { try Products.wide.engine(Self.atoms(), .single, deviceMemory: needed - 1) }
      // One column is all there is, and no ring is needed.
      let engine = try Products.wide.engine(
        Self.atoms(columns: 1), .single, deviceMemory: needed / 2)
      #expect(!engine.matrix.isStreamed)
    }

    /// Buffers of at most so many bytes in total, as on a device whose memory others share.
    private static func calls(bytes: Int, of size: Int) -> OpenCLCalls {
      let left = Mutex(bytes)
      return OpenCLCalls().refusing(with: -4) { byteCount in
        left.withLock {
          // Only what is as large as a panel: the rest is the same with every limit.
          guard byteCount >= size else { return false }
          let fits = byteCount <= $0
          $0 = fits ? $0 - byteCount : bytes
          return !fits
        }
      }
    }

    /// A device that has less than it says: panels are given up until they fit.
    @Test(arguments: OnDevice.precisions) func makesDoWithLess(precision: Precision) throws {
      let atoms = try Self.atoms()
      let columnBytes = Self.stride * precision.byteCount
      let whole = try Products.wide.engine(atoms, precision)
      let poor = try Products.wide.engine(
        atoms, precision, panelColumns: 32,
        calls: Self.calls(bytes: 400 * columnBytes, of: 16 * columnBytes))
      #expect(poor.matrix.isStreamed)
      #expect(try Self.results(poor) == Self.results(whole))
    }

    /// No memory at all is an error with the facts, whichever allocation fails and however.
    @Test(arguments: [Int32(-4), -5, -6]) func refusesWithoutMemory(code: Int32) throws {
      let columnBytes = Self.stride * 4
      let atoms = try Self.atoms()
      #expect(
        throws: RecoveryError.deviceMemoryTooSmall(
          device: try OpenCLBackend().device.name, needed: 2 * columnBytes,
          limit: 700 * columnBytes / 512)
      ) {
        try Products.wide.engine(
          atoms, .single,
          calls: OpenCLCalls().refusing(with: code) { $0 % columnBytes == 0 })
      }
    }
  }
}

/// How columns are shared out.
@Suite struct PanelPlanTests {
  @Test(arguments: [1, 2, 31, 32, 33, 100, 4097], [8, 128, 4096])
  func coversEveryColumnOnce(columns: Int, columnBytes: Int) {
    for limit in [2, 3, 17, 64, 99, 5000].map({ $0 * columnBytes + 3 }) {
      for panelBytes in [1, 40 * columnBytes, .max] {
        let plan = PanelPlan(
          columns: columns, columnBytes: columnBytes, panelBytes: panelBytes, mostColumns: 1000,
          limit: limit)
        #expect(plan.ranges.flatMap { Array($0) } == Array(0..<columns))
        #expect(plan.ranges.allSatisfy { $0.count <= 1000 })
        let resident = plan.resident.reduce(0) { $0 + $1.count }
        #expect((resident + PanelPlan.ring * plan.ringColumns) * columnBytes <= limit)
        #expect(plan.streamed.allSatisfy { $0.count <= plan.ringColumns })
        #expect(plan.streamed.isEmpty == (columns * columnBytes <= limit))
      }
    }
  }
}
