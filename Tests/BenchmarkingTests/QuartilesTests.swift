import Benchmarking
import Testing

@Suite struct QuartilesTests {
  @Test func oddSampleHasItsMiddle() {
    let quartiles = Quartiles(of: [9, 1, 5, 3, 7])
    #expect(quartiles.minimum == 1)
    #expect(quartiles.lowerQuartile == 3)
    #expect(quartiles.median == 5)
    #expect(quartiles.upperQuartile == 7)
  }

  @Test func evenSampleIsInterpolated() {
    let quartiles = Quartiles(of: [4, 1, 3, 2])
    #expect(quartiles.minimum == 1)
    #expect(quartiles.lowerQuartile == 1.75)
    #expect(quartiles.median == 2.5)
    #expect(quartiles.upperQuartile == 3.25)
  }

  @Test func oneNumberIsAllOfThem() {
    let quartiles = Quartiles(of: [42])
    #expect(quartiles.minimum == 42)
    #expect(quartiles.lowerQuartile == 42)
    #expect(quartiles.median == 42)
    #expect(quartiles.upperQuartile == 42)
  }
}
