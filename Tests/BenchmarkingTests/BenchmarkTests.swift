import FoundationEssentials
import SparseRecovery
import Testing

@testable import Benchmarking

@Suite(.serialized) struct BenchmarkTests {
  @Test func everyOperationOfEveryEngineHasItsRow() throws {
    let places = try BenchmarkPlace.all()
    let report = try Benchmark(.tiny).run(on: places)
    #expect(report.failures.isEmpty)
    let found = report.rows.map { "\($0.title) \($0.engine) \($0.device) \($0.precision)" }
    let titles = [
      "load", "launch", "read", "write", "stream", "gemv", "gemv-t", "gemv-t × 8", "top-k", "solve",
    ]
    let expected = places.flatMap { place in
      place.precisions.flatMap { precision in
        titles.map {
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
    var bytes: [String: Int] = [:]
    for row in report.rows { bytes[row.title] = row.bytes }
    let passes = try #require(report.rows.last?.solve).matrixPasses
    #expect(
      bytes == [
        "write": size * 20, "stream": 3 * (1 << 15), "gemv": size * (20 * 50 + 20 + 50),
        "gemv-t": size * (20 * 50 + 20 + 50), "gemv-t × 8": size * (20 * 50 + 8 * (20 + 50)),
        "top-k": size * 50, "solve": passes * size * 20 * 50,
      ])
  }

  /// The processor takes 32 residuals a pass: 33 of them need two.
  @Test func residualsBeyondAPassReadTheMatrixAgain() throws {
    var options = BenchmarkOptions.tiny
    (options.precisions, options.residuals) = ([.double], [32, 33])
    let report = try Benchmark(options).run(on: [.cpu()])
    let rows = report.rows.filter { $0.operation == .correlate }
    #expect(rows.map(\.bytes) == [8 * (1000 + 32 * 70), 8 * (2 * 1000 + 33 * 70)])
    #expect(rows.map(\.flops) == [2 * 1000 * 32, 2 * 1000 * 33])
  }

  /// What a processor on one thread reads is compared with what one thread gets from memory.
  @Test(arguments: [1, 2]) func memoryIsReadByAsManyThreads(threads: Int) throws {
    var options = BenchmarkOptions.tiny
    options.precisions = [.single]
    let report = try Benchmark(options).run(on: [.cpu(threads: threads)])
    #expect(report.host.threads == threads)
  }

  @Test func ratesAreBytesPerMedianTime() throws {
    let report = try Benchmark(.tiny).run(on: [.cpu()])
    for row in report.rows {
      guard let bytes = row.bytes else { continue }
      let rate = try #require(row.gigabytesPerSecond)
      guard row.operation != .write else { continue }
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

  /// On every device and in every storage, with a residual of its own for the last of the correlations.
  @Test func correlationsKeepToTheBoundOnTheirErrors() throws {
    let places = try BenchmarkPlace.all(storages: AtomStorage.allCases)
    let report = try Benchmark(.tiny).run(on: places)
    let errors = report.rows.filter { $0.operation == .correlate }.map(\.error)
    #expect(errors.count == 2 * places.reduce(0) { $0 + $1.precisions.count })
    for error in errors { #expect(try #require(error) < 0.5) }
  }

  @Test func anErrorBeyondTheBoundShows() throws {
    let problem = try RecoveryProblem.gaussian(ProblemShape(20, 50, 3))
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let r = problem.scaledObservation
    let error = CorrelationError(problem, engine)
    let z = try engine.makeVector(.correlation)
    let residual = try engine.makeVector(.residual)
    try engine.write(r, to: residual)
    try engine.correlate(residual, into: z)
    var found = try engine.read(z)
    #expect(try error.ofBound(found, residual: r) < 0.5)
    found[49] += 1e-13
    #expect(try error.ofBound(found, residual: r) > 1)
    found[7] = .nan
    #expect(try error.ofBound(found, residual: r) == .infinity)
  }

  /// Rows of one operation and size stand side by side, whatever else was measured.
  @Test func reportsAreCompared() throws {
    var options = BenchmarkOptions.tiny
    options.precisions = [.double]
    let first = try Benchmark(options).run(on: [.cpu()])
    options.residuals = [8]
    let second = try Benchmark(options).run(on: [.cpu()])
    let comparison = BenchmarkComparison(first, second)
    #expect(
      comparison.pairs.map(\.first.title) == first.rows.map(\.title).filter { $0 != "gemv-t" })
    for pair in comparison.pairs {
      #expect(pair.first.title == pair.second.title)
      #expect(pair.ratio > 0)
    }
    #expect(comparison.table().contains("second / first"))
    options.rows = 21
    let third = try Benchmark(options).run(on: [.cpu()])
    let sizes = Set(BenchmarkComparison(first, third).pairs.map(\.first.title))
    #expect(sizes == ["launch", "read", "stream", "top-k"])
    let none = BenchmarkComparison(first, try Benchmark(options).run(on: []))
    #expect(none.table().contains("No operation of one size was measured in both."))
  }

  @Test func whatTheBudgetLeavesOutIsSaid() throws {
    var options = BenchmarkOptions.tiny
    options.budget = 1e-9
    var partial: [BenchmarkReport] = []
    let report = try Benchmark(options).run(on: [.cpu()], partial: { partial.append($0) })
    #expect(report.rows.isEmpty && partial.isEmpty)
    #expect(report.failures.count == 2)
    #expect(report.failures.allSatisfy { $0.contains("the budget of 1.000e-9 s was spent") })
    options.budget = 0
    #expect(throws: RecoveryError.self) { try Benchmark(options) }
  }

  @Test func everyPlaceAddsToTheReport() throws {
    var counts: [Int] = []
    let report = try Benchmark(.tiny).run(on: [.cpu()], partial: { counts.append($0.rows.count) })
    #expect(counts == [report.rows.count / 2, report.rows.count])
  }

  @Test func aReportSurvivesJSON() throws {
    let report = try Benchmark(.tiny).run(on: [.cpu()])
    let data = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(BenchmarkReport.self, from: data) == report)
  }

  @Test func aDeviceThatFailsDoesNotStopTheOthers() throws {
    let report = try Benchmark(.tiny).run(on: [.broken, .cpu()])
    #expect(report.rows.count == 2 * 10)
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
    var options = BenchmarkOptions.tiny
    options.residuals = [1, 0]
    #expect(throws: RecoveryError.self) { try Benchmark(options) }
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
