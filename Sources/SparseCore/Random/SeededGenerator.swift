/// A random number generator that gives the same sequence for the same seed on every machine:
/// xoshiro256++ (Blackman & Vigna 2019), its state filled by SplitMix64.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Starts the sequence named by `seed`.
  public init(seed: UInt64) {
    var counter = seed
    func splitMix() -> UInt64 {
      counter &+= Self.goldenGamma
      return Self.mix(counter)
    }
    state = (splitMix(), splitMix(), splitMix(), splitMix())
  }

  /// Goes on where another generator was: four words, not all zero.
  package init(words: [UInt64]) {
    state = (words[0], words[1], words[2], words[3])
  }

  /// All that the next numbers depend on.
  package var words: [UInt64] { [state.0, state.1, state.2, state.3] }

  /// Starts one of many unrelated sequences of the same seed: number `index` of the ones that serve
  /// one purpose, so that they can be drawn in any order and on any number of threads.
  package init(seed: UInt64, purpose: Purpose, index: Int = 0) {
    var hash = Self.mix(seed &+ Self.goldenGamma)
    hash = Self.mix(hash &+ Self.goldenGamma &* purpose.rawValue)
    hash = Self.mix(hash ^ UInt64(bitPattern: Int64(index)))
    self.init(seed: hash)
  }

  /// What a sequence is drawn for. Each purpose has its own, so that changing the noise of a problem
  /// does not change its matrix.
  package enum Purpose: UInt64 {
    case matrix = 1
    case support, magnitudes, signs, noise
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotate(state.0 &+ state.3, 23) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotate(state.3, 45)
    return result
  }

  /// A number uniform on [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A fair sign: +1 or −1.
  public mutating func sign() -> Double { next() >> 63 == 0 ? 1 : -1 }

  static var goldenGamma: UInt64 { 0x9E37_79B9_7F4A_7C15 }

  /// The finaliser of SplitMix64: a bijection that spreads every input bit over all output bits.
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
