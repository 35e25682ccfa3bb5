import CPUBackend
import OpenCLBackend
import ReferenceBackend
import SparseCore

/// Whether there is an OpenCL device: asked once, since not every driver survives two first calls at
/// the same time.
let hasOpenCLDevice = !OpenCLBackend.devices().isEmpty

/// The backends that this machine has.
func everyBackend() throws -> [any Backend] {
  var backends: [any Backend] = [ReferenceBackend(), CPUBackend()]
  if hasOpenCLDevice { backends.append(try OpenCLBackend(precision: .double)) }
  return backends
}
