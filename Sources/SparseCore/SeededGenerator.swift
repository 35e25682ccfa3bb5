import Glibc

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
    case support, magnitudes, signs, noise, folds
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

extension SeededGenerator {
  /// An integer uniform on 0 ..< `bound`, without bias.
  ///
  /// The high half of a 128-bit product is uniform once the few products are drawn again whose low
  /// half would favour some integers (Lemire 2019).
  public mutating func int(below bound: Int) -> Int {
    precondition(bound > 0, "no integer is below \(bound)")
    let range = UInt64(bound)
    let biased = (0 &- range) % range
    while true {
      let product = range.multipliedFullWidth(by: next())
      if product.low >= biased { return Int(product.high) }
    }
  }

  /// `count` distinct integers of 0 ..< `total` in ascending order, every subset equally likely.
  ///
  /// O(count · log count) time and O(count) memory, whatever the total (Floyd's algorithm).
  public mutating func sample(_ count: Int, of total: Int) -> [Int] {
    precondition(count >= 0 && count <= total, "cannot choose \(count) of \(total)")
    var chosen = Set<Int>(minimumCapacity: count)
    for last in (total - count)..<total {
      let candidate = int(below: last + 1)
      if !chosen.insert(candidate).inserted { chosen.insert(last) }
    }
    return chosen.sorted()
  }

  /// `elements` in random order, every order equally likely (Fisher and Yates).
  package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var elements = elements
    for i in elements.indices.dropFirst().reversed() { elements.swapAt(i, int(below: i + 1)) }
    return elements
  }
}

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

extension SeededGenerator {
  /// The seed of one of many problems, named by `indices`, that belong to one seed.
  ///
  /// It depends on nothing else: problems can be drawn in any order, by any number of threads and
  /// machines.
  package static func derivedSeed(_ seed: UInt64, _ indices: Int...) -> UInt64 {
    indices.reduce(mix(seed &+ goldenGamma)) { hash, index in
      mix((hash &+ goldenGamma) ^ UInt64(bitPattern: Int64(index)))
    }
  }
}
