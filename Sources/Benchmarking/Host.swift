import Glibc

/// What the system says about the machine.
enum Host {
  /// The cores that are online.
  static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// The size of its largest cache in bytes, or 0 where the system does not say.
  static let cacheBytes = max(
    0, sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), sysconf(Int32(_SC_LEVEL2_CACHE_SIZE)))

  /// The average number of processes that wanted a core in the last minute.
  static var load: Double? {
    var averages = [0.0]
    return getloadavg(&averages, 1) == 1 ? averages[0] : nil
  }
}
