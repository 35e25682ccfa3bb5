internal import COpenCL
internal import SparseCore

/// A context with its one device: a context over several devices allocates on all of them.
///
/// Sendable because OpenCL may be called from any thread, except where a kernel's arguments are set.
final class Context: @unchecked Sendable {
  let device: OpenCLDevice
  /// How everything in this context calls OpenCL.
  let calls: OpenCLCalls
  let handle: cl_context

  init(_ device: OpenCLDevice, _ calls: OpenCLCalls = OpenCLCalls()) throws(RecoveryError) {
    handle = try device.check("clCreateContext", calls.makeContext(device.handle))
    self.device = device
    self.calls = calls
  }

  deinit { calls.release(.context, handle) }

  /// Throws ``RecoveryError/deviceFailure(device:call:code:detail:)`` unless `code` means success.
  func check(_ call: @autoclosure () -> String, _ code: cl_int) throws(RecoveryError) {
    try device.check(call(), code)
  }

  /// The handle that a call made, or the error it gave.
  func check(
    _ call: @autoclosure () -> String, _ made: OpenCLCalls.Made
  ) throws(RecoveryError) -> OpaquePointer {
    try device.check(call(), made)
  }
}
