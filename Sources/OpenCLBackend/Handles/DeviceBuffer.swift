internal import COpenCL
internal import SparseCore

/// The memory that one engine takes on its device.
final class DeviceMemory {
  fileprivate let context: Context
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
    var code = CL_SUCCESS
    let handle = clCreateBuffer(
      memory.context.handle, cl_mem_flags(CL_MEM_READ_WRITE), byteCount, nil, &code)
    self.handle = try memory.context.device.check("clCreateBuffer(\(byteCount))", handle, code)
    self.byteCount = byteCount
    self.memory = memory
    memory.bytes += byteCount
  }

  deinit {
    clReleaseMemObject(handle)
    memory.bytes -= byteCount
  }
}
