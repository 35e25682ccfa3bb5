internal import SparseCore

/// Measures what a device costs, while it is opened and loaded anyway, and keeps it for other processes.
struct CostMeasurement: Sendable {
  private let file: RememberedFile<DeviceCosts>

  init(_ file: RememberedFile<DeviceCosts>) { self.file = file }

  /// The least bytes of atoms from which rates are measured: of fewer, launches and waits are what is measured.
  private static let leastBytes = 32 << 20
  /// The most bytes that are read, more than caches hold.
  private static let sampleBytes = 256 << 20

  /// What a measurement holds for: a device with its driver, and programs, which are compiled when they are first asked
  /// for.
  private static func key(
    _ device: OpenCLDevice, _ precision: Precision, _ storage: AtomStorage
  ) -> String {
    var kernels = Checksum()
    for source in [
      KernelSource.vector, KernelSource.selection, KernelSource.rows, KernelSource.product,
      KernelSource.tile,
    ] { kernels.add(bytes: source.utf8) }
    return "\(precision) \(storage) \(String(kernels.value, radix: 16)) \(device.driverVersion), "
      + "\(device.name), \(device.platform)"
  }

  /// What was measured before.
  func known(
    _ device: OpenCLDevice, _ precision: Precision, _ storage: AtomStorage
  ) -> DeviceCosts? {
    file.value(for: Self.key(device, precision, storage))
  }

  /// Measures a device that has just been loaded: the first time, and once more for the time it takes to open. The first
  /// time programs may have been compiled, which is done once, so that the usual time stands in for it.
  ///
  /// Two passes over 256 MB. Nothing where there are few atoms, or not all of them stay.
  ///
  /// - Parameter opening: the time until the engine was ready, without the upload.
  func measure(
    _ engine: OpenCLEngine, _ device: OpenCLDevice, _ storage: AtomStorage, opening: Duration
  ) throws(RecoveryError) {
    let known = known(device, engine.precision, storage)
    let matrix = engine.matrix
    let storedBytes = matrix.columns * matrix.stride * matrix.format.byteCount
    guard known == nil || known?.opening == DeviceCosts.usual.opening, !matrix.isStreamed,
      storedBytes >= Self.leastBytes, let sample = matrix.sample(bytes: Self.sampleBytes)
    else { return }
    let costs = DeviceCosts(
      opening: known == nil ? DeviceCosts.usual.opening : opening / .seconds(1),
      uploadRate: Double(storedBytes) / (engine.upload / .seconds(1)),
      passRate: Double(engine.rows * sample.columns * engine.precision.byteCount)
        / (try engine.passTime(over: sample) / .seconds(1)))
    if costs.isPlausible {
      file.remember(costs, for: Self.key(device, engine.precision, storage))
    }
  }
}

extension OpenCLEngine {
  /// What correlations of some columns with 32 residuals take; as zeros, which take as long.
  func passTime(over sample: MatrixPanels) throws(RecoveryError) -> Duration {
    let (r, z) = (try makeVector(rows), try makeVector(columns))
    let residuals = [OpenCLVector](repeating: r, count: 32)
    let correlations = [OpenCLVector](repeating: z, count: residuals.count)
    // The first wakes the device.
    var time = Duration.zero
    for _ in 0..<2 {
      try queue.finish()
      let begin = ContinuousClock.now
      try native.correlate(residuals, into: correlations, with: sample, nil)
      try queue.finish()
      time = .now - begin
    }
    return time
  }
}
