import Glibc

/// Numbers as people read them.
enum Figures {
  /// A number of at least zero with so many significant digits: `0.01234`, `12.34`, `1.234e-16`.
  /// Subnormal numbers pass for zero.
  static func number(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value >= .leastNormalMagnitude else { return "0" }
    // Of the rounded number: 9.9999 has the exponent of 10.
    let half = 0.5 * pow(10, Double(-digits))
    let exponent = Int(log10(value + value * half).rounded(.down))
    guard -4..<9 ~= exponent else {
      return "\(number(value / pow(10, Double(exponent)), digits: digits))e\(exponent)"
    }
    let decimals = max(0, digits - 1 - exponent)
    let scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
    let units = Int((value * Double(scale)).rounded())
    guard decimals > 0 else { return "\(units)" }
    let fraction = String(units % scale)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(units / scale).\(zeros)\(fraction)"
  }

  /// A time in the unit that suits it.
  static func time(_ seconds: Double) -> String {
    switch seconds {
    case 1...: "\(number(seconds)) s"
    case 1e-3...: "\(number(seconds * 1e3)) ms"
    case 1e-6...: "\(number(seconds * 1e6)) µs"
    default: "\(number(seconds * 1e9)) ns"
    }
  }

  /// A size in the unit that suits it.
  static func bytes(_ count: Int) -> String {
    switch count {
    case (1 << 30)...: "\(number(Double(count) / 0x1p30, digits: 3)) GiB"
    case (1 << 20)...: "\(number(Double(count) / 0x1p20, digits: 3)) MiB"
    default: "\(number(Double(count) / 0x1p10, digits: 3)) KiB"
    }
  }
}
