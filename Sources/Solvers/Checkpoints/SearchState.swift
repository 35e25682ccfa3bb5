/// What a search has seen, as a checkpoint keeps it.
struct SearchState: Sendable, Equatable {
  /// How many supports were evaluated, at least 1.
  var iterations: Int
  /// The best of them, with ‖A x − y‖₂ for the scaled observation and when it was first seen.
  var best: [Int]
  var bestNorm: Double
  var bestIteration: Int
  /// The support evaluated last.
  var latest: [Int]
  /// The fingerprints of all supports counted, ascending.
  var fingerprints: [UInt64]
  /// How long the search has taken.
  var elapsed: Duration
  /// How many times A was read from end to end.
  var matrixPasses: Int
}
