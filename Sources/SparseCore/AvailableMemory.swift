import Glibc

/// The cores that this process may use.
package enum AvailableCores {
  /// At least 1.
  package static let count = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}

/// The memory that is left: the one probe of this package.
package enum AvailableMemory {
  /// What this process can still take without swapping, in bytes: of the machine, and of every group of
  /// processes that it is in, where these have limits, as containers do.
  package static var bytes: Int {
    let groups = Self.groups(of: contents(of: "/proc/self/cgroup"))
    return groups.map { Self.left(in: $0) { contents(of: $0) } }
      .reduce(machine(contents(of: "/proc/meminfo"))) { min($0, $1) }
  }

  /// What the machine has, from what Linux says of its memory.
  static func machine(_ memory: String) -> Int {
    let words = words(memory)
    let kibibytes = words.firstIndex(of: "MemAvailable:")
      .flatMap { words.dropFirst($0 + 1).first }.flatMap { Int($0) }
    return kibibytes.map { $0.multipliedReportingOverflow(by: 1024).partialValue } ?? physical
  }

  /// A group of processes that may have a limit.
  struct Group: Equatable {
    /// Its folder.
    let folder: String
    /// The names of the files that hold its limit, what it takes, and the statistics of that.
    let limit: String
    let usage: String
  }

  /// The groups that a process is in, from the innermost out, from its /proc/self/cgroup. Version 2 has
  /// one line `0::/path`, version 1 a line `5:memory:/path`. Within a container the path may be that of
  /// the host, which is not there: the root of the mount is then the container's own.
  static func groups(of text: String) -> [Group] {
    var groups: [Group] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isUnified = fields[0] == "0" && fields[1].isEmpty
      guard isUnified || fields[1].split(separator: ",").contains("memory") else { continue }
      let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
      var path = fields[2].split(separator: "/")
      while true {
        let folder = ([root[...]] + path).joined(separator: "/")
        groups.append(
          isUnified
            ? Group(folder: folder, limit: "memory.max", usage: "memory.current")
            : Group(
              folder: folder, limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes"))
        guard path.popLast() != nil else { break }
      }
    }
    return groups
  }

  /// What a group may still take: its limit, less what it takes but could give up, the pages of files
  /// that were not used lately. No limit, or none that is told: `Int.max`.
  static func left(in group: Group, contents: (String) -> String) -> Int {
    func words(_ name: String) -> [Substring] { Self.words(contents("\(group.folder)/\(name)")) }
    guard let limit = words(group.limit).first.flatMap({ Int($0) }) else { return .max }
    let usage = words(group.usage).first.flatMap { Int($0) } ?? 0
    let statistics = words("memory.stat")
    let isInactive = ["inactive_file", "total_inactive_file"]
    let inactive =
      statistics.lastIndex { isInactive.contains(String($0)) }
      .flatMap { statistics.dropFirst($0 + 1).first }.flatMap { Int($0) } ?? 0
    return max(0, limit - max(0, usage - inactive))
  }

  /// By bytes: to ask each character of Unicode for its properties would take as long as many a solve.
  private static func words(_ text: String) -> [Substring] {
    text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.map { Substring($0) }
  }

  private static var physical: Int {
    let (memory, overflow) = sysconf(CInt(_SC_PHYS_PAGES)).multipliedReportingOverflow(
      by: sysconf(CInt(_SC_PAGESIZE)))
    return overflow ? .max : memory
  }

  /// The first eight kilobytes of a file that the system makes up; empty where there is none.
  private static func contents(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return String(unsafeUninitializedCapacity: 8192) {
      max(0, read(descriptor, $0.baseAddress, $0.count))
    }
  }
}

extension Int {
  /// The bytes that a text such as `500M` names, or nil: a positive number, and K, M, G or T for
  /// powers of 1024.
  package init?(bytes text: String) {
    let units = "KMGT"
    let unit = text.last.flatMap { units.firstIndex(of: Character($0.uppercased())) }
    let power = unit.map { units.distance(from: units.startIndex, to: $0) + 1 } ?? 0
    guard let number = Int(unit == nil ? text : String(text.dropLast())), number > 0 else {
      return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * power))
    guard !overflow else { return nil }
    self = bytes
  }
}
