import SparseRecovery

/// The sparsities of a path as typed: `a:b`, or `b` alone.
struct SparsityRange {
  private let text: String
  private let first: Int?
  private let last: Int

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``.
  init(_ text: String) throws(RecoveryError) {
    self.text = text
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(ends.count), let last = ends[ends.count - 1],
      let first = ends[0], first >= 0, first <= last
    else { throw Self.refusal(of: text) }
    self.first = ends.count == 2 ? first : nil
    self.last = last
  }

  /// The sparsities.
  ///
  /// - Parameter least: where `b` alone begins.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where that is beyond b.
  func sparsities(least: Int) throws(RecoveryError) -> ClosedRange<Int> {
    guard let first else {
      guard last > 0 else {
        throw .invalidOption(
          name: "--sparsity", value: text,
          expected: "at least 1 column, or 0:0 for a path of no column at all")
      }
      guard least <= last else {
        throw .invalidOption(
          name: "--sparsity", value: text, expected: "at least \(least), which are included")
      }
      return least...last
    }
    return first...last
  }

  private static func refusal(of text: String) -> RecoveryError {
    .invalidOption(name: "--sparsity", value: text, expected: "a range such as 1:50, from 0 on")
  }
}
