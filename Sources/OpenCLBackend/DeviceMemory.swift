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
    pieces = (Piece(capacity), Piece(capacity))
  }

  /// Sends `count` elements of `size` bytes to the start of a buffer, as many at once as fit.
  ///
  /// - Parameter fill: writes the elements in a range to the bytes that are theirs.
  func send(
    _ count: Int, of size: Int, to buffer: DeviceBuffer,
    fill: (Range<Int>, UnsafeMutableRawBufferPointer) throws(RecoveryError) -> Void
  ) throws(RecoveryError) {
    let step = capacity / size
    for first in stride(from: 0, to: count, by: step) {
      let elements = first..<min(first + step, count)
      let piece = turn ? pieces.0 : pieces.1
      turn.toggle()
      try piece.wait()
      let bytes = UnsafeMutableRawBufferPointer(
        rebasing: piece.bytes[..<(elements.count * size)])
      try fill(elements, bytes)
      piece.copied = try queue.write(
        UnsafeRawBufferPointer(bytes), to: buffer, at: first * size)
    }
  }

  /// One of the two pieces.
  private final class Piece {
    let bytes: UnsafeMutableRawBufferPointer
    var copied: Event?

    init(_ count: Int) {
      bytes = .allocate(byteCount: count, alignment: 4096)
    }

    deinit {
      // The device may still be reading; a failure here has no one left to be told.
      try? wait()
      bytes.deallocate()
    }

    /// Waits until the device has what was last written here.
    func wait() throws(RecoveryError) {
      try copied?.wait()
      copied = nil
    }
  }
}
