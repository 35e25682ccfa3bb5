public import SparseRecovery

/// Measures the engines of this machine on one synthetic problem.
public struct Benchmark: Sendable {
  /// What is measured.
  public let options: BenchmarkOptions

  /// Checks the options.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``.
  public init(_ options: BenchmarkOptions = BenchmarkOptions()) throws(RecoveryError) {
    try options.validate()
    self.options = options
  }

  /// Measures every operation on every place in every precision wanted that it has.
  ///
  /// Takes 8 · m · n bytes for the problem and as much again on each device, one after another. A
  /// place that fails, for lack of memory on a device for one, is noted and does not stop the rest.
  ///
  /// - Parameter progress: called with what is measured next, before it is.
  /// - Throws: what ``SyntheticProblem/init(_:)`` throws for sizes that make no sense, and
  ///   ``RecoveryError/outOfMemory(bytes:)``.
  public func run(
    on places: [BenchmarkPlace], progress: (String) -> Void = { _ in }
  ) throws(RecoveryError) -> BenchmarkReport {
    progress("problem")
    let problem = try RecoveryProblem.gaussian(
      ProblemShape(options.rows, options.columns, options.sparsity), snr: options.snr,
      seed: options.seed)
    let cpu = CPUBackend()
    let expected = try SEA(options)
      .solve(problem, sparsity: options.sparsity, on: cpu)

    progress("host memory")
    let streamBytes = options.streamBytes ?? min(max(8 * Host.cacheBytes, 256 << 20), 1 << 30)
    let host = try HostBandwidth.measure(
      bytes: streamBytes, threads: Host.cores,
      with: Stopwatch(repetitions: options.repetitions, totalSeconds: options.measuringTime))

    var rows: [BenchmarkRow] = []
    var failures: [String] = []
    for place in places {
      for precision in options.precisions where place.precisions.contains(precision) {
        progress("\(place.backend.identity.name) \(precision): \(place.device.name)")
        do {
          rows += try EngineBenchmark(
            place: place, precision: precision, options: options, problem: problem,
            expectedSupport: expected.support, hostRead: host.read, streamBytes: streamBytes
          ).rows()
        } catch {
          guard error.isOfThisMachine else { throw error }
          failures.append("\(precision) precision: \(error)")
        }
      }
    }
    return BenchmarkReport(
      machine: BenchmarkReport.Machine(of: places), options: options, host: host, rows: rows,
      failures: failures)
  }
}
