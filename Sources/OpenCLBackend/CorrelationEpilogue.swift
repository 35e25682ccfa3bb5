internal import COpenCL
internal import SparseCore

/// What becomes of correlations before they are stored, and the largest magnitude of each.
final class CorrelationEpilogue {
  // As in product.cl.
  private static let watched: UInt32 = 1
  private static let addsOffset: UInt32 = 2

  private let queue: CommandQueue
  private let memory: DeviceMemory
  private let staging: StagingMemory
  private let scalar: any DeviceScalar.Type
  private let gatherPeaks: Kernel
  /// A bit for each column, and the columns whose bits are set.
  private var zeros: DeviceBuffer
  private var zeroColumns: [Int]?
  private var offset: OpenCLVector?
  /// The largest magnitudes that work-groups saw, those of one residual side by side.
  private var peaks: DeviceBuffer
  private var slots = 0
  private var found: DeviceBuffer

  init(
    _ program: Program, scalar: any DeviceScalar.Type, columns: Int, on queue: CommandQueue,
    in memory: DeviceMemory, staging: StagingMemory
  ) throws(RecoveryError) {
    self.queue = queue
    self.memory = memory
    self.staging = staging
    self.scalar = scalar
    gatherPeaks = try program.kernel("gatherPeaks")
    zeros = try DeviceBuffer(
      Self.wordCount(columns) * MemoryLayout<UInt32>.size, in: memory)
    peaks = try DeviceBuffer(1024, in: memory)
    found = try DeviceBuffer(1024, in: memory)
  }

  private static func wordCount(_ columns: Int) -> Int { (columns + 31) / 32 }

  /// Chooses the offset and the columns that get zero, which are sent where they are new.
  func prepare(
    offset: OpenCLVector?, zeros indices: [Int], columns: Int
  ) throws(RecoveryError) {
    self.offset = offset
    guard indices != zeroColumns else { return }
    var words = [UInt32](repeating: 0, count: Self.wordCount(columns))
    for j in indices { words[j / 32] |= 1 << UInt32(j % 32) }
    try staging.send(words.count, of: MemoryLayout<UInt32>.size, to: zeros) { range, bytes in
      bytes.copyBytes(from: words[range].withUnsafeBytes { Array($0) })
    }
    zeroColumns = indices
  }

  /// Makes room for what `slots` work-groups see of each of `count` residuals.
  func makeRoom(_ count: Int, slots: Int) throws(RecoveryError) {
    // A launch always takes as many residuals as it can, the last of them repeated.
    let rows = count + NativeProducts.residualsInLaunch
    let size = scalar.precision.byteCount
    if peaks.byteCount < rows * slots * size {
      peaks = try DeviceBuffer(rows * slots * size, in: memory)
    }
    if found.byteCount < count * size { found = try DeviceBuffer(count * size, in: memory) }
    self.slots = slots
  }

  /// What the kernels are told to do.
  fileprivate var flags: UInt32 { Self.watched | (offset == nil ? 0 : Self.addsOffset) }
  /// What they read and write beside the correlations.
  fileprivate var buffers: (offset: DeviceBuffer, zeros: DeviceBuffer, peaks: DeviceBuffer) {
    (offset?.buffer ?? zeros, zeros, peaks)
  }

  /// The largest magnitude of each of `count` correlations. Waits for them.
  func largest(_ count: Int) throws(RecoveryError) -> [Double] {
    guard count > 0 else { return [] }
    try queue.run(gatherPeaks, groups: count, UInt32(slots), peaks, found)
    return try queue.read(found, count * scalar.precision.byteCount) { scalar.read($0) }
  }
}

/// EPILOGUE of product.cl: the last arguments of every kernel that stores correlations.
struct CorrelationFinish: KernelArgument {
  private let exponent: Int32
  private let flags: UInt32
  private let buffers: (offset: DeviceBuffer, zeros: DeviceBuffer, peaks: DeviceBuffer)
  private var slot: UInt32
  private let slots: UInt32

  /// - Parameters:
  ///   - epilogue: nil where correlations are stored as they are.
  ///   - exponent: that of the atoms' format.
  ///   - slot: where the first work-group leaves the peak of the first residual.
  ///   - slots: how far apart the peaks of two residuals lie.
  ///   - unused: what stands in for buffers that are not read.
  init(
    _ epilogue: CorrelationEpilogue?, exponent: Int, slot: Int, slots: Int, unused: DeviceBuffer
  ) {
    self.exponent = Int32(exponent)
    flags = epilogue?.flags ?? 0
    buffers = epilogue?.buffers ?? (unused, unused, unused)
    self.slot = UInt32(slot)
    self.slots = UInt32(slots)
  }

  /// The same for what follows so many work-groups.
  func after(groups: Int) -> CorrelationFinish {
    var later = self
    later.slot += UInt32(groups)
    return later
  }

  func set(at index: inout cl_uint, of kernel: Kernel) -> cl_int {
    for argument: any KernelArgument in [
      exponent, flags, buffers.offset, buffers.zeros, slot, slots, buffers.peaks,
    ] {
      let code = argument.set(at: &index, of: kernel)
      guard code == CL_SUCCESS else { return code }
    }
    return CL_SUCCESS
  }
}
