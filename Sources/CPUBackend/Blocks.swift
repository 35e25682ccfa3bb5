import Dispatch

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
