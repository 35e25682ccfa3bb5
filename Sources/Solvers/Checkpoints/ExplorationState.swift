import LeastSquares

/// Where an exploration stands between two iterations, or between two blocks.
enum ExplorationState: Sendable, Equatable {
  case direct(DirectState)
  case blocked(BlockedState)
}

/// Where a direct exploration stands: see ``DirectExploration``.
struct DirectState: Sendable, Equatable {
  /// A support visited lately, with the norm of its residual and its gradient.
  struct Visit: Sendable, Equatable {
    var support: [Int]
    var residualNorm: Double
    var gradient: [Double]
    var lastUse: Int
  }

  /// 𝒳, of length n.
  var exploratory: [Double]
  var stepSize: Double
  var visits: [Visit]
  /// The time that `lastUse` is told in.
  var clock: Int
  var projector: Projector.Arrangement
}

/// Where a blocked exploration stands: see ``BlockedExploration``.
struct BlockedState: Sendable, Equatable {
  /// u⁰, of length n, or nil for zero.
  var offset: [Double]?
  /// R, of length m.
  var total: [Double]
  /// The working set of the block before, and u on it.
  var atoms: [Int]
  var exploratory: [Double]
  /// The next working set, and what no |u_j| outside exceeds.
  var frontier: [Int]
  var bound: Double
  /// How many states the next block may have.
  var blockLength: Int
  /// How much the largest magnitude outside grew in an iteration, where that is known.
  var growth: Double?
  var projector: Projector.Arrangement
}
