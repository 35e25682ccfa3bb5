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
    // A launch always takes a whole pass of residuals, the last of them repeated.
    let rows = count + NativeProducts.residualsPerPass
    let size = scalar.precision.byteCount
    if peaks.byteCount < rows * slots * size {
      peaks = try DeviceBuffer(rows * slots * size, in: memory)
    }
    if found.byteCount < count * size { found = try DeviceBuffer(count * size, in: memory) }
    self.slots = slots
  }

  /// What the kernels are given.
  var arguments: (flags: UInt32, offset: DeviceBuffer, zeros: DeviceBuffer, peaks: DeviceBuffer) {
    (
      Self.watched | (offset == nil ? 0 : Self.addsOffset), offset?.buffer ?? zeros, zeros, peaks
    )
  }

  /// The largest magnitude of each of `count` correlations. Waits for them.
  func largest(_ count: Int) throws(RecoveryError) -> [Double] {
    guard count > 0 else { return [] }
    try queue.run(gatherPeaks, groups: count, UInt32(slots), peaks, found)
    return try queue.read(found, count * scalar.precision.byteCount) { scalar.read($0) }
  }
}
