import SparseRecovery

/// What a run measured, and where. Written as JSON, it is the record to compare later runs with.
public struct BenchmarkReport: Equatable, Sendable, Codable {
  /// The version of the layout, 1.
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
    schemaVersion = 1
    self.machine = machine
    self.options = options
    self.host = host
    self.rows = rows
    self.failures = failures
  }
}
