internal import COpenCL
internal import SparseCore

/// An in-order queue: commands run one after another, in the order of the calls.
final class CommandQueue {
  let context: Context
  let handle: cl_command_queue

  /// What was queued so far.
  private(set) var traffic = DeviceTraffic()

  init(_ context: Context) throws(RecoveryError) {
    handle = try context.check(
      "clCreateCommandQueue", context.calls.makeQueue(context.handle, context.device.handle))
    self.context = context
  }

  // Commands still running when the process ends make some drivers abort.
  deinit {
    _ = context.calls.finish(handle)
    context.calls.release(.queue, handle)
  }

  /// Waits until every command has ended.
  func finish() throws(RecoveryError) {
    try context.check("clFinish", context.calls.finish(handle))
  }

  /// Sends off the commands so far, so that another queue may wait for them.
  func flush() throws(RecoveryError) {
    try context.check("clFlush", context.calls.flush(handle))
  }

  /// The end of the commands so far.
  func mark() throws(RecoveryError) -> Event {
    let event = try context.check("clEnqueueMarkerWithWaitList", context.calls.mark(handle))
    return Event(event, in: context)
  }

  /// Starts copying to a buffer. The source must stay as it is until the event has come.
  func write(
    _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int
  ) throws(RecoveryError) -> Event {
    let event = try context.check(
      "clEnqueueWriteBuffer", context.calls.write(handle, buffer.handle, offset, source))
    traffic.bytesSent += source.count
    traffic.writes += 1
    return Event(event, in: context)
  }

  /// Waits for all earlier commands, and gives the first bytes of a buffer to `body`.
  func read<Result>(
    _ buffer: DeviceBuffer, _ count: Int, body: (UnsafeRawBufferPointer) -> Result
  ) throws(RecoveryError) -> Result {
    let host = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    defer { host.deallocate() }
    try context.check(
      "clEnqueueReadBuffer", context.calls.read(handle, buffer.handle, host))
    traffic.bytesReceived += count
    traffic.reads += 1
    return body(UnsafeRawBufferPointer(host))
  }

  /// Starts `groups` work-groups of a kernel with these arguments.
  func run<each Argument: KernelArgument>(
    _ kernel: Kernel, groups: Int, _ arguments: repeat each Argument
  ) throws(RecoveryError) {
    var index: cl_uint = 0
    for argument in repeat each arguments {
      try context.check("clSetKernelArg(\(kernel.name))", argument.set(at: &index, of: kernel))
    }
    let size = kernel.groupSize
    try context.check(
      "clEnqueueNDRangeKernel(\(kernel.name))",
      context.calls.launch(handle, kernel.handle, groups * size, size))
    traffic.launches += 1
  }
}

/// The end of a command.
struct Event: ~Copyable {
  private let handle: cl_event
  private let context: Context

  /// Takes over a handle.
  init(_ handle: cl_event, in context: Context) {
    self.handle = handle
    self.context = context
  }

  deinit { context.calls.release(.event, handle) }

  /// Waits for the command to end.
  func wait() throws(RecoveryError) {
    try context.check("clWaitForEvents", context.calls.wait(handle))
  }

  /// Lets the later commands of a queue wait for this command. Its own queue must be flushed.
  func delay(_ queue: CommandQueue) throws(RecoveryError) {
    try context.check("clEnqueueBarrierWithWaitList", context.calls.delay(queue.handle, handle))
  }
}

/// What an engine has asked of its device, without the kernels that CLBlast launches.
package struct DeviceTraffic: Equatable, Sendable {
  /// Kernels launched.
  package var launches = 0
  /// Transfers from the device, each of which waits for all work before it.
  package var reads = 0
  /// Transfers to the device.
  package var writes = 0
  /// Bytes from the host to the device.
  package var bytesSent = 0
  /// Bytes from the device to the host.
  package var bytesReceived = 0

  /// What was asked between two points in time.
  package static func - (later: DeviceTraffic, earlier: DeviceTraffic) -> DeviceTraffic {
    DeviceTraffic(
      launches: later.launches - earlier.launches, reads: later.reads - earlier.reads,
      writes: later.writes - earlier.writes, bytesSent: later.bytesSent - earlier.bytesSent,
      bytesReceived: later.bytesReceived - earlier.bytesReceived)
  }

  static func + (one: DeviceTraffic, other: DeviceTraffic) -> DeviceTraffic {
    DeviceTraffic(
      launches: one.launches + other.launches, reads: one.reads + other.reads,
      writes: one.writes + other.writes, bytesSent: one.bytesSent + other.bytesSent,
      bytesReceived: one.bytesReceived + other.bytesReceived)
  }
}
