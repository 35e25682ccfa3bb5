import Glibc

extension SeededGenerator {
  /// A standard normal number, never zero.
  ///
  /// The same bits on every machine whose `log` rounds the same way.
  public mutating func normal() -> Double { normalPair().0 }

  /// Writes independent standard normal numbers, none of them zero: about half the work of as many
  /// calls of ``normal()``.
  package mutating func fillNormal(_ target: UnsafeMutableBufferPointer<Double>) {
    for i in stride(from: 0, to: target.count - 1, by: 2) {
      (target[i], target[i + 1]) = normalPair()
    }
    if target.count % 2 == 1 { target[target.count - 1] = normal() }
  }

  /// Two independent standard normal numbers, by the polar method (Marsaglia & Bray 1964).
  private mutating func normalPair() -> (Double, Double) {
    while true {
      let u = symmetricOdd()
      let v = symmetricOdd()
      let s = u * u + v * v
      guard s < 1 else { continue }
      let factor = (-2 * log(s) / s).squareRoot()
      return (u * factor, v * factor)
    }
  }

  /// A number uniform on (−1, 1): an odd multiple of 2⁻⁵², so that it is never zero.
  private mutating func symmetricOdd() -> Double {
    Double(2 * (next() >> 12) + 1) * 0x1p-52 - 1
  }
}
