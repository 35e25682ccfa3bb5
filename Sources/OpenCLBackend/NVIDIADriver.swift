@preconcurrency internal import Glibc

/// Containers often hold NVIDIA's OpenCL library without the file that registers it, or in a folder
/// that the dynamic loader does not search.
enum NVIDIADriver {
  private static let library = "libnvidia-opencl.so.1"

  /// Where container runtimes and distributions put the driver, besides the loader's own folders.
  private static let folders = [
    "/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu/nvidia/current", "/usr/lib64", "/usr/lib64/nvidia",
    "/usr/lib/nvidia", "/run/opengl-driver/lib", "/usr/local/cuda/compat",
  ]

  /// Names the library to the OpenCL loader, once, where a GPU is there and the loader would not
  /// find the library by itself.
  ///
  /// The loader reads the variable at the first call of OpenCL, and then ignores the registered
  /// drivers: those are for processors, which have a backend of their own. A variable that is set
  /// already stands.
  static let register: Void = {
    guard getenv("OCL_ICD_VENDORS") == nil, getenv("OPENCL_VENDOR_PATH") == nil,
      access("/dev/nvidiactl", F_OK) == 0
    else { return }
    if canLoad(library) {
      if !isRegistered { setenv("OCL_ICD_VENDORS", library, 0) }
    } else if let path = folders.lazy.map({ "\($0)/\(library)" }).first(where: canLoad) {
      setenv("OCL_ICD_VENDORS", path, 0)
    }
  }()

  private static func canLoad(_ library: String) -> Bool { dlopen(library, RTLD_LAZY) != nil }

  private static var isRegistered: Bool {
    var found = glob_t()
    defer { globfree(&found) }
    return glob("/etc/OpenCL/vendors/*nvidia*.icd", 0, nil, &found) == 0
  }
}
