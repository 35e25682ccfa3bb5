import CMalloc
import Glibc

/// What the process holds at one moment.
struct MemorySample {
  /// Since the soak began, in seconds.
  let seconds: Double
  /// How many solves have ended.
  let solves: Int
  /// Bytes allocated and not yet freed, by whatever library.
  let heapBytes: Int
  /// Bytes of the process in memory: what is freed and not given back counts too.
  let residentBytes: Int
  /// Files, devices and pipes that are open.
  let descriptors: Int

  static let header = "seconds,solves,heap bytes,resident bytes,descriptors"

  /// Takes a sample.
  init(after elapsed: Duration, solves: Int) {
    seconds = elapsed / .seconds(1)
    self.solves = solves
    // Threads that end leave memory in their caches; what is not used is given back first.
    malloc_trim(0)
    let heap = mallinfo2()
    heapBytes = Int(heap.uordblks + heap.hblkhd)
    residentBytes = Self.residentPages() * Int(sysconf(Int32(_SC_PAGESIZE)))
    descriptors = Self.openDescriptors()
  }

  var line: String { "\(seconds),\(solves),\(heapBytes),\(residentBytes),\(descriptors)" }

  private static func residentPages() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    let line = String(unsafeUninitializedCapacity: 256) { fread($0.baseAddress, 1, $0.count, file) }
    // The size of the address space, then what of it is in memory.
    let numbers = line.split(separator: " ")
    return numbers.count > 1 ? Int(numbers[1]) ?? 0 : 0
  }

  private static func openDescriptors() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // Less `.`, `..` and the folder itself.
    return count - 3
  }
}
