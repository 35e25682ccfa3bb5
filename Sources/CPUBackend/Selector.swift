import SparseCore

/// The exact k largest magnitudes of a vector, ties to the lowest index.
///
/// Magnitudes compare as integers. A lower bound of the k-th largest, guessed from a fixed sample,
/// leaves a few times k candidates after one pass over the vector; a radix search among these finds
/// the threshold. A guess that was too high costs one more pass, never a wrong answer.
struct Selector<Scalar: BLASScalar> {
  private typealias Bits = Scalar.Bits
  private static var digitWidth: Int { 11 }
  private static var run: Int { 32 }
  private static var sampleCount: Int { 1024 }

  private var keys: [Bits] = []
  private var places: [Int32] = []
  private var histogram = [Int](repeating: 0, count: 1 << digitWidth)

  /// The k entries of largest magnitude, in ascending order of their indices. NaN counts as larger
  /// than infinity, so that it surfaces.
  mutating func largest(_ k: Int, of z: UnsafeBufferPointer<Scalar>) -> Selection {
    precondition(k >= 1 && k <= z.count, "k from 1 to the length of the vector")
    precondition(z.count <= Int32.max, "an index of 32 bits for each candidate")
    var count = gather(z, atLeast: Self.guess(k, of: z))
    if count < k { count = gather(z, atLeast: 0) }
    let (threshold, ties) = searchThreshold(k, among: count)

    // Candidates stand in the order of their indices, so the first ties are the lowest.
    var indices: [Int] = []
    indices.reserveCapacity(k)
    var tiesLeft = ties
    for c in 0..<count where keys[c] >= threshold {
      if keys[c] == threshold {
        guard tiesLeft > 0 else { continue }
        tiesLeft -= 1
      }
      indices.append(Int(places[c]))
    }
    return Selection(indices: indices, values: indices.map { Double(z[$0]) })
  }

  /// A magnitude that probably has k entries or more at or above it.
  private static func guess(_ k: Int, of z: UnsafeBufferPointer<Scalar>) -> Bits {
    guard z.count >= 4 * sampleCount else { return 0 }
    // Of the sample, `expected` belong to the k largest, give or take its square root; four such
    // deviations, and a little for small numbers, make a guess that is rarely too high.
    let expected = Double(sampleCount) * Double(k) / Double(z.count)
    let rank = Int(expected + 4 * expected.squareRoot()) + 3
    guard rank < sampleCount else { return 0 }
    let step = z.count / sampleCount
    return largest(rank + 1, of: sampleCount) { z[$0 * step].selectionKey }[0]
  }

  /// The largest of some keys in ascending order; fast where few of them get that far, or there are few.
  private static func largest(
    _ rank: Int, of count: Int, _ key: (_ place: Int) -> Bits
  ) -> [Bits] {
    var largest = [Bits](repeating: 0, count: rank)
    for place in 0..<count {
      let key = key(place)
      guard key > largest[0] else { continue }
      var i = 0
      while i + 1 < rank, largest[i + 1] < key {
        largest[i] = largest[i + 1]
        i += 1
      }
      largest[i] = key
    }
    return largest
  }

  /// Collects the entries with a key of `bound` or more: one pass over z.
  private mutating func gather(_ z: UnsafeBufferPointer<Scalar>, atLeast bound: Bits) -> Int {
    var count = 0
    for start in stride(from: 0, to: z.count, by: Self.run) {
      let end = min(start + Self.run, z.count)
      guard Self.hasCandidate(z, start..<end, atLeast: bound) else { continue }
      if keys.count < count + Self.run {
        let capacity = max(count + Self.run, 2 * keys.count, 4096)
        keys.append(contentsOf: repeatElement(0, count: capacity - keys.count))
        places.append(contentsOf: repeatElement(0, count: capacity - places.count))
      }
      for i in start..<end {
        let key = z[i].selectionKey
        guard key >= bound else { continue }
        keys[count] = key
        places[count] = Int32(truncatingIfNeeded: i)
        count += 1
      }
    }
    return count
  }

  /// Whether an entry of the run has a key of `bound` or more.
  ///
  /// Without a branch or a rounding an entry, so that the compiler makes vectors of it: magnitude
  /// bits are below 2^(width−1), so the sign bit of `below − |z|` is set exactly for a candidate.
  private static func hasCandidate(
    _ z: UnsafeBufferPointer<Scalar>, _ run: Range<Int>, atLeast bound: Bits
  ) -> Bool {
    let ignored = Bits(truncatingIfNeeded: Scalar.precision.ignoredBits)
    let rounding: Bits = (1 &<< ignored) &>> 1
    let least = max(bound &<< ignored, rounding) &- rounding
    let below = least &- 1
    var signs: Bits = 0
    for i in run { signs |= below &- z[i].magnitudeBits }
    return signs &>> Bits(Bits.bitWidth - 1) == 1
  }

  /// A threshold for the first `count` keys: the k largest are those above it and the first `ties`
  /// of those equal to it.
  ///
  /// Digit by digit from the top: each pass narrows the keys that share the digits found so far. Clearing the counts of
  /// digits takes longer than to find a few keys of a few one by one.
  private mutating func searchThreshold(_ k: Int, among count: Int) -> (Bits, ties: Int) {
    if k * count <= histogram.count {
      let largest = Self.largest(k, of: count) { keys[$0] }
      return (largest[0], largest.count { $0 == largest[0] })
    }
    var prefix: Bits = 0
    var needed = k
    var shift = Scalar.selectionKeyWidth
    while shift > 0 {
      let digits = Swift.min(Self.digitWidth, shift)
      let known = shift
      shift -= digits
      for bin in histogram.indices { histogram[bin] = 0 }
      for c in 0..<count where keys[c] >> Bits(known) == prefix >> Bits(known) {
        histogram[Int(truncatingIfNeeded: keys[c] >> Bits(shift)) & ((1 << digits) - 1)] += 1
      }
      var bin = (1 << digits) - 1
      while histogram[bin] < needed {
        needed -= histogram[bin]
        bin -= 1
      }
      prefix |= Bits(bin) << Bits(shift)
      // Every key left is wanted, so the lower end of the bin separates as well as the exact key.
      if histogram[bin] == needed { break }
    }
    return (prefix, needed)
  }
}
