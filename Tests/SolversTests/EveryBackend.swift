import CPUBackend
import OpenCLBackend
import ReferenceBackend
import SparseCore

/// The backends that this machine has.
func everyBackend() throws -> [any Backend] {
  var backends: [any Backend] = [ReferenceBackend(), CPUBackend()]
  if !OpenCLBackend.devices().isEmpty { backends.append(try OpenCLBackend(precision: .double)) }
  return backends
}
