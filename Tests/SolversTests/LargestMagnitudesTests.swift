import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

@Suite struct LargestMagnitudesTests {
  /// The definition: sorted by rounded magnitude, ties to the first.
  private func sorted(_ k: Int, _ u: [Double]) -> [Int] {
    let order = u.indices.sorted { (u[$0].selectionKey, $1) > (u[$1].selectionKey, $0) }
    return order.prefix(k).sorted()
  }

  /// Vectors that drift, jump up, jump down, tie and vanish, seen by one selection.
  @Test(arguments: [1, 7, 40, 100]) func everyVectorIsSortedRight(k: Int) throws {
    var generator = SeededGenerator(seed: UInt64(k))
    var selection = LargestMagnitudes(k)
    var u = [Double](repeating: 0, count: 100)
    for round in 0..<200 {
      switch round % 8 {
      case 0: u = generator.symmetric(100)
      case 1: u = u.map { $0 * 1e3 }
      case 2: u = u.map { $0 * 1e-9 }
      case 3: u = u.map { ($0 * 1e10).rounded(.towardZero) / 4 }
      case 4: for p in 0..<60 { u[p] = 0 }
      case 5: u = u.map { $0 * (1 + 0x1p-40) }
      default: for p in u.indices { u[p] += 0.1 * (2 * generator.uniform() - 1) }
      }
      selection.select(from: u)
      let expected = sorted(k, u)
      #expect(selection.positions == expected)
      let smallest = expected.reduce(.infinity) { min($0, abs(u[$1])) }
      #expect(selection.smallest == smallest)
    }
  }
}
