import Benchmarking
import Testing

@Suite struct PowerLawTests {
  /// Exponents of which the powers are exact.
  @Test(arguments: [(1, 3.0), (2, 0.5), (3, 7.0)])
  func pointsOnALineGiveTheLine(exponent: Int, factor: Double) throws {
    let points = [1.0, 4, 16, 64].map { x in
      (x: x, y: (0..<exponent).reduce(factor) { y, _ in y * x })
    }
    let law = try #require(PowerLaw(fitting: points))
    // Roundings of sums of four products of logarithms, each below 64.
    let tolerance = 8 * 0x1p-52 * 4 * 64
    #expect(abs(law.exponent - Double(exponent)) <= tolerance)
    #expect(abs(law.factor / factor - 1) <= tolerance)
    #expect(abs(law.determination - 1) <= tolerance)
  }

  /// By hand: logarithms to base 2 of x are 0, 1, 2 and of y are 0, 2, 1. Then Σ(x−x̄)(y−ȳ) = 1,
  /// Σ(x−x̄)² = 2, Σ(y−ȳ)² = 2: slope 1/2, intercept 1/2, R² = 1/4.
  @Test func pointsOffALineGiveTheLeastSquares() throws {
    let law = try #require(PowerLaw(fitting: [(1, 1), (2, 4), (4, 2)]))
    let tolerance = 8 * 0x1p-52 * 3 * 4
    #expect(abs(law.exponent - 0.5) <= tolerance)
    #expect(abs(law.factor * law.factor - 2) <= tolerance)
    #expect(abs(law.determination - 0.25) <= tolerance)
  }

  @Test func equalTimesAreExplained() throws {
    let law = try #require(PowerLaw(fitting: [(1, 1), (10, 1)]))
    #expect(law == PowerLaw(fitting: [(1, 1), (100, 1)]))
    #expect(law.exponent == 0)
    #expect(law.determination == 1)
  }

  @Test(arguments: [
    [], [(2.0, 3.0)], [(2, 3), (2, 4)], [(0, 1), (2, 1)], [(1, -1), (2, 1)], [(1, .nan), (2, 1)],
    [(1, .infinity), (2, 1)],
  ])
  func whatHasNoLineIsRefused(points: [(Double, Double)]) {
    let law = PowerLaw(fitting: points.map { (x: $0.0, y: $0.1) })
    #expect(law == nil)
  }
}
