import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import LeastSquares

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

/// Columns taken out by updates of an inverse, against least squares on what is left, computed again each time.
@Suite struct EliminationTests {
  /// The loss on some columns, by projection of the first `fixed` and these.
  private func loss(
    _ columns: [[Double]], _ chosen: [Int], _ observations: [[Double]], ridge: Double
  ) throws -> Double {
    var sum = 0.0
    for y in observations {
      let rows = chosen.map { j in
        columns[j] + chosen.map { $0 == j ? ridge.squareRoot() : 0 }
      }
      let target = y + chosen.map { _ in 0 }
      guard !chosen.isEmpty else {
        sum += y.squaredNorm
        continue
      }
      let x = try leastSquares(rows, target)
      var residual = target
      for (c, column) in zip(x, rows) { for i in residual.indices { residual[i] -= c * column[i] } }
      sum += residual.squaredNorm
    }
    return sum
  }

  /// More columns than are taken out between two updates of the inverse.
  @Test(arguments: [(0, 1, 0.0), (2, 1, 0), (0, 3, 0), (1, 2, 0.5)], [9, 45])
  func takesOutTheWeakest(_ shape: (fixed: Int, observations: Int, ridge: Double), n: Int) throws {
    let (fixed, L, ridge) = shape
    var generator = SeededGenerator(seed: 5)
    let m = 2 * n
    let shared = (0..<m).map { _ in generator.normal() }
    let columns = (0..<n).map { _ in shared.map { $0 + generator.normal() } }
    let observations = (0..<L).map { _ in (0..<m).map { _ in generator.normal() } }
    let gram = (0..<n * n).map {
      dot(columns[$0 / n], columns[$0 % n]) + ($0 / n == $0 % n ? ridge : 0)
    }
    let slopes = observations.flatMap { y in columns.map { dot($0, y) } }
    // Several losses with one Gram matrix each are the same as one with several observations.
    let parts = (0..<L).map { (gram: gram, slopes: Array(slopes[$0 * n..<($0 + 1) * n])) }
    var together = try #require(try Elimination([(gram, slopes)], fixed: fixed))
    var apart = try #require(try Elimination(parts, fixed: fixed))
    var left = Array(fixed..<n)
    while left.count > 1 {
      let first = Array(0..<fixed)
      let losses = try left.indices.map { place in
        var rest = left
        rest.remove(at: place)
        return try loss(columns, first + rest, observations, ridge: ridge)
      }
      let place = try #require(losses.indices.min { losses[$0] < losses[$1] })
      left.remove(at: place)
      together.reduce(to: left.count)
      apart.reduce(to: left.count)
      #expect(together.left.map { $0 + fixed } == left && apart.left == together.left)
    }
  }

  /// Of two equal columns one is taken out first, and not both.
  @Test func equalColumns() throws {
    var generator = SeededGenerator(seed: 6)
    let free = (0..<5).map { _ in (0..<20).map { _ in generator.normal() } }
    let columns = free + [free[0]]
    let y = zip(free[0], free[1]).map { $0 + 0.1 * $1 }
    let gram = columns.flatMap { a in columns.map { dot(a, $0) } }
    var elimination = try #require(try Elimination([(gram, columns.map { dot($0, y) })]))
    elimination.reduce(to: 2)
    #expect(elimination.left == [0, 1] || elimination.left == [1, 5])
    elimination.reduce(to: 0)
    #expect(elimination.left.isEmpty && elimination.takenOut.sorted() == Array(0..<6))
    #expect(try Elimination([(gram: [], slopes: [])]) == nil)
  }
}
