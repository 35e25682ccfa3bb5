internal import SparseCore
internal import Synchronization

/// An implementation of the products with A that have one vector.
protocol ProductImplementation {
  /// Which one this is.
  var kernels: ProductKernels { get }

  /// r ← A D v.
  func multiply(_ v: OpenCLVector, into r: OpenCLVector, by matrix: MatrixPanels)
    throws(RecoveryError)

  /// z ← D Aᵀ r.
  func correlate(_ r: OpenCLVector, into z: OpenCLVector, with matrix: MatrixPanels)
    throws(RecoveryError)
}

/// Which products were the faster on a device, for the life of the process, or longer with a file.
enum ProductMeasurement {
  /// One measurement at a time: two would slow each other down.
  private static let remembered = Mutex<[String: ProductKernels]>([:])

  /// What a measurement holds for: a device with its driver, a precision, and matrices of about one
  /// size.
  static func key(
    _ device: OpenCLDevice, _ precision: Precision, rows: Int, columns: Int
  ) -> String {
    func rounded(_ count: Int) -> Int { Int.bitWidth - (count - 1).leadingZeroBitCount }
    return "\(precision) 2^\(rounded(rows)) x 2^\(rounded(columns)) \(device.driverVersion), "
      + "\(device.name), \(device.platform)"
  }

  /// The most rounds, and the time after which no other begins. A round reads the sample twice.
  private static let mostRounds = 5
  private static let limit = Duration.milliseconds(60)
  /// How much faster CLBlast must be. Where it does not matter, every process makes one choice.
  private static let advantage = 0.9

  /// The bytes of A that are read: on GPUs more than their caches hold.
  static func sampleBytes(on device: OpenCLDevice) -> Int {
    device.kind == .cpu ? 32 << 20 : 256 << 20
  }

  /// The faster at z ← D Aᵀ r with this matrix: CLBlast only where it works, and is faster by more
  /// than a measurement errs.
  ///
  /// Measured once for a process, and once for all that share a file. Takes less than 100 ms where a
  /// pass over the matrix takes less than 10, and the time to compile.
  static func faster(
    _ native: NativeProducts, _ clblast: CLBlastProducts, _ r: OpenCLVector, _ z: OpenCLVector,
    with matrix: MatrixPanels, file: RememberedFile<ProductKernels>?
  ) throws(RecoveryError) -> ProductKernels {
    let key = key(
      clblast.queue.context.device, clblast.scalar.precision, rows: r.count, columns: z.count)
    return try remembered.withLock { choices throws(RecoveryError) in
      if let choice = choices[key] { return choice }
      let known = file?.value(for: key)
      let choice = if let known { known } else { try measure(native, clblast, r, z, matrix) }
      choices[key] = choice
      if known == nil { file?.remember(choice, for: key) }
      return choice
    }
  }

  private static func measure(
    _ native: NativeProducts, _ clblast: CLBlastProducts, _ r: OpenCLVector, _ z: OpenCLVector,
    _ matrix: MatrixPanels
  ) throws(RecoveryError) -> ProductKernels {
    let (queue, clock) = (clblast.queue, ContinuousClock())
    func time(_ products: some ProductImplementation) throws(RecoveryError) -> Duration {
      let start = clock.now
      try products.correlate(r, into: z, with: matrix)
      try queue.finish()
      return clock.now - start
    }

    // The first run of each is to compile and to wake the device.
    _ = try time(native)
    do { _ = try time(clblast) } catch { return .native }
    let begin = clock.now
    var (best, rival) = (try time(native), try time(clblast))
    for _ in 1..<mostRounds where clock.now - begin < limit {
      best = min(best, try time(native))
      rival = min(rival, try time(clblast))
    }
    return rival < best * advantage ? .clblast : .native
  }
}
