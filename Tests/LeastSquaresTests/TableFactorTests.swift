import LeastSquares
import SparseCore
import Testing

/// R of a tall table.
@Suite struct TableFactorTests {
  /// Rows in three chunks: the same bits for every number of threads, and RᵀR = [1 | A | y]ᵀ[1 | A | y].
  @Test func threadsDoNotMatter() throws {
    var generator = SeededGenerator(seed: 4)
    let rows = 40_000
    let columns = (0..<4).map { j in (0..<rows).map { _ in generator.normal() + Double(j) } }
    let table = Table(
      .double(try Matrix(rows: rows, columns: 2, columnMajor: columns[0] + columns[1])),
      observations: Array(columns[2...]), weights: nil)
    let all = [Array(0..<rows)]
    let factor = try TableFactor.factors(of: table, rows: all, threads: 1)[0]
    for threads in [2, 3, 16] {
      let other = try TableFactor.factors(of: table, rows: all, threads: threads)[0]
      #expect(other.triangle == factor.triangle)
    }
    let whole = [[Double](repeating: 1, count: rows)] + columns
    for i in 0..<5 {
      for j in 0..<5 {
        let expected = zip(whole[i], whole[j]).reduce(0) { $0 + $1.0 * $1.1 }
        let found = (0..<5).reduce(0) { $0 + factor[$1, i] * factor[$1, j] }
        let size = table.units[i] * table.units[j]
        // Both round relative to the norms of the columns, which are below 4 √m.
        #expect(abs(found * size - expected) < 1e-11 * 16 * Double(rows))
      }
    }
  }
}
