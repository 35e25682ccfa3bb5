internal import COpenCL
internal import SparseCore

/// A context with its one device: a context over several devices allocates on all of them.
///
/// Sendable because OpenCL may be called from any thread, except where a kernel's arguments are set.
final class Context: @unchecked Sendable {
  let device: OpenCLDevice
  let handle: cl_context

  init(_ device: OpenCLDevice) throws(RecoveryError) {
    var code = CL_SUCCESS
    var id: cl_device_id? = device.handle
    let handle = clCreateContext(nil, 1, &id, nil, nil, &code)
    self.handle = try device.check("clCreateContext", handle, code)
    self.device = device
  }

  deinit { clReleaseContext(handle) }
}
