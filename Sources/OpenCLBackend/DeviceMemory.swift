internal import COpenCL
internal import SparseCore

/// The memory that one engine takes on its device.
final class DeviceMemory {
  let context: Context
  /// The bytes in buffers that are alive.
  fileprivate(set) var bytes = 0

  init(_ context: Context) { self.context = context }
}

/// Memory on the device. Its content is undefined until written.
final class DeviceBuffer {
  let handle: cl_mem
  let byteCount: Int
  private let memory: DeviceMemory

  init(_ byteCount: Int, in memory: DeviceMemory) throws(RecoveryError) {
    let context = memory.context
    handle = try context.check(
      "clCreateBuffer(\(byteCount))", context.calls.makeBuffer(context.handle, byteCount))
    self.byteCount = byteCount
    self.memory = memory
    memory.bytes += byteCount
  }

  deinit {
    memory.context.calls.release(.buffer, handle)
    memory.bytes -= byteCount
  }
}

/// Host memory that a device copies from: pinned, where the driver has such memory, which a GPU copies
/// several times as fast, else ordinary.
private final class HostMemory {
  let bytes: UnsafeMutableRawBufferPointer
  private let queue: CommandQueue
  private let pinned: cl_mem?

  init(_ count: Int, _ queue: CommandQueue) {
    self.queue = queue
    let context = queue.context
    let made = context.calls.makeHostBuffer(context.handle, count)
    if let buffer = made.handle, made.code == CL_SUCCESS {
      if let start = context.calls.map(queue.handle, buffer, count).0 {
        bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
        pinned = buffer
        return
      }
      context.calls.release(.buffer, buffer)
    }
    bytes = .allocate(byteCount: count, alignment: 4096)
    pinned = nil
  }

  deinit {
    guard let pinned, let start = bytes.baseAddress else { return bytes.deallocate() }
    // Nobody could be told what goes wrong.
    _ = queue.context.calls.unmap(queue.handle, pinned, start)
    queue.context.calls.release(.buffer, pinned)
  }
}

/// Host memory that data passes through on its way to the device: two pieces in turn, so that one
/// is filled while the other is copied.
final class StagingMemory {
  /// The most bytes sent at once, and of one element.
  let capacity: Int

  /// Where the copies are queued.
  let queue: CommandQueue
  private let pieces: (Piece, Piece)
  private var turn = false

  init(_ queue: CommandQueue, capacity: Int) {
    self.queue = queue
    self.capacity = capacity
    pieces = (Piece(capacity, queue), Piece(capacity, queue))
  }

  /// What suits a matrix: enough for a bus and many threads to be busy, and not much to pin where there
  /// is little to send. Pinning takes 0.4 ms a MiB, and a GPU copies 4 MiB at 53 of the 55 GB/s that it
  /// copies more at (NVIDIA H100, PCIe 5).
  static func capacity(columns: Int, columnBytes: Int) -> Int {
    let bytes = columns * columnBytes
    return max(min(bytes / 128, 32 << 20), min(bytes / 4, 8 << 20), 64 << 10, columnBytes)
  }

  /// Sends `count` elements of `size` bytes to the start of a buffer, as many at once as fit.
  ///
  /// Waits only where both pieces are full: what is short is copied in while the device works.
  ///
  /// - Parameter fill: writes the elements in a range to the bytes that are theirs.
  func send(
    _ count: Int, of size: Int, to buffer: DeviceBuffer,
    fill: (Range<Int>, UnsafeMutableRawBufferPointer) throws(RecoveryError) -> Void
  ) throws(RecoveryError) {
    let step = capacity / size
    for first in stride(from: 0, to: count, by: step) {
      let elements = first..<min(first + step, count)
      let (piece, bytes) = try room(elements.count * size)
      try fill(elements, bytes)
      piece.copied = try queue.write(
        UnsafeRawBufferPointer(bytes), to: buffer, at: first * size)
    }
  }

  /// So many bytes that nobody reads: behind those last filled, or at the start of the other piece.
  private func room(
    _ count: Int
  ) throws(RecoveryError) -> (Piece, UnsafeMutableRawBufferPointer) {
    var piece = turn ? pieces.0 : pieces.1
    if piece.used + count > capacity {
      turn.toggle()
      piece = turn ? pieces.0 : pieces.1
      try piece.wait()
    }
    let bytes = piece.memory.bytes[piece.used..<piece.used + count]
    // Behind a multiple of what vectors are aligned to.
    piece.used += (count + 63) / 64 * 64
    return (piece, UnsafeMutableRawBufferPointer(rebasing: bytes))
  }

  /// One of the two pieces.
  private final class Piece {
    let memory: HostMemory
    /// The bytes filled since the last wait.
    var used = 0
    /// The end of the last copy, and so of all.
    var copied: Event?

    init(_ count: Int, _ queue: CommandQueue) { memory = HostMemory(count, queue) }

    // The device may still be reading; a failure here has no one left to be told.
    deinit { try? wait() }

    /// Waits until the device has all that was written here.
    func wait() throws(RecoveryError) {
      // What failed once is over as well.
      let last = copied.take()
      used = 0
      try last?.wait()
    }
  }
}
