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
  func productsDoNotDependOnThreads(rows: Int, inner: Int, columns: Int) {
    var generator = SeededGenerator(seed: 3)
    let a = generator.symmetric(rows * inner)
    let b = generator.symmetric(inner * columns)
    func product(threads: Int) -> [Double] {
      var c = [Double](repeating: .nan, count: rows * columns)
      multiply(
        a, by: b, into: &c, rows: rows, inner: inner, columns: columns, stride: rows,
        threads: threads)
      return c
    }
    let one = product(threads: 1)
    for threads in [2, 3, 16] { #expect(product(threads: threads) == one) }
    for i in stride(from: 0, to: rows, by: max(1, rows / 50)) {
      for j in 0..<columns {
        expect(
          one[i + j * rows], isSumOf: (0..<inner).map { a[i + $0 * rows] * b[$0 + j * inner] })
      }
    }
  }

  /// With places in any order, and as many as one group, several, and one with lanes to spare.
  @Test(arguments: [(5, 7, 3), (333, 700, 20), (301, 160, 33), (1001, 80, 64)])
  func innerProductsDoNotDependOnThreads(rows: Int, count: Int, places: Int) {
    var generator = SeededGenerator(seed: 4)
    let a = generator.symmetric(rows * count)
    let chosen = Array((0..<count).shuffled(using: &generator).prefix(places))
    func products(threads: Int) -> [Double] {
      var products = [Double](repeating: .nan, count: count * count)
      innerProducts(a, rows: rows, count: count, with: chosen[...], threads: threads) {
        products[$0 + $1 * count] = $2
      }
      return products
    }
    let one = products(threads: 1)
    for threads in [2, 3, 16] {
      #expect(products(threads: threads).map(\.bitPattern) == one.map(\.bitPattern))
    }
    for i in stride(from: 0, to: count, by: max(1, count / 50)) {
      for j in chosen {
        expect(
          one[i + j * count], isSumOf: (0..<rows).map { a[$0 + i * rows] * a[$0 + j * rows] })
      }
    }
    let all = innerProducts(a, rows: rows, count: count)
    for j in chosen {
      for i in 0..<count { #expect(one[i + j * count] == all[i + j * count]) }
    }
  }

  /// A sum of these products, in any order: both sums round each product and each addition (Higham 2002, §3.1).
  private func expect(_ value: Double, isSumOf terms: [Double]) {
    let magnitudes = terms.reduce(0) { $0 + abs($1) }
    let error = abs(value - terms.reduce(0, +))
    #expect(error <= Double(terms.count + 1) * .ulpOfOne * magnitudes)
  }
}
