import LeastSquares
import SparseCore
import SyntheticProblems
import Testing

/// What swaps would gain, from a table of products.
@Suite struct SwapTableTests {
  /// Of 5000 atoms, in five parts: what a table is made of, directions, and b = Aᵀy for some observations. Every
  /// other atom is the one before it, so that gains tie.
  private struct Sample {
    var (squares, products, correlations): ([Double], [Double], [Double])
    let exits: ExitDirections

    init(planes: Int) throws {
      let (m, n, k) = (60, 5000, 30)
      var generator = SeededGenerator(seed: 41)
      var entries = (0..<m * n).map { _ in generator.normal() / 8 }
      for i in m..<m * n where i / m % 2 == 1 { entries[i] = entries[i - m] }
      let atoms = (0..<n).map { Array(entries[$0 * m..<($0 + 1) * m]) }
      var basis = OrthonormalBasis(rows: m)
      for j in SwapTableTests.support {
        let found = try #require(basis.complement(of: atoms[j], cancellation: 1))
        basis.append(found.direction)
      }
      let y = (0..<m * planes).map { _ in generator.normal() }
      func products(_ v: [Double]) -> [Double] {
        atoms.map { a in a.indices.reduce(0) { $0 + a[$1] * v[$1] } }
      }
      squares = atoms.map(\.squaredNorm)
      self.products = (0..<k).flatMap { products(basis.vectors.part($0, of: k)) }
      // Any b will do.
      correlations = (0..<planes).flatMap { products(y.part($0, of: planes)) }
      exits = try #require(
        ExitDirections(SwapTableTests.support.flatMap { atoms[$0] }, basis, observation: y))
    }

    func table(threads: Int) -> SwapTable {
      SwapTable(
        squares: squares, floors: squares.map { 1e-9 * $0 }, threads: threads, products: products)
    }
  }

  fileprivate static let support = (0..<30).map { 160 * $0 }

  /// Many threads find what one does, to the bit.
  @Test(arguments: [1, 3]) func threadsDoNotMatter(planes: Int) throws {
    let sample = try Sample(planes: planes)
    func found(_ threads: Int) throws -> [[Double]] {
      let (table, b) = (sample.table(threads: threads), sample.correlations)
      let best = table.bestEntries(sample.exits, correlations: b, support: Self.support)
      let swaps = table.bestSwaps(40, sample.exits, correlations: b, support: Self.support)
      #expect(best.count == 30 && swaps.count == 40)
      // Of two atoms that are alike the first, unless that is in the support.
      #expect(best.allSatisfy { $0.atom % 2 == 0 || Self.support.contains($0.atom - 1) })
      return (best + swaps).map { [Double($0.exit), Double($0.atom), $0.decrease] }
    }
    let alone = try found(1)
    for threads in [2, 5, 64] { #expect(try found(threads) == alone) }
  }

  /// The best of the swaps is the best of the entries of the atom that leaves, and they come in order.
  @Test func swapsAreEntries() throws {
    let sample = try Sample(planes: 1)
    let (table, b) = (sample.table(threads: 2), sample.correlations)
    let best = table.bestEntries(sample.exits, correlations: b, support: Self.support)
    let swaps = table.bestSwaps(5, sample.exits, correlations: b, support: Self.support)
    let first = try #require(best.max { $0.decrease < $1.decrease })
    #expect(swaps[0].exit == first.exit)
    #expect(swaps[0].decrease.selectionKey == first.decrease.selectionKey)
    #expect(zip(swaps, swaps.dropFirst()).allSatisfy { $0.decrease >= $1.decrease })
    // Atoms that are alike tie but for rounding.
    #expect(swaps[0].atom / 2 == swaps[1].atom / 2)
  }
}
