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
  /// - Parameters:
  ///   - progress: called with what is measured next, before it is.
  ///   - partial: called with what there is after each place and precision.
  /// - Throws: what ``SyntheticProblem/init(_:)`` throws for sizes that make no sense, and
  ///   ``RecoveryError/outOfMemory(bytes:)``.
  public func run(
    on places: [BenchmarkPlace], progress: (String) -> Void = { _ in },
    partial: (BenchmarkReport) -> Void = { _ in }
  ) throws(RecoveryError) -> BenchmarkReport {
    let start = ContinuousClock.now
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
      // The processor is compared with what as many threads get from memory.
      bytes: streamBytes,
      threads: places.filter(\.ceilingIsHost).map(\.device.computeUnits).max() ?? Host.cores,
      with: Stopwatch(repetitions: options.repetitions, totalSeconds: options.measuringTime))

    var rows: [BenchmarkRow] = []
    var failures: [String] = []
    var report: BenchmarkReport {
      BenchmarkReport(
        machine: BenchmarkReport.Machine(of: places), options: options, host: host, rows: rows,
        failures: failures)
    }
    for place in places {
      for precision in options.precisions where place.precisions.contains(precision) {
        let name = "\(place.backend.identity.name) \(precision): \(place.device.name)"
        if let budget = options.budget, seconds(since: start) > budget {
          failures.append("\(name): the budget of \(Figures.number(budget)) s was spent")
          continue
        }
        progress(name)
        do {
          rows += try EngineBenchmark(
            place: place, precision: precision, options: options, problem: problem,
            expectedSupport: expected.support, hostRead: host.read, streamBytes: streamBytes
          ).rows()
        } catch {
          guard error.isOfThisMachine else { throw error }
          failures.append("\(precision) precision: \(error)")
        }
        partial(report)
      }
    }
    return report
  }
}

/// What is measured: the size of the problem, and how thoroughly.
public struct BenchmarkOptions: Equatable, Sendable, Codable {
  /// The number of rows of the matrix, m.
  public var rows = 500
  /// The number of columns of the matrix, n.
  public var columns = 5000
  /// The number of columns to select, k, and of nonzero coefficients of the truth.
  public var sparsity = 25
  /// The signal-to-noise ratio of the observation, in decibels.
  public var snr = 20.0
  /// The name of all random sequences.
  public var seed: UInt64 = 0
  /// The supports that a solve evaluates.
  public var iterations = 100
  /// How a solve computes gradients.
  public var gradient = SEA.Gradient.auto
  /// How many residuals are correlated at once, each number of them in a row of its own.
  public var residuals = [1, 8, 16, 32]
  /// The fewest times that an operation is timed, after its first call.
  public var repetitions = 10
  /// The fewest times that a solve is timed, after the first.
  public var solveRepetitions = 3
  /// The shortest time, in seconds, that an operation is timed for.
  public var measuringTime = 0.2
  /// The precisions of gradients. A device that lacks one is not measured in it.
  public var precisions = Precision.allCases
  /// The seconds after which no other place or precision is begun; nil for no limit.
  public var budget: Double?
  /// The bytes that a measurement of memory bandwidth works on, or nil for eight times the largest
  /// cache of the processor, from 256 MiB to 1 GiB.
  public var streamBytes: Int?

  /// The defaults: 500 × 5000, 25 columns to select.
  public init() {}

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for the first option that makes
  ///   no sense. Those of the problem are checked where it is made.
  func validate() throws(RecoveryError) {
    func atLeast(_ least: Int, _ name: String, _ value: Int) throws(RecoveryError) {
      guard value >= least else {
        throw .invalidOption(
          name: name, value: "\(value)", expected: "a number of at least \(least)")
      }
    }
    try atLeast(1, "iterations", iterations)
    try atLeast(1, "repetitions", repetitions)
    try atLeast(1, "repetitions of a solve", solveRepetitions)
    for count in residuals { try atLeast(1, "residuals", count) }
    if let streamBytes {
      guard 4096...(1 << 32) ~= streamBytes else {
        throw .invalidOption(
          name: "stream size", value: "\(streamBytes)", expected: "from 4096 to 2³² bytes")
      }
    }
    if let budget, !(budget > 0) {
      throw .invalidOption(
        name: "budget", value: "\(budget)", expected: "more than 0 seconds")
    }
    guard 0...3600 ~= measuringTime else {
      throw .invalidOption(
        name: "measuring time", value: "\(measuringTime)", expected: "from 0 to 3600 seconds")
    }
  }
}
