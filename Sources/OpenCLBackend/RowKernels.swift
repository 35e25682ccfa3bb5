internal import SparseCore

/// The kernels of rows.cl, with the vector of norms that a selection is made from.
final class RowKernels {
  /// As in rows.cl: how many vectors a launch takes.
  private static let planesInLaunch = 8

  private let queue: CommandQueue
  private let memory: DeviceMemory
  private let precision: Precision
  private let zeroKernel: Kernel
  private let peakExponent: Kernel
  private let addSquares: Kernel
  private let gatherRows: Kernel
  private let peak: DeviceBuffer
  private var norms: OpenCLVector?

  init(
    _ program: Program, _ precision: Precision, on queue: CommandQueue, in memory: DeviceMemory
  ) throws(RecoveryError) {
    self.queue = queue
    self.memory = memory
    self.precision = precision
    zeroKernel = try program.kernel("zero")
    peakExponent = try program.kernel("peakExponent")
    addSquares = try program.kernel("addSquares")
    gatherRows = try program.kernel("gatherRows")
    // Cleared as one number of the vectors.
    peak = try DeviceBuffer(precision.byteCount, in: memory)
  }

  /// Starts to compute numbers that order the rows as their norms do. The vector is written to again by the next call.
  func norms(of planes: [OpenCLVector]) throws(RecoveryError) -> OpenCLVector {
    let count = planes[0].count
    let target =
      if let norms, norms.count == count { norms } else {
        OpenCLVector(
          count: count, buffer: try DeviceBuffer(count * precision.byteCount, in: memory))
      }
    norms = target
    try queue.run(zeroKernel, groups: 1, UInt32(1), peak)
    let (n, groups) = (UInt32(count), addSquares.groups(covering: count))
    try forEachLaunch(planes) { (_, number, buffers) throws(RecoveryError) in
      try queue.run(peakExponent, groups: groups, n, number, buffers, peak)
    }
    try forEachLaunch(planes) { (first, number, buffers) throws(RecoveryError) in
      try queue.run(
        addSquares, groups: groups, n, number, UInt32(first == 0 ? 0 : 1),
        UInt32(first + Int(number) == planes.count ? 1 : 0), buffers, peak, target.buffer)
    }
    return target
  }

  /// Starts to copy the entries of k rows, selected in a buffer, to the same buffer, behind so many numbers.
  func gather(
    _ k: Int, of planes: [OpenCLVector], into selected: DeviceBuffer, at place: Int
  ) throws(RecoveryError) {
    try forEachLaunch(planes) { (first, number, buffers) throws(RecoveryError) in
      try queue.run(
        gatherRows, groups: gatherRows.groups(covering: k), UInt32(k), UInt32(place + first * k),
        number, buffers, selected)
    }
  }

  /// Calls `body` for every launch, with its first vector, how many there are, and their buffers, the last repeated.
  private func forEachLaunch(
    _ planes: [OpenCLVector],
    _ body: (Int, UInt32, [DeviceBuffer]) throws(RecoveryError) -> Void
  ) throws(RecoveryError) {
    for first in stride(from: 0, to: planes.count, by: Self.planesInLaunch) {
      let own = planes[first..<min(first + Self.planesInLaunch, planes.count)]
      let buffers = NativeProducts.launched(
        ArraySlice(own.map(\.buffer)), as: Self.planesInLaunch)
      try body(first, UInt32(own.count), buffers)
    }
  }
}
