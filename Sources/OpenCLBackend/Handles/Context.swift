internal import COpenCL
internal import SparseCore
internal import Synchronization

/// A context with its one device: a context over several devices allocates on all of them.
///
/// Sendable because OpenCL may be called from any thread, except where a kernel's arguments are set.
final class Context: @unchecked Sendable {
  let device: OpenCLDevice
  /// How everything in this context calls OpenCL.
  let calls: OpenCLCalls
  let handle: cl_context
  /// Whether CLBlast may hold programs of this context.
  private let isKnownToCLBlast = Atomic(false)

  init(_ device: OpenCLDevice, _ calls: OpenCLCalls = OpenCLCalls()) throws(RecoveryError) {
    handle = try device.check("clCreateContext", calls.makeContext(device.handle))
    self.device = device
    self.calls = calls
  }

  /// CLBlast keeps the programs of every context it has ever seen, some megabytes each, and with them
  /// the context, until it is told to drop all.
  deinit {
    calls.release(.context, handle)
    if isKnownToCLBlast.load(ordering: .relaxed) { calls.clearCLBlast() }
  }

  /// Starts y ← y + op(A) x by CLBlast.
  func addProduct(
    _ product: PanelProduct, of scalar: any DeviceScalar.Type, on queue: cl_command_queue
  ) throws(RecoveryError) {
    isKnownToCLBlast.store(true, ordering: .relaxed)
    try check("CLBlast gemv", calls.addProduct(scalar, product, queue))
  }

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
