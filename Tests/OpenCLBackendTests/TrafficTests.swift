import COpenCL
import Solvers
import SparseCore
import SparseRecoveryTesting
import Synchronization
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

    /// An engine with 64 × 320 atoms, so many residuals, and as many vectors for their correlations.
    private static func correlating(
      _ count: Int, _ precision: Precision, seed: UInt64, deviceMemory: Int? = nil
    ) throws -> (OpenCLEngine, residuals: [OpenCLVector], targets: [EngineVector]) {
      var generator = SeededGenerator(seed: seed)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(64, 320)))
      let engine = try Products.wide.engine(atoms, precision, deviceMemory: deviceMemory)
      return (
        engine, try (0..<count).map { _ in try engine.vector(generator.symmetric(64)) },
        try (0..<count).map { _ in try engine.makeVector(.numbers(320)) }
      )
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

    /// All residuals of a pass cross the bus together.
    @Test(arguments: OnDevice.precisions) func ofResidualsWritten(precision: Precision) throws {
      let (engine, residuals, _) = try Self.correlating(32, precision, seed: 56)
      let values = [[Double]](repeating: [Double](repeating: 0.5, count: 64), count: 32)
      let traffic = try Self.traffic(engine) { try engine.write(values, to: residuals) }
      #expect(
        traffic
          == DeviceTraffic(launches: 4, writes: 1, bytesSent: 32 * 64 * precision.byteCount))
    }

    /// Of the norms of rows none leaves the device: k indices and norms, and the entries of these rows.
    @Test(arguments: OnDevice.precisions) func ofRowSelections(precision: Precision) throws {
      let (engine, _, targets) = try Self.correlating(5, precision, seed: 57)
      let traffic = try Self.traffic(engine) { _ = try engine.largest(6, of: targets) }
      // To clear a word, to look for the largest, to add up, to select and to gather.
      #expect(
        traffic
          == DeviceTraffic(
            launches: 5, reads: 1,
            bytesReceived: 6 * (precision.byteCount + 4) + 5 * 6 * precision.byteCount))
    }

    @Test(arguments: OnDevice.precisions) func ofCorrelations(precision: Precision) throws {
      let (engine, residuals, targets) = try Self.correlating(16, precision, seed: 51)
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
              launches: 3, reads: 1, writes: isNew ? 1 : 0, bytesSent: isNew ? 40 : 0,
              bytesReceived: 16 * precision.byteCount))
      }
    }

    /// Peaks and a selection come together: one wait, of as many bytes as both.
    @Test(arguments: OnDevice.precisions) func ofPeaksWithASelection(precision: Precision) throws {
      let (engine, residuals, targets) = try Self.correlating(8, precision, seed: 53)
      let traffic = try Self.traffic(engine) {
        let found = try engine.correlate(
          residuals, into: targets, adding: nil, outside: [], selecting: 5, of: 7)
        #expect(found.largest?.indices.count == 5)
      }
      // One launch each for the residuals, the maxima and the selection; a bit a column. In double precision
      // 60 bytes are filled up to where a number begins.
      #expect(
        traffic
          == DeviceTraffic(
            launches: 3, reads: 1, writes: 1, bytesSent: 40,
            bytesReceived: precision == .single ? 5 * 8 + 8 * 4 : 5 * 12 + 4 + 8 * 8))
    }

    /// Finds peaks, and leaves the selection for a wait of its own.
    private final class SelectingApart: ForwardingEngine {
      override func correlate(
        _ residuals: [EngineVector], into correlations: [EngineVector],
        adding offset: EngineVector?, outside indices: [Int], selecting count: Int, of place: Int
      ) throws(RecoveryError) -> (peaks: [Double], largest: Selection?) {
        (try correlate(residuals, into: correlations, adding: offset, outside: indices), nil)
      }
    }

    /// A block of an exploration waits for a pass, and not for what the next one begins with.
    @Test func ofBlockedExploration() throws {
      var generator = SeededGenerator(seed: 54)
      let matrix = try generator.matrix(100, 800)
      let problem = try RecoveryProblem(
        matrix: .double(matrix), observation: generator.symmetric(100))
      let engine = try Products.wide.engine(problem.atoms, .single)
      var sea = SEA(start: .zero, gradient: .blocked)
      sea.limits.iterations = 400
      func solve(_ used: any Engine) throws -> (SparseSolution, DeviceTraffic) {
        var solution: SparseSolution?
        let traffic = try Self.traffic(engine) {
          solution = try sea.solve(problem, sparsity: 8, with: used)
        }
        return (try #require(solution), traffic)
      }
      let (apart, many) = try solve(SelectingApart(engine))
      let (together, few) = try solve(engine)
      #expect(Outcome(together) == Outcome(apart))
      #expect(few.reads < many.reads && few.reads <= together.matrixPasses + 2)
      // The residuals of a pass, and the bits of a working set.
      #expect(few.writes <= 2 * together.matrixPasses + 2)
    }

    /// Work-groups of each kernel that a call launches.
    private static func groups(
      _ body: (OpenCLCalls) throws -> Void
    ) rethrows -> [(kernel: String, groups: Int)] {
      let names = Mutex<[UInt: String]>([:])
      let launches = Mutex<[(String, Int)]>([])
      var calls = OpenCLCalls()
      let (makeKernel, launch) = (calls.makeKernel, calls.launch)
      calls.makeKernel = { program, name in
        let made = makeKernel(program, name)
        if let kernel = made.handle { names.withLock { $0[UInt(bitPattern: kernel)] = name } }
        return made
      }
      calls.launch = { queue, kernel, items, group in
        let name = names.withLock { $0[UInt(bitPattern: kernel)] ?? "" }
        launches.withLock { $0.append((name, items / group)) }
        return launch(queue, kernel, items, group)
      }
      try body(calls)
      return launches.withLock(\.self)
    }

    /// Tiles are finished by as many items as a panel has columns, filled up to whole groups, for every eight
    /// residuals: of 30 residuals four times.
    @Test(arguments: OnDevice.precisions) func ofTiles(precision: Precision) throws {
      var generator = SeededGenerator(seed: 55)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(40, 900)))
      let groupSize = NativeProducts.groupSize(on: try #require(OpenCLBackend.devices().first))
      let launches = try Self.groups { calls in
        let engine = try Products.grouped.engine(atoms, precision, panelColumns: 600, calls: calls)
        let residuals = try (0..<30).map { _ in try engine.vector(generator.symmetric(40)) }
        let targets = try (0..<30).map { _ in try engine.makeVector(.numbers(900)) }
        _ = try engine.correlate(residuals, into: targets, adding: nil, outside: [])
      }
      let finishing = launches.filter { $0.kernel == "finishTiles" }.map(\.groups)
      let wanted = [600, 300].map { 4 * (($0 + groupSize - 1) / groupSize) }
      // Those before are to warm up, on one column.
      #expect(finishing.suffix(2) == wanted[...])
    }

    /// What does not fit is sent once for all residuals of a pass.
    @Test(arguments: OnDevice.precisions) func ofStreamedMatrices(precision: Precision) throws {
      let columnBytes = 64 * precision.byteCount
      let (engine, residuals, targets) = try Self.correlating(
        16, precision, seed: 52, deviceMemory: 200 * columnBytes)
      let traffic = try Self.traffic(engine) { try engine.correlate(residuals, into: targets) }
      // Of 200 columns, two panels of 25 are the ring, and 170 do not fit beside it.
      #expect(traffic.bytesSent == 170 * columnBytes)
      #expect(traffic.reads == 0)
    }
  }
}
