internal import Dispatch

/// Neighbouring columns or rows in blocks of one size, worked on by several threads.
///
/// The blocks depend on the matrix alone, so that the bits of a result do not depend on the number
/// of threads; within a block OpenBLAS runs on one thread.
package struct Blocks: Sendable {
  /// How many columns or rows there are.
  package let count: Int
  /// How many are in a block; the last may be shorter.
  package let size: Int
  /// The most threads to use.
  package let threads: Int

  /// Cuts `count` columns or rows.
  package init(count: Int, size: Int, threads: Int) {
    self.count = count
    self.size = size
    self.threads = threads
  }

  /// How many blocks there are.
  package var blockCount: Int { (count + size - 1) / size }

  /// Calls `body` with the first index and the length of every block, on several threads at once.
  package func forEach(_ body: @Sendable (_ start: Int, _ length: Int) -> Void) {
    let blocks = blockCount
    let workers = min(threads, blocks)
    // A worker takes a run of blocks, so that it reads memory in order.
    @Sendable func work(_ worker: Int) {
      for block in blocks * worker / workers..<blocks * (worker + 1) / workers {
        body(block * size, min(size, count - block * size))
      }
    }
    // One needs nobody to share out the work.
    guard workers != 1 else { return work(0) }
    DispatchQueue.concurrentPerform(iterations: workers, execute: work)
  }
}
