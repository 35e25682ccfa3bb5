import SparseRecovery

/// What a run measured, and where. Written as JSON, it is the record to compare later runs with.
public struct BenchmarkReport: Equatable, Sendable, Codable {
  /// The version of the layout, 2.
  public let schemaVersion: Int
  /// The machine.
  public let machine: Machine
  /// What was asked for.
  public let options: BenchmarkOptions
  /// The speed of host memory in this run.
  public let host: HostBandwidth
  /// One row for each operation on each device in each precision that it has.
  public let rows: [BenchmarkRow]
  /// What could not be measured, and why: one sentence each.
  public let failures: [String]

  /// The host and its devices.
  public struct Machine: Equatable, Sendable, Codable {
    /// The processor.
    public let processor: String
    /// Its cores.
    public let cores: Int
    /// OpenBLAS, with the name of its kernels.
    public let blas: String
    /// What was measured.
    public let devices: [DeviceFacts]

    /// Collects the facts.
    package init(processor: String, cores: Int, blas: String, devices: [DeviceFacts]) {
      self.processor = processor
      self.cores = cores
      self.blas = blas
      self.devices = devices
    }

    /// This machine, with what is measured on it.
    init(of places: [BenchmarkPlace]) {
      let processor = CPUBackend().identity
      self.init(
        processor: processor.device, cores: Host.cores, blas: processor.library,
        devices: places.map(\.device))
    }
  }

  /// Collects the parts.
  package init(
    machine: Machine, options: BenchmarkOptions, host: HostBandwidth, rows: [BenchmarkRow],
    failures: [String]
  ) {
    schemaVersion = 2
    self.machine = machine
    self.options = options
    self.host = host
    self.rows = rows
    self.failures = failures
  }

  /// The report for people: a table for each engine and precision, one of the solves, and what the
  /// columns mean.
  ///
  /// - Parameters:
  ///   - width: how long lines of text may be; the tables take 80 characters or a few more.
  ///   - explained: whether the columns are explained below.
  public func table(width: Int = 80, explained: Bool = true) -> String {
    let blocks =
      [summary(width)] + engines.map { engineTable($0, width) }
      + [solveTable, explained ? explanation(width) : []]
      + (failures.isEmpty
        ? [] : [["Not measured"] + failures.flatMap { wrapped($0, width: width, indent: 2) }])
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
      .joined(separator: "\n\n") + "\n"
  }

  /// The rows of each engine in each precision, in the order measured.
  private var engines: [ArraySlice<BenchmarkRow>] {
    var slices: [ArraySlice<BenchmarkRow>] = []
    var start = rows.startIndex
    while start < rows.endIndex {
      let first = rows[start]
      let end =
        rows[start...].firstIndex {
          $0.engine != first.engine || $0.device != first.device
            || $0.precision != first.precision
        } ?? rows.endIndex
      slices.append(rows[start..<end])
      start = end
    }
    return slices
  }

  private func summary(_ width: Int) -> [String] {
    [
      "\(machine.processor), \(machine.cores) cores; \(machine.blas)",
      "\(options.rows) × \(options.columns), k = \(options.sparsity), "
        + "\(Figures.number(options.snr)) dB, seed \(options.seed)",
      "host memory, \(host.threads) threads on \(Figures.bytes(host.bytes)): "
        + "read \(Figures.number(host.read)) GB/s, copy \(Figures.number(host.copy)) GB/s",
    ].flatMap { wrapped($0, width: width, indent: 2) }
  }

  private func engineTable(_ rows: ArraySlice<BenchmarkRow>, _ width: Int) -> [String] {
    guard let first = rows.first else { return [] }
    var table = TextTable(
      "operation", "first call", "median", "minimum", "GB/s", "of ceiling", "GFLOP/s", "error")
    table.rows = rows.map { row in
      [
        row.title, Figures.time(row.timing.firstCall),
        Figures.time(row.timing.seconds.median), Figures.time(row.timing.seconds.minimum),
        row.gigabytesPerSecond.map { Figures.number($0) } ?? "–",
        row.fractionOfCeiling.map { Figures.number($0, digits: 2) } ?? "–",
        row.gigaflopsPerSecond.map { Figures.number($0) } ?? "–",
        row.error.map { Figures.number($0, digits: 2) } ?? "–",
      ]
    }
    let heading =
      "\(first.engine.name), \(first.precision) precision, on a \(first.device.kind): "
      + "\(first.device.name) (\(first.device.library))"
    return wrapped(heading, width: width, indent: 2) + table.lines
  }

  private var solveTable: [String] {
    let solves = rows.compactMap { row in row.solve.map { (row, $0) } }
    guard !solves.isEmpty else { return [] }
    var table = TextTable("solve", "iterations", "each", "passes", "residual", "agreement")
    table.rows = solves.map { row, solve in
      [
        "\(row.engine.name) \(row.numbers)", "\(solve.iterations)",
        Figures.time(solve.secondsPerIteration), "\(solve.matrixPasses)",
        Figures.number(solve.relativeResidual), Figures.number(solve.supportAgreement, digits: 3),
      ]
    }
    return table.lines
  }

  private func explanation(_ width: Int) -> [String] {
    [
      ("first call", "with compilation, page faults and cold caches; not in the other figures"),
      ("median", "of batches that last 5 ms or more, for one call"),
      ("minimum", "the fastest batch, for one call"),
      (
        "GB/s",
        "bytes that a call must move, per median time: A once for gemv and gemv-t, A once a pass for "
          + "several residuals and for solve, A as stored for load on a device, the vector once for top-k, "
          + "three vectors for stream"
      ),
      (
        "of ceiling",
        "GB/s divided by what the host reads at best (cpu) or by the engine's own stream at best "
          + "(opencl), measured in the same run; above 1 where A fits in a cache, or where writes "
          + "(of stream) do not hinder reads"
      ),
      ("GFLOP/s", "additions and multiplications of a call, per median time"),
      (
        "error",
        "of the correlations with some columns, divided by the bound on rounding errors: above 1 an "
          + "engine is wrong"
      ),
      ("gemv-t × 8", "gemv-t of 8 residuals in one call"),
      ("each", "median time of a solve divided by its iterations"),
      ("passes", "how many times a solve read A: a support visited lately costs none"),
      ("residual", "‖Ax − y‖ / ‖y‖ of the best support"),
      ("agreement", "part of the support found by the CPU in double precision that was found too"),
    ].flatMap { name, meaning in wrapped("\(name): \(meaning)", width: width, indent: 2) }
  }
}
