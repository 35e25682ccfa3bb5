import Glibc
import SparseCore
import Testing

@testable import MatrixFiles

/// Numbers in text are rounded as strtod rounds them.
@Suite struct DecimalNumberTests {
  private func read(_ text: String, mark: DecimalMark = .point) -> (value: Double, end: Int)? {
    let bytes = Array(text.utf8) + [0]
    return bytes.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.flatMap {
        DecimalNumber.read($0, 0, bytes.count - 1, mark: UInt16(mark.byte))
      }
    }
  }

  /// Whether `text` is left to strtod or read as by it.
  private func agrees(_ text: String) -> Bool {
    guard let (value, end) = read(text) else { return true }
    return end == text.utf8.count && value.bitPattern == strtod(text, nil).bitPattern
  }

  /// Numbers with as many digits as doubles need, and with one and two more.
  @Test(arguments: 1...19) func areRounded(digits: Int) {
    var random = SeededGenerator(seed: UInt64(digits))
    var taken = 0
    for _ in 0..<20_000 {
      let w = (0..<digits).map { _ in String(random.next() % 10) }.joined()
      let exponent = Int(random.next() % 70) - 35
      let place = Int(random.next() % UInt64(digits + 1))
      let sign = ["", "-", "+"][Int(random.next() % 3)]
      let text =
        "\(sign)\(w.prefix(place)).\(w.dropFirst(place))"
        + (random.next() % 2 == 0 ? "e\(exponent)" : "")
      #expect(agrees(text), "\(text)")
      if read(text) != nil { taken += 1 }
    }
    #expect(taken > 10_000)
  }

  /// Halfway between two doubles, and one unit of the last digit beside it.
  @Test func tiesAreToEven() {
    var random = SeededGenerator(seed: 5)
    for shift in 1...10 {
      for _ in 0..<2000 {
        let top = UInt64(1) << 52 | random.next() >> 12
        let half = (top << 1 | 1) << UInt64(shift - 1)
        for w in [half - 1, half, half + 1] where w < 10_000_000_000_000_000_000 {
          for text in ["\(w)", "\(w).", "\(w)e0", "\(w)e3", "\(w)e-5"] {
            #expect(agrees(text), "\(text)")
            #expect(read(text) != nil, "\(text)")
          }
        }
      }
    }
  }

  /// What doubles print as, which comes back.
  @Test func doublesComeBack() throws {
    var random = SeededGenerator(seed: 6)
    for _ in 0..<50_000 {
      let x = Double.random(in: -1000...1000, using: &random)
      #expect(read("\(x)")?.value == x)
    }
  }

  @Test(
    arguments: [
      ("0", 0.0), ("-0", -0.0), ("000000000000000000000000012", 12), (".5", 0.5), ("5.", 5),
      ("0.00000000000000000000000125", 1.25e-24), ("9007199254740993", 9_007_199_254_740_992),
      ("1e0027", 1e27), ("-1E-27", -1e-27), ("0e9999", 0),
    ] as [(String, Double)])
  func areRead(text: String, value: Double) {
    #expect(read(text)?.value.bitPattern == value.bitPattern)
    #expect(strtod(text, nil).bitPattern == value.bitPattern)
  }

  @Test(
    arguments: [
      "", "-", ".", "+.", "e5", "1e", "1e+", "1e12345", "inf", "nan", "12345678901234567890",
      "1e28", "9007199254740993e-28", "1.2345678901234567891",
    ]) func othersAreLeft(text: String)
  {
    #expect(text.isEmpty || read(text) == nil)
  }

  /// Where it ends, something else may follow.
  @Test func ends() {
    for (text, end) in [("0x1", 1), ("1.5.2", 3), ("1,5", 1), ("1 2", 1)] {
      #expect(read(text)?.end == end)
    }
    #expect(read("1,5", mark: .comma)?.value == 1.5)
    #expect(read("1.5", mark: .comma)?.end == 1)
  }
}
