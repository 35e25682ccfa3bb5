internal import SparseCore

/// The kernels of selection.cl, with the buffers they work in.
final class RadixSelection {
  /// How a selection is launched; both ways give the same answer.
  enum Way: CaseIterable {
    /// One work-group does everything in one launch.
    case small
    /// Many work-groups: one launch a level, and one to emit.
    case large
  }

  // As in selection.cl.
  private static let digitBits = 11
  private static let bins = 1 << digitBits
  private static let searchBytes = 24
  private static let run = 4

  /// Up to this length one work-group is faster than the launches of many: on an NVIDIA H100 41 against
  /// 43 µs for 20000 numbers in double precision, and 82 against 43 for 50000. On a processor a group is
  /// one core.
  private static func smallLength(on device: OpenCLDevice) -> Int {
    device.kind == .cpu ? 16384 : 20480
  }

  /// The items of a work-group: the largest power of two up to `most` that the device allows, and has
  /// the local memory for, a histogram and a number each.
  static func groupSize(on device: OpenCLDevice, atMost most: Int) -> Int {
    var size = device.groupSize(atMost: most)
    while size > 1, (bins + size) * MemoryLayout<UInt32>.size + 16 > device.localMemory {
      size /= 2
    }
    return size
  }

  private let queue: CommandQueue
  private let memory: DeviceMemory
  private let scalar: any DeviceScalar.Type
  private let levels: Int
  private let mostGroups: Int
  private let selectSmall: Kernel
  private let histogramLevel: Kernel
  private let emitChunks: Kernel
  private let histogramBuffer: DeviceBuffer
  private let searches: DeviceBuffer
  private let smallLength: Int
  /// What groups leave behind for those after them: 8 bytes and a histogram each, made when needed.
  private var counts: DeviceBuffer
  private var tails: DeviceBuffer
  private var selected: DeviceBuffer

  init(
    _ program: Program, scalar: any DeviceScalar.Type, on queue: CommandQueue,
    in memory: DeviceMemory, staging: StagingMemory
  ) throws(RecoveryError) {
    self.queue = queue
    self.memory = memory
    self.scalar = scalar
    levels = (scalar.comparedBits + Self.digitBits - 1) / Self.digitBits
    mostGroups = 4 * queue.context.device.computeUnits
    selectSmall = try program.kernel("selectSmall")
    histogramLevel = try program.kernel("histogramLevel")
    emitChunks = try program.kernel("emitChunks")
    let histogramBytes = levels * Self.bins * MemoryLayout<UInt32>.size
    histogramBuffer = try DeviceBuffer(histogramBytes, in: memory)
    smallLength = Self.smallLength(on: queue.context.device)
    searches = try DeviceBuffer(levels * Self.searchBytes, in: memory)
    counts = try DeviceBuffer(1024, in: memory)
    tails = try DeviceBuffer(1024, in: memory)
    selected = try DeviceBuffer(1024, in: memory)
    // Each selection leaves the histogram of the next one's first level cleared; the first of all
    // finds it so.
    try staging.send(histogramBytes, of: 1, to: histogramBuffer) {
      $1.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// The k entries of largest magnitude, in ascending order of index. Waits for them.
  ///
  /// - Parameter way: how, or nil for what suits the length.
  func largest(_ k: Int, of z: OpenCLVector, way: Way?) throws(RecoveryError) -> Selection {
    try largest(k, of: z, way: way, beside: 0) { _, _ in }.selection
  }

  /// The same, and `count` numbers that came with them in the one transfer.
  ///
  /// - Parameter write: starts to write these to a buffer, behind so many numbers. The k values and their indices are
  ///   at its start by then.
  func largest(
    _ k: Int, of z: OpenCLVector, way: Way? = nil, beside count: Int,
    write: (DeviceBuffer, Int) throws(RecoveryError) -> Void
  ) throws(RecoveryError) -> (selection: Selection, beside: [Double]) {
    // The k values, behind them the k indices, and where the next number begins, the others.
    let size = scalar.precision.byteCount
    let selectedBytes = k * (size + MemoryLayout<UInt32>.size)
    let place = (selectedBytes + size - 1) / size
    let byteCount = count > 0 ? (place + count) * size : selectedBytes
    if selected.byteCount < byteCount { selected = try DeviceBuffer(byteCount, in: memory) }
    switch way ?? (z.count <= smallLength ? .small : .large) {
    case .small:
      try queue.run(selectSmall, groups: 1, UInt32(z.count), UInt32(k), z.buffer, selected)
    case .large:
      try launchLarge(k, of: z)
    }
    try write(selected, place)
    return try queue.read(selected, byteCount) { bytes in
      let (values, indices) = (bytes[..<(k * size)], bytes[(k * size)..<selectedBytes])
      let selection = Selection(
        indices: indices.withMemoryRebound(to: UInt32.self) { $0.map { Int($0) } },
        values: scalar.read(UnsafeRawBufferPointer(rebasing: values)))
      // Behind an odd number of indices nothing begins that may hold a double.
      guard count > 0 else { return (selection, []) }
      return (selection, scalar.read(UnsafeRawBufferPointer(rebasing: bytes[(place * size)...])))
    }
  }

  private func launchLarge(_ k: Int, of z: OpenCLVector) throws(RecoveryError) {
    let tile = histogramLevel.groupSize * Self.run
    let tiles = (z.count + tile - 1) / tile
    let tilesPerGroup = (tiles + mostGroups - 1) / mostGroups
    let groups = (tiles + tilesPerGroup - 1) / tilesPerGroup
    let (n, chunk, k) = (UInt32(z.count), UInt32(tilesPerGroup * tile), UInt32(k))
    let countBytes = groups * MemoryLayout<SIMD2<UInt32>>.size
    if counts.byteCount < countBytes { counts = try DeviceBuffer(countBytes, in: memory) }
    let tailBytes = groups * Self.bins * MemoryLayout<UInt32>.size
    if tails.byteCount < tailBytes { tails = try DeviceBuffer(tailBytes, in: memory) }
    for level in 0..<UInt32(levels) {
      try queue.run(
        histogramLevel, groups: groups, level, n, chunk, k, z.buffer, histogramBuffer, searches,
        counts, tails)
    }
    try queue.run(
      emitChunks, groups: groups, n, chunk, k, z.buffer, histogramBuffer, searches, counts, tails,
      selected)
  }
}
