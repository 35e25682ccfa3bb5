import COpenBLAS
import Glibc

/// What the system says about the processor.
enum Processor {
  /// The cores that this process may use.
  static let coreCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// For example `AMD EPYC 9845`; the architecture where the system does not say.
  static let modelName: String = {
    guard let file = fopen("/proc/cpuinfo", "r") else { return architecture }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1024)
    while fgets(&line, Int32(line.count), file) != nil {
      let bytes = line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") else { continue }
      return String(text[text.index(after: colon)...].drop { $0 == " " }.prefix { $0 != "\n" })
    }
    return architecture
  }()

  private static let architecture: String = {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown processor"
    #endif
  }()
}

/// What OpenBLAS says about itself.
enum OpenBLAS {
  /// Sets the number of its threads to one when first asked for: every time would begin and end them.
  static let runsOnOneThread: Void = openblas_use_one_thread()

  /// For example `OpenBLAS 0.3.21 (Haswell)`.
  static let version: String = {
    let configuration = String(cString: openblas_get_config())
    let name = configuration.split(separator: " ").prefix(2).joined(separator: " ")
    return "\(name) (\(String(cString: openblas_get_corename())))"
  }()
}
