internal import COpenCL
internal import SparseCore

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
