import Benchmarking
import FoundationEssentials
import SparseRecovery
import Testing

@Suite(.serialized) struct BenchmarkTests {
  @Test func everyOperationOfEveryEngineHasItsRow() throws {
    let places = try BenchmarkPlace.all()
    let report = try Benchmark(.tiny).run(on: places)
    #expect(report.failures.isEmpty)
    let found = report.rows.map { "\($0.operation) \($0.engine) \($0.device) \($0.precision)" }
    let expected = places.flatMap { place in
      place.precisions.flatMap { precision in
        BenchmarkOperation.allCases.map {
          "\($0) \(place.backend.identity) \(place.device) \(precision)"
        }
      }
    }
    #expect(found == expected)
  }

  /// The formulas of the documentation, in numbers.
  @Test(arguments: [(Precision.single, 4), (.double, 8)])
  func bytesFollowTheFormulas(precision: Precision, size: Int) throws {
    var options = BenchmarkOptions.tiny
    options.precisions = [precision]
    let report = try Benchmark(options).run(on: [.cpu()])
    var bytes: [BenchmarkOperation: Int] = [:]
    for row in report.rows { bytes[row.operation] = row.bytes }
    let passes = try #require(report.rows.last?.solve).matrixPasses
    #expect(
      bytes == [
        .stream: 3 * (1 << 15), .multiply: size * (20 * 50 + 20 + 50),
        .correlate: size * (20 * 50 + 20 + 50), .largest: size * 50,
        .solve: passes * size * 20 * 50,
      ])
  }

  @Test func ratesAreBytesPerMedianTime() throws {
    let report = try Benchmark(.tiny).run(on: [.cpu()])
    for row in report.rows {
      guard let bytes = row.bytes else { continue }
      let rate = try #require(row.gigabytesPerSecond)
      let fraction = try #require(row.fractionOfCeiling)
      let median = row.timing.seconds.median
      #expect(abs(rate * 1e9 * median - Double(bytes)) <= 4 * Double(bytes).ulp)
      #expect(abs(fraction * report.host.read - rate) <= 4 * rate.ulp)
    }
  }

  @Test func solvesAreWhatTheSolverFinds() throws {
    let report = try Benchmark(.tiny).run(on: BenchmarkPlace.all())
    let solves = report.rows.compactMap(\.solve)
    #expect(solves.count == report.rows.filter { $0.operation == .solve }.count)
    for solve in solves {
      #expect(solve.iterations == 12)
      #expect(1...12 ~= solve.matrixPasses)
      #expect(solve.supportAgreement == 1)
      // 20 dB of noise is a tenth of the observation, of which a projection explains some.
      #expect(0.01...0.2 ~= solve.relativeResidual)
    }
  }

  @Test func aReportSurvivesJSON() throws {
    let report = try Benchmark(.tiny).run(on: [.cpu()])
    let data = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(BenchmarkReport.self, from: data) == report)
  }

  @Test func aDeviceThatFailsDoesNotStopTheOthers() throws {
    let broken = BenchmarkPlace(
      backend: BrokenBackend(),
      device: DeviceFacts(name: "Broken", kind: "gpu", library: "None", computeUnits: 1),
      precisions: [.double], ceilingIsHost: false, largestVector: 4096)
    let report = try Benchmark(.tiny).run(on: [broken, .cpu()])
    #expect(report.rows.count == 2 * BenchmarkOperation.allCases.count)
    #expect(report.failures.count == 1)
    #expect(report.failures.first?.contains("Broken") == true)
    #expect(report.table().contains("Not measured\ndouble precision: Broken"))
  }

  @Test func sizesBelowOneAreRefused() {
    let sizes: [WritableKeyPath<BenchmarkOptions, Int>] = [
      \.rows, \.columns, \.sparsity, \.iterations, \.repetitions, \.solveRepetitions,
    ]
    for size in sizes {
      var options = BenchmarkOptions.tiny
      options[keyPath: size] = 0
      #expect(throws: RecoveryError.self) { try Benchmark(options).run(on: []) }
    }
  }

  @Test(arguments: [-1, .nan, 1e9]) func timesOutOfRangeAreRefused(time: Double) {
    var options = BenchmarkOptions.tiny
    options.measuringTime = time
    #expect(throws: RecoveryError.self) { try Benchmark(options) }
  }

  @Test(arguments: [-1, 0, Int.max]) func streamsOutOfRangeAreRefused(bytes: Int) {
    var options = BenchmarkOptions.tiny
    options.streamBytes = bytes
    #expect(throws: RecoveryError.self) { try Benchmark(options) }
  }
}

/// A device whose driver fails.
private struct BrokenBackend: Backend {
  let identity = EngineIdentity(name: "opencl", device: "Broken", library: "None")

  func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    throw .deviceFailure(device: "Broken", call: "load", code: -5, detail: "CL_OUT_OF_RESOURCES")
  }
}
