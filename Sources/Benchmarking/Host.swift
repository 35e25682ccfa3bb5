@preconcurrency import Glibc
import SparseRecovery

/// What the system says about the machine.
enum Host {
  /// The cores that are online.
  static let cores = AvailableCores.count

  /// The size of its largest cache in bytes, or 0 where the system does not say.
  static let cacheBytes = max(
    0, sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), sysconf(Int32(_SC_LEVEL2_CACHE_SIZE)))

  /// The average number of processes that wanted a core in the last minute.
  static var load: Double? {
    var averages = [0.0]
    return getloadavg(&averages, 1) == 1 ? averages[0] : nil
  }
}

/// What Linux says about memory, in bytes; nil where it does not say.
enum HostMemory {
  /// What of this process is in memory now.
  static var resident: Int? { kibibytes("VmRSS:", in: "/proc/self/status") }

  /// The most of this process that was in memory at once, since it began or since ``resetPeak()``.
  static var peak: Int? { kibibytes("VmHWM:", in: "/proc/self/status") }

  /// Forgets earlier peaks, having returned to the system what the allocator keeps of freed memory.
  ///
  /// - Returns: whether the system allows it; where not, ``peak`` is that of the whole process.
  static func resetPeak() -> Bool {
    _ = trim?(0)
    guard let file = fopen("/proc/self/clear_refs", "w") else { return false }
    let isWritten = fputs("5", file) >= 0
    return fclose(file) == 0 && isWritten
  }

  /// `malloc_trim`, looked up by name as the Glibc module leaves its header out.
  private static let trim = dlsym(nil, "malloc_trim").map {
    unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
  }

  /// The number after `key` in a file of lines such as `VmHWM:   13624 kB`.
  private static func kibibytes(_ key: String, in path: String) -> Int? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let words = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self
      )
      .split(whereSeparator: \.isWhitespace)
      if words.count >= 2, words[0] == key { return Int(words[1]).map { $0 << 10 } }
    }
    return nil
  }
}
