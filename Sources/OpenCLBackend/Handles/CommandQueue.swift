internal import COpenCL
internal import SparseCore

/// An in-order queue: commands run one after another, in the order of the calls.
final class CommandQueue {
  let context: Context
  let handle: cl_command_queue

  private var device: OpenCLDevice { context.device }

  init(_ context: Context) throws(RecoveryError) {
    var code = CL_SUCCESS
    let handle = clCreateCommandQueue(context.handle, context.device.handle, 0, &code)
    self.handle = try context.device.check("clCreateCommandQueue", handle, code)
    self.context = context
  }

  // Commands still running when the process ends make some drivers abort.
  deinit {
    clFinish(handle)
    clReleaseCommandQueue(handle)
  }

  /// Waits until every command has ended.
  func finish() throws(RecoveryError) {
    try device.check("clFinish", clFinish(handle))
  }

  /// Starts copying to a buffer. The source must stay as it is until the event has come.
  func write(
    _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int
  ) throws(RecoveryError) -> Event {
    var event: cl_event?
    let code = clEnqueueWriteBuffer(
      handle, buffer.handle, cl_bool(CL_FALSE), offset, source.count, source.baseAddress, 0, nil,
      &event)
    return Event(try device.check("clEnqueueWriteBuffer", event, code), device: device)
  }

  /// Waits for all earlier commands, and gives the first bytes of a buffer to `body`.
  func read<Result>(
    _ buffer: DeviceBuffer, _ count: Int, body: (UnsafeRawBufferPointer) -> Result
  ) throws(RecoveryError) -> Result {
    let host = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    defer { host.deallocate() }
    let code = clEnqueueReadBuffer(
      handle, buffer.handle, cl_bool(CL_TRUE), 0, count, host.baseAddress, 0, nil, nil)
    try device.check("clEnqueueReadBuffer", code)
    return body(UnsafeRawBufferPointer(host))
  }

  /// Starts `groups` work-groups of a kernel with these arguments.
  func run<each Argument: KernelArgument>(
    _ kernel: Kernel, groups: Int, _ arguments: repeat each Argument
  ) throws(RecoveryError) {
    var index: cl_uint = 0
    for argument in repeat each arguments {
      try device.check("clSetKernelArg", argument.set(at: &index, of: kernel.handle))
    }
    var global = groups * kernel.groupSize
    var local = kernel.groupSize
    let code = clEnqueueNDRangeKernel(
      handle, kernel.handle, 1, nil, &global, &local, 0, nil, nil)
    try device.check("clEnqueueNDRangeKernel(\(kernel.name))", code)
  }
}
