import Benchmarking
import SparseRecovery

/// A device whose driver fails.
struct BrokenBackend: Backend {
  let identity = EngineIdentity(name: "opencl", device: "Broken", library: "None")

  func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    throw .deviceFailure(device: "Broken", call: "load", code: -5, detail: "CL_OUT_OF_RESOURCES")
  }
}

extension BenchmarkPlace {
  /// A GPU that cannot be loaded.
  static var broken: BenchmarkPlace {
    BenchmarkPlace(
      backend: BrokenBackend(),
      device: DeviceFacts(name: "Broken", kind: "gpu", library: "None", computeUnits: 1),
      precisions: [.double], ceilingIsHost: false, largestVector: 4096)
  }
}
