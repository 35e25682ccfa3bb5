/// Counts distinct supports by their fingerprints.
struct SupportCount {
  private var fingerprints: Set<UInt64>

  /// Goes on from supports with these fingerprints.
  init(_ fingerprints: [UInt64] = []) { self.fingerprints = Set(fingerprints) }

  /// Beyond this many supports none is counted as new: 16 MB of fingerprints.
  private static var most: Int { 1 << 20 }

  /// The fingerprints in ascending order.
  var sorted: [UInt64] { fingerprints.sorted() }

  /// How many distinct supports were seen.
  var count: Int { fingerprints.count }

  /// Notes `support` and says whether it is seen for the first time.
  mutating func insert(_ support: [Int]) -> Bool {
    guard fingerprints.count < Self.most else { return false }
    return fingerprints.insert(fingerprint(support)).inserted
  }
}

/// A 64-bit hash, the same in every run: FNV-1a over the indices.
func fingerprint(_ support: [Int]) -> UInt64 {
  support.reduce(0xCBF2_9CE4_8422_2325) { hash, j in
    (hash ^ UInt64(truncatingIfNeeded: j)) &* 0x0000_0100_0000_01B3
  }
}
