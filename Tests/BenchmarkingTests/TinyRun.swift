import Benchmarking
import SparseRecovery

extension BenchmarkOptions {
  /// Sizes at which a whole run takes a moment.
  static var tiny: BenchmarkOptions {
    var options = BenchmarkOptions()
    options.rows = 20
    options.columns = 50
    options.sparsity = 3
    options.iterations = 12
    options.gradient = .direct
    options.residuals = [1, 8]
    options.repetitions = 2
    options.solveRepetitions = 1
    options.measuringTime = 0
    options.streamBytes = 1 << 16
    return options
  }
}

extension BenchmarkReport {
  /// The same report as it would be on any machine: every time is one second, and devices go by
  /// their roles.
  var normalized: BenchmarkReport {
    BenchmarkReport(
      machine: Machine(
        processor: "Processor", cores: 4, blas: "BLAS", devices: machine.devices.map(\.normalized)),
      options: options, host: HostBandwidth(threads: 4, bytes: host.bytes, read: 1, copy: 1),
      rows: rows.map(\.normalized), failures: failures)
  }
}

extension DeviceFacts {
  fileprivate var normalized: DeviceFacts {
    DeviceFacts(name: "Device", kind: kind, library: "Library", computeUnits: 4)
  }
}

extension BenchmarkRow {
  fileprivate var normalized: BenchmarkRow {
    BenchmarkRow(
      operation: operation,
      engine: EngineIdentity(name: engine.name, device: "Device", library: "Library"),
      device: device.normalized, precision: precision, storage: storage, shape: shape,
      timing: Timing(
        firstCall: 1, seconds: Quartiles(of: [1]), repetitions: 1, callsPerRepetition: 1),
      bytes: bytes, flops: flops, ceiling: ceiling.map { _ in 1 }, error: error.map { _ in 0 },
      solve: solve.map {
        SolveFacts(
          iterations: $0.iterations, secondsPerIteration: 1, matrixPasses: $0.matrixPasses,
          relativeResidual: $0.relativeResidual, supportAgreement: $0.supportAgreement)
      })
  }
}
