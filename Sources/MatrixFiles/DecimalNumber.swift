/// Decimal numbers in text, rounded as IEEE 754 asks: to the nearest double, ties to even.
///
/// A number of at most 19 digits is w · 10^q with w < 2⁶⁴. For |q| ≤ 27, 5^|q| < 2⁶⁴ too, and one product or one
/// division of 128 bits says what strtod would: all but a few of the numbers that programs write, in a fraction of
/// its time.
enum DecimalNumber {
  /// Reads the number that begins at `start`, which is before `end`.
  ///
  /// - Parameter mark: the byte before the fraction, a point or a comma, or what no byte is.
  /// - Returns: the number and where it ends, or nil for other text and for numbers of more digits or larger
  ///   exponents.
  @inline(__always)
  static func read(
    _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, mark: UInt16
  ) -> (value: Double, end: Int)? {
    var place = start
    let isNegative = text[place] == UInt8(ascii: "-")
    if isNegative || text[place] == UInt8(ascii: "+") { place += 1 }
    let first = place
    var w: UInt64 = 0
    skipDigits(text, &place, end, &w)
    var count = place - first
    var q = 0
    if place < end, UInt16(text[place]) == mark {
      place += 1
      let fraction = place
      skipEights(text, &place, end, &w)
      skipDigits(text, &place, end, &w)
      q = fraction - place
      count += place - fraction
    }
    guard count > 0 else { return nil }
    // Zeros in front are no digits of w.
    if count > 19, significantCount(text, first, place) > 19 { return nil }
    if place < end, text[place] | 0x20 == UInt8(ascii: "e") {
      guard let exponent = exponent(text, &place, end) else { return nil }
      q += exponent
    }
    guard let magnitude = value(w, q) else { return nil }
    return (isNegative ? -magnitude : magnitude, place)
  }

  /// Moves past digits and appends them to `w`, which may overflow.
  @inline(__always)
  private static func skipDigits(
    _ text: UnsafePointer<UInt8>, _ place: inout Int, _ end: Int, _ w: inout UInt64
  ) {
    while place < end, case let digit = text[place] &- 0x30, digit < 10 {
      w = w &* 10 &+ UInt64(digit)
      place += 1
    }
  }

  /// Moves past digits, eight at a time. Source: Lemire, Number Parsing at a Gigabyte per Second, 2021, section 6.
  @inline(__always)
  private static func skipEights(
    _ text: UnsafePointer<UInt8>, _ place: inout Int, _ end: Int, _ w: inout UInt64
  ) {
    while end - place >= 8 {
      var digits = UInt64(
        littleEndian: UnsafeRawPointer(text + place).loadUnaligned(as: UInt64.self))
      // The upper half of each byte is 3, and stays so with 6 added.
      let upper =
        (digits & 0xF0F0_F0F0_F0F0_F0F0)
        | ((digits &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) >> 4
      guard upper == 0x3333_3333_3333_3333 else { return }
      // Pairs of digits, then of pairs, then of those.
      digits &-= 0x3030_3030_3030_3030
      digits = digits &* 10 &+ digits >> 8
      digits =
        ((digits & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
          &+ (digits >> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001) >> 32
      w = w &* 100_000_000 &+ digits
      place += 8
    }
  }

  /// The number of digits from the first that is not zero on.
  private static func significantCount(
    _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int
  ) -> Int {
    var count = 0
    for place in start..<end where text[place] &- 0x30 < 10 {
      if count > 0 || text[place] != 0x30 { count += 1 }
    }
    return count
  }

  /// Reads an exponent with its mark; nil where no digit follows or more than four.
  private static func exponent(
    _ text: UnsafePointer<UInt8>, _ place: inout Int, _ end: Int
  ) -> Int? {
    var next = place + 1
    let isNegative = next < end && text[next] == UInt8(ascii: "-")
    if isNegative || next < end && text[next] == UInt8(ascii: "+") { next += 1 }
    let first = next
    var value: UInt64 = 0
    skipDigits(text, &next, end, &value)
    guard (1...4).contains(next - first) else { return nil }
    place = next
    return isNegative ? -Int(value) : Int(value)
  }

  /// w · 10^q, or nil where that takes more than one operation.
  @inline(__always)
  private static func value(_ w: UInt64, _ q: Int) -> Double? {
    // Both are doubles, and so is their product or quotient, rounded once. Source: Clinger, How to Read Floating Point
    // Numbers Accurately, PLDI 1990.
    if w <= 1 << 53, -22...22 ~= q {
      return q < 0 ? Double(w) / tens[-q] : Double(w) * tens[q]
    }
    guard w > 0 else { return 0 }
    guard -27...27 ~= q else { return nil }
    return q < 0 ? quotient(w, -q) : product(w, q)
  }

  /// w / 10^p.
  private static func quotient(_ w: UInt64, _ p: Int) -> Double {
    // Both operands with their highest bit set, so that the quotient has 64 bits.
    let (up, upDivisor) = (w.leadingZeroBitCount, fives[p].leadingZeroBitCount)
    let (numerator, divisor) = (w << UInt64(up), fives[p] << UInt64(upDivisor))
    let isHalved = numerator >= divisor
    let (high, low) = isHalved ? (numerator >> 1, numerator << 63) : (numerator, 0)
    let (quotient, remainder) = divisor.dividingFullWidth((high, low))
    return rounded(
      quotient, isMore: remainder != 0, exponent: (isHalved ? 1 : 0) - 64 + upDivisor - up - p)
  }

  /// w · 10^q.
  private static func product(_ w: UInt64, _ q: Int) -> Double {
    let (high, low) = w.multipliedFullWidth(by: fives[q])
    guard high > 0 else {
      let up = low.leadingZeroBitCount
      return rounded(low << UInt64(up), isMore: false, exponent: q - up)
    }
    let up = high.leadingZeroBitCount
    let top = up == 0 ? high : high << UInt64(up) | low >> UInt64(64 - up)
    return rounded(top, isMore: low << UInt64(up) != 0, exponent: q + 64 - up)
  }

  /// (top + a little) · 2^exponent, where the highest bit of `top` is set, and the little is less than one and not
  /// zero if it is said to be more.
  @inline(__always)
  private static func rounded(_ top: UInt64, isMore: Bool, exponent: Int) -> Double {
    // 11 bits of 64 are beyond the 53 of a double.
    let (kept, cut, half) = (top >> 11, top & 0x7FF, UInt64(0x400))
    let isUp = cut > half || cut == half && (isMore || kept & 1 == 1)
    // No exponent of 10 up to 27 leads near the ends of the range of doubles.
    let scale = Double(bitPattern: UInt64(1023 + exponent + 11) << 52)
    return Double(kept + (isUp ? 1 : 0)) * scale
  }

  /// 10^q: all that are doubles.
  private static let tens: InlineArray<23, Double> = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// 5^q: all that fit into 64 bits.
  private static let fives: InlineArray<28, UInt64> = [
    1, 5, 25, 125, 625, 3125, 15625, 78125, 390_625, 1_953_125, 9_765_625, 48_828_125,
    244_140_625, 1_220_703_125, 6_103_515_625, 30_517_578_125, 152_587_890_625, 762_939_453_125,
    3_814_697_265_625, 19_073_486_328_125, 95_367_431_640_625, 476_837_158_203_125,
    2_384_185_791_015_625, 11_920_928_955_078_125, 59_604_644_775_390_625,
    298_023_223_876_953_125, 1_490_116_119_384_765_625, 7_450_580_596_923_828_125,
  ]
}
