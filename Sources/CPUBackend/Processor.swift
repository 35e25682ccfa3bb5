import COpenBLAS
import Dispatch
import Glibc

/// What the system says about the processor.
enum Processor {
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

/// Neighbouring columns or rows in blocks of one size, worked on by several threads.
///
/// The blocks depend on the matrix alone, so that the bits of a result do not depend on the number
/// of threads; within a block OpenBLAS runs on one thread.
struct Blocks: Sendable {
  /// How many columns or rows there are.
  let count: Int
  /// How many are in a block; the last may be shorter.
  let size: Int
  /// The most threads to use.
  let threads: Int

  /// How many blocks there are.
  var blockCount: Int { (count + size - 1) / size }

  /// Calls `body` with the first index and the length of every block, on several threads at once.
  func forEach(_ body: @Sendable (_ start: Int, _ length: Int) -> Void) {
    let blocks = blockCount
    let workers = min(threads, blocks)
    // A worker takes a run of blocks, so that it reads memory in order.
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for block in blocks * worker / workers..<blocks * (worker + 1) / workers {
        body(block * size, min(size, count - block * size))
      }
    }
  }
}
