import Testing

@testable import Benchmarking

@Suite struct FiguresTests {
  @Test(arguments: [
    (0, "0"), (1, "1.000"), (0.012345, "0.01235"), (20.126, "20.13"), (999.96, "1000"),
    (999.94, "999.9"), (9.9999, "10.00"),
    (123456, "123456"), (1.5e-16, "1.500e-16"), (2e12, "2.000e12"), (.infinity, "inf"),
    (.leastNonzeroMagnitude, "0"),
  ])
  func numbersKeepFourDigits(value: Double, text: String) {
    #expect(Figures.number(value) == text)
  }

  @Test(arguments: [
    (2.5, "2.500 s"), (0.0025, "2.500 ms"), (2.5e-6, "2.500 µs"), (2.5e-9, "2.500 ns"),
    (61.75, "61.75 s"),
  ])
  func timesHaveTheUnitThatSuits(seconds: Double, text: String) {
    #expect(Figures.time(seconds) == text)
  }

  @Test(arguments: [(1 << 12, "4.00 KiB"), (256 << 20, "256 MiB"), (3 << 29, "1.50 GiB")])
  func sizesHaveTheUnitThatSuits(count: Int, text: String) {
    #expect(Figures.bytes(count) == text)
  }
}
