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
