import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import LeastSquares

/// Products that threads share where they are large.
@Suite struct ColumnProductsTests {
  /// Shapes below and above the operations from which a product is shared; more blocks than threads, and a
  /// last block that is short.
  @Test(arguments: [(7, 5, 3), (700, 333, 20), (1601, 301, 17)])
  func doNotDependOnThreads(rows: Int, inner: Int, columns: Int) {
    var generator = SeededGenerator(seed: 3)
    let a = generator.symmetric(rows * inner)
    let b = generator.symmetric(inner * columns)
    func product(transposed: Bool, threads: Int) -> [Double] {
      var c = [Double](repeating: .nan, count: rows * columns)
      if transposed {
        multiply(
          transposed: a, by: b, into: &c, rows: rows, inner: inner, columns: columns,
          stride: inner, threads: threads)
      } else {
        multiply(
          a, by: b, into: &c, rows: rows, inner: inner, columns: columns, stride: rows,
          threads: threads)
      }
      return c
    }
    for transposed in [false, true] {
      let one = product(transposed: transposed, threads: 1)
      for threads in [2, 3, 16] {
        #expect(product(transposed: transposed, threads: threads) == one)
      }
      for i in stride(from: 0, to: rows, by: max(1, rows / 50)) {
        for j in 0..<columns {
          var (sum, magnitudes) = (0.0, 0.0)
          for k in 0..<inner {
            let term = (transposed ? a[k + i * inner] : a[i + k * rows]) * b[k + j * inner]
            sum += term
            magnitudes += abs(term)
          }
          // Both sums round `inner` products and additions, in any order (Higham 2002, §3.1).
          #expect(abs(one[i + j * rows] - sum) <= Double(inner + 1) * .ulpOfOne * magnitudes)
        }
      }
    }
  }
}
