import SparseCore
import SyntheticProblems

/// Vectors on which a selection can go wrong.
package enum Distribution: String, CaseIterable, Sendable {
  case gaussian, quantised, mostlyZero, nearlyEqual, equalMagnitudes, zeros, infinities, denormals
  case wideRange

  /// Whether a vector of this length says something that shorter ones do not.
  package func suits(_ count: Int) -> Bool {
    count <= 5000 || [.gaussian, .quantised, .mostlyZero, .equalMagnitudes].contains(self)
  }

  /// `count` numbers exact in single precision, the same at every call.
  package func values(_ count: Int) -> [Double] {
    var generator = SeededGenerator(seed: 7)
    return (0..<count).map { i in
      let value: Double =
        switch self {
        case .gaussian: generator.gaussian()
        case .quantised: (4 * generator.gaussian()).rounded() / 4
        case .mostlyZero: generator.uniform() < 0.001 ? generator.gaussian() : 0
        // Neighbours in single precision, and 2²⁹ neighbours apart in double.
        case .nearlyEqual: 1 + (64 * generator.uniform()).rounded(.down) * 0x1p-23
        case .equalMagnitudes: i % 2 == 0 ? 1.5 : -1.5
        case .zeros: generator.sign() * 0
        case .infinities:
          generator.uniform() < 0.01 ? generator.sign() * .infinity : generator.gaussian()
        case .denormals: generator.sign() * (generator.uniform() * 100).rounded() * 0x1p-149
        case .wideRange: generator.sign() * (60 * generator.gaussian()).rounded().exponential
        }
      return Double(Float(value))
    }
  }
}

extension SeededGenerator {
  /// Nearly a standard normal number: the sum of twelve uniform ones, without its mean.
  fileprivate mutating func gaussian() -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + uniform() }
  }
}

extension Double {
  /// 2 to this power, within the range of single precision.
  fileprivate var exponential: Double {
    Double(sign: .plus, exponent: Int(Swift.min(Swift.max(self, -140), 120)), significand: 1)
  }
}
