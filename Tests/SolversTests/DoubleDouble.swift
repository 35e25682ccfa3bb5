import Glibc

/// A number as the unevaluated sum of two doubles, good to about 2⁻¹⁰⁴: Dekker 1971; Knuth, TAOCP
/// volume 2, §4.2.2.
struct DoubleDouble {
  var high = 0.0
  var low = 0.0

  /// Adds a · b, the product exact by a fused multiplication.
  mutating func add(_ a: Double, times b: Double) {
    let product = a * b
    add(product)
    add(fma(a, b, -product))
  }

  /// Adds a number, its rounding error kept.
  mutating func add(_ number: Double) {
    let sum = high + number
    let part = sum - high
    low += (high - (sum - part)) + (number - part)
    high = sum
  }

  var value: Double { high + low }
}
