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
