internal import COpenCL
internal import SparseCore

/// The end of a command.
struct Event: ~Copyable {
  private let handle: cl_event
  private let device: OpenCLDevice

  /// Takes over a handle.
  init(_ handle: cl_event, device: OpenCLDevice) {
    self.handle = handle
    self.device = device
  }

  deinit { clReleaseEvent(handle) }

  /// Waits for the command to end.
  func wait() throws(RecoveryError) {
    var event: cl_event? = handle
    try device.check("clWaitForEvents", clWaitForEvents(1, &event))
  }
}
