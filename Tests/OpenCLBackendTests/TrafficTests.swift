import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// How much an operation asks of the device: launches and transfers are what small problems wait
  /// for.
  @Suite struct Traffic {
    private static func traffic(
      _ engine: OpenCLEngine, _ body: () throws -> Void
    ) rethrows -> DeviceTraffic {
      let before = engine.traffic
      try body()
      return engine.traffic - before
    }

    @Test(arguments: OnDevice.precisions) func ofSelections(precision: Precision) throws {
      let engine = try OnDevice.engine(precision)
      let z = try engine.vector(Distribution.gaussian.values(70_000))
      for (way, launches) in [(.small, 1), (.large, precision == .single ? 4 : 5)]
        as [(RadixSelection.Way, Int)]
      {
        let traffic = try Self.traffic(engine) { _ = try engine.largest(25, of: z, way: way) }
        #expect(
          traffic
            == DeviceTraffic(
              launches: launches, reads: 1, bytesReceived: 25 * (precision.byteCount + 4)))
      }
    }

    @Test(arguments: OnDevice.precisions) func ofCorrelations(precision: Precision) throws {
      var generator = SeededGenerator(seed: 51)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(64, 320)))
      let engine = try Products.wide.engine(atoms, precision)
      let residuals = try (0..<16).map { _ in try engine.vector(generator.symmetric(64)) }
      let targets = try (0..<16).map { _ in try engine.makeVector(.numbers(320)) }
      let offset = try engine.makeVector(.numbers(320))
      for isNew in [true, false] {
        let traffic = try Self.traffic(engine) {
          _ = try engine.correlate(
            residuals, into: targets, adding: offset, outside: [1, 2, 300])
        }
        // Two launches for the residuals, one for the maxima; a bit a column where indices are new.
        #expect(
          traffic
            == DeviceTraffic(
              launches: 3, reads: 1, bytesSent: isNew ? 40 : 0,
              bytesReceived: 16 * precision.byteCount))
      }
    }

    /// What does not fit is sent once for all residuals of a pass.
    @Test(arguments: OnDevice.precisions) func ofStreamedMatrices(precision: Precision) throws {
      var generator = SeededGenerator(seed: 52)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(64, 320)))
      let columnBytes = 64 * precision.byteCount
      let engine = try Products.wide.engine(
        atoms, precision, deviceMemory: 200 * columnBytes)
      let residuals = try (0..<16).map { _ in try engine.vector(generator.symmetric(64)) }
      let targets = try (0..<16).map { _ in try engine.makeVector(.numbers(320)) }
      let traffic = try Self.traffic(engine) { try engine.correlate(residuals, into: targets) }
      // Of 200 columns, two panels of 25 are the ring, and 170 do not fit beside it.
      #expect(traffic.bytesSent == 170 * columnBytes)
      #expect(traffic.reads == 0)
    }
  }
}
