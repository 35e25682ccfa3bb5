import SparseCore
import Testing

/// How many rows stand behind weights.
@Suite struct ObservedRowsTests {
  @Test func equalWeightsCountEveryRow() {
    for w in [1, 0.25, 1e300, 1e-300] {
      let rows = ObservedRows(
        weights: Array(repeating: w, count: 7), areFrequencies: false, columns: 3)
      #expect(rows.count == 7 && rows.effective == 7...7)
    }
    #expect(ObservedRows(7).effective == 7...7)
  }

  /// (Σ wᵢ)² / Σ wᵢ², whatever the unit, and rows of weight zero not among them.
  @Test(arguments: [1, 1e-200, 1e200]) func unlikeWeightsCountFewer(unit: Double) {
    let weights = [3, 0, 1, 1, 1].map { $0 * unit }
    let rows = ObservedRows(weights: weights, areFrequencies: false, columns: 2)
    #expect(rows.count == 4)
    #expect(abs(rows.effective.lowerBound - 3) < 1e-14)
    #expect(rows.effective.lowerBound == rows.effective.upperBound)
  }

  /// A rotation leaves more rows than columns: with fewer, frequencies are counts.
  @Test func frequenciesMayStandForMore() {
    let weights = [2.0, 0, 1, 1]
    let alike = 4 / 1.5
    let tall = ObservedRows(weights: weights, areFrequencies: true, columns: 2)
    #expect(tall.count == 4 && tall.effective == alike...4)
    let wide = ObservedRows(weights: weights, areFrequencies: true, columns: 3)
    #expect(wide.count == 4 && wide.effective == alike...alike)
    // Weights whose sum is beyond the range of doubles, and below the number of rows.
    let huge = ObservedRows(weights: [1e308, 1e308], areFrequencies: true, columns: 1)
    #expect(huge.count == 1 << 53 && huge.effective == 2...Double.infinity)
    let small = ObservedRows(weights: [0.5, 0.5], areFrequencies: true, columns: 1)
    #expect(small.count == 1 && small.effective == 2...2)
  }
}
