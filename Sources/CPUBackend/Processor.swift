import COpenBLAS
import Glibc

/// What the system says about the processor.
enum Processor {
  /// For example `AMD EPYC 9845`; the architecture where the system does not say.
  static let modelName = fact("model name") ?? architecture

  /// The names of its instruction sets, such as `avx2`; none where the system does not say.
  static var features: Set<Substring> {
    Set((fact("flags") ?? "").split(separator: " "))
  }

  /// What the system says after `key` about the first core.
  private static func fact(_ key: String) -> String? {
    guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
    defer { fclose(file) }
    // The line of flags is the longest, with some 3000 characters.
    var line = [CChar](repeating: 0, count: 16384)
    while fgets(&line, Int32(line.count), file) != nil {
      let bytes = line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.hasPrefix(key), let colon = text.firstIndex(of: ":") else { continue }
      return String(text[text.index(after: colon)...].drop { $0 == " " }.prefix { $0 != "\n" })
    }
    return nil
  }

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
public enum OpenBLAS {
  /// Sets the number of its threads to one when first asked for: every time would begin and end them.
  static let runsOnOneThread: Void = openblas_use_one_thread()

  /// For example `OpenBLAS 0.3.21 (Haswell)`.
  static var version: String {
    let configuration = String(cString: openblas_get_config())
    let name = configuration.split(separator: " ").prefix(2).joined(separator: " ")
    return "\(name) (\(coreName))"
  }

  /// The processor that its kernels are written for.
  private static var coreName: String { String(cString: openblas_get_corename()) }

  /// Lets OpenBLAS use the instructions of this processor where it does not know it.
  ///
  /// OpenBLAS knows the processors of its time. A later one gets the kernels of the first with 64 bits,
  /// which are several times slower. A program calls this as it starts: no other thread may call OpenBLAS or read
  /// the environment meanwhile, which holds `OPENBLAS_CORETYPE` for that moment. Where the user has set that
  /// variable nothing happens.
  ///
  /// - Returns: whether other kernels are used from now on.
  @discardableResult
  public static func useThisProcessor() -> Bool {
    guard let core = missedCore(coreName, features: Processor.features) else { return false }
    return openblas_choose_core(core) != 0
  }

  /// The name of the kernels with which OpenBLAS would use the instructions of this processor, where it does not; nil
  /// where there is nothing to gain.
  static func missedCore(_ coreName: String, features: Set<Substring>) -> String? {
    guard coreName == "Prescott" else { return nil }
    if features.isSuperset(of: ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]) {
      return "SkylakeX"
    }
    return features.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
  }
}
