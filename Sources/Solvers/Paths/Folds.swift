import SparseCore

/// The rows dealt out to folds, as equally as can be, in a random order named by a seed.
struct Folds {
  /// The rows held out by each fold, in ascending order.
  let heldOut: [[Int]]

  /// Deals out `rows`.
  ///
  /// - Parameters:
  ///   - rows: the rows that take part.
  ///   - needed: how many rows every fold must keep.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for fewer than two folds, more
  ///   than rows, or so few that a fold keeps less than needed.
  init(_ count: Int, of rows: [Int], seed: UInt64, needed: Int) throws(RecoveryError) {
    guard count >= 2, count <= rows.count else {
      throw .invalidOption(
        name: "folds", value: "\(count)",
        expected: "a number from 2 to \(rows.count), the rows that take part")
    }
    let kept = rows.count - (rows.count + count - 1) / count
    guard kept >= needed else {
      throw .invalidOption(
        name: "folds", value: "\(count), which keep \(kept) rows",
        expected: "folds that keep at least \(needed) rows for the largest sparsity")
    }
    var generator = SeededGenerator(seed: seed)
    let order = generator.shuffled(rows)
    heldOut = (0..<count).map { fold in
      stride(from: fold, to: order.count, by: count).map { order[$0] }.sorted()
    }
  }
}
