import Glibc

/// The memory that is left for a matrix.
package enum MachineMemory {
  /// What this machine has to give at this moment without swapping, in bytes.
  package static var available: Int {
    available(
      beginning(of: "/proc/meminfo"), groupLimit: beginning(of: "/sys/fs/cgroup/memory.max"))
  }

  /// As above, from what Linux says of its memory, and of the limit of the group of processes that a
  /// container is.
  static func available(_ memory: String, groupLimit: String) -> Int {
    let words = memory.split(whereSeparator: \.isWhitespace)
    let kibibytes = words.firstIndex(of: "MemAvailable:")
      .flatMap { words.dropFirst($0 + 1).first }.flatMap { Int($0) }
    let limit = groupLimit.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    return min(kibibytes.map { $0 << 10 } ?? physical, limit ?? .max)
  }

  private static var physical: Int {
    let (memory, overflow) = sysconf(CInt(_SC_PHYS_PAGES)).multipliedReportingOverflow(
      by: sysconf(CInt(_SC_PAGESIZE)))
    return overflow ? .max : memory
  }

  /// The first kilobyte of a file that the system makes up; empty where there is none.
  private static func beginning(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return String(unsafeUninitializedCapacity: 1024) {
      max(0, read(descriptor, $0.baseAddress, $0.count))
    }
  }
}
