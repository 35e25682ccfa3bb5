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
  /// Where those of each launch begin, for its residuals, and how far apart two residuals lie.
  private var slots: [(residuals: Range<Int>, first: Int, apart: Int)] = []
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

  /// Makes room for what so many work-groups of each launch see of each of its residuals.
  func makeRoom(for launches: [(residuals: Range<Int>, groups: Int)]) throws(RecoveryError) {
    var end = 0
    slots = launches.map { residuals, groups in
      defer {
        // A kernel may write for as many residuals as it can take, the last of them repeated.
        let most = NativeProducts.residualsInLaunch
        end += (residuals.count + most - 1) / most * most * groups
      }
      return (residuals, end, groups)
    }
    let byteCount = end * scalar.precision.byteCount
    if peaks.byteCount < byteCount { peaks = try DeviceBuffer(byteCount, in: memory) }
  }

  /// What the kernels are told to do.
  fileprivate var flags: UInt32 { Self.watched | (offset == nil ? 0 : Self.addsOffset) }
  /// Where the first work-group of a launch leaves its first residual's peak, and how far the next is.
  fileprivate func slots(launch: Int) -> (first: Int, apart: Int) {
    (slots[launch].first, slots[launch].apart)
  }
  /// What they read and write beside the correlations.
  fileprivate var buffers: (offset: DeviceBuffer, zeros: DeviceBuffer, peaks: DeviceBuffer) {
    (offset?.buffer ?? zeros, zeros, peaks)
  }

  /// The largest magnitude of each of `count` correlations. Waits for them.
  func largest(_ count: Int) throws(RecoveryError) -> [Double] {
    guard count > 0 else { return [] }
    let byteCount = count * scalar.precision.byteCount
    if found.byteCount < byteCount { found = try DeviceBuffer(byteCount, in: memory) }
    try gather(into: found, at: 0)
    return try queue.read(found, byteCount) { scalar.read($0) }
  }

  /// Starts to write the largest magnitude of each correlation to a buffer, behind so many numbers.
  func gather(into buffer: DeviceBuffer, at place: Int) throws(RecoveryError) {
    var rest = slots[...]
    while let (residuals, first, apart) = rest.first {
      // Of launches with as many groups all residuals lie one behind the other.
      let alike = rest.prefix { $0.apart == apart }
      try queue.run(
        gatherPeaks, groups: alike.reduce(0) { $0 + $1.residuals.count }, UInt32(first),
        UInt32(apart), UInt32(place + residuals.lowerBound), peaks, buffer)
      rest = rest.dropFirst(alike.count)
    }
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
  ///   - launch: which of those that the epilogue has made room for.
  ///   - exponent: that of the atoms' format.
  ///   - unused: what stands in for buffers that are not read.
  init(
    _ epilogue: CorrelationEpilogue?, launch: Int, exponent: Int, unused: DeviceBuffer
  ) {
    self.exponent = Int32(exponent)
    flags = epilogue?.flags ?? 0
    buffers = epilogue?.buffers ?? (unused, unused, unused)
    let (first, apart) = epilogue?.slots(launch: launch) ?? (0, 0)
    slot = UInt32(first)
    slots = UInt32(apart)
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
