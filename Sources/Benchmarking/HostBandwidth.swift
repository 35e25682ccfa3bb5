import Dispatch
import SparseRecovery

/// The speed of host memory, as the threads of the CPU backend together reach it at best: its ceiling.
public struct HostBandwidth: Equatable, Sendable, Codable {
  /// How many threads shared the work.
  public let threads: Int
  /// The bytes of a block, far more than the caches hold.
  public let bytes: Int
  /// Reading a block to add up its words, in GB/s.
  public let read: Double
  /// Copying a block to another, in GB/s: each byte counts twice, as it is read and written.
  public let copy: Double

  /// Collects the figures.
  package init(threads: Int, bytes: Int, read: Double, copy: Double) {
    self.threads = threads
    self.bytes = bytes
    self.read = read
    self.copy = copy
  }

  /// Measures two blocks of `bytes` each.
  ///
  /// - Throws: ``RecoveryError/outOfMemory(bytes:)``.
  static func measure(
    bytes: Int, threads: Int, with stopwatch: Stopwatch
  ) throws(RecoveryError) -> HostBandwidth {
    let (source, target) = (try OwnedBytes(count: bytes), try OwnedBytes(count: bytes))
    let slices = Slices(count: bytes, threads: threads)
    // Each thread touches its pages first, so that they lie near it.
    slices.forEach { range in
      source.region[range].initializeMemory(as: UInt8.self, repeating: 1)
      target.region[range].initializeMemory(as: UInt8.self, repeating: 2)
    }
    let reading = try stopwatch.time {
      slices.forEach { blackHole(sum(UnsafeRawBufferPointer(rebasing: source.bytes[$0]))) }
    }
    let copying = try stopwatch.time {
      slices.forEach { range in
        UnsafeMutableRawBufferPointer(rebasing: target.region[range])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source.bytes[range]))
      }
    }
    blackHole(target)
    return HostBandwidth(
      threads: threads, bytes: bytes, read: Double(bytes) / reading.seconds.minimum * 1e-9,
      copy: Double(2 * bytes) / copying.seconds.minimum * 1e-9)
  }

  /// The sum of the words in a region, which compilers turn into vector instructions: the order of
  /// integer additions is free.
  private static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    bytes.withMemoryRebound(to: UInt64.self) { $0.reduce(0, &+) }
  }
}

/// A region of bytes cut evenly into pages for several threads.
private struct Slices {
  let count: Int
  let threads: Int

  func forEach(_ body: @Sendable (Range<Int>) -> Void) {
    let page = 4096
    let pages = (count + page - 1) / page
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let first = pages * thread / threads * page
      let end = min(pages * (thread + 1) / threads * page, count)
      body(first..<end)
    }
  }
}
