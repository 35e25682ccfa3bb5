import SparseRecovery

/// A set of problems to solve with SEA from zero on every engine, in every way asked for.
///
/// Problems are Gaussian with unit columns and 20 dB of noise, from a fixed seed.
struct SolveStudy: Equatable {
  /// The problems, those that matter most or take least time first.
  var shapes: [ProblemShape]
  /// How gradients are computed.
  var gradients = SEA.Gradient.allCases.filter { $0 != .auto }
  /// The precisions of gradients.
  var precisions = [Precision.double]
  /// The iterations of a solve.
  var iterations = 1000
  /// The most entries of A that the iterations of a direct solve may read: where a pass for each
  /// iteration would be more, the direct solve has fewer iterations, though at least ``fewest``.
  var entriesRead: Int
  /// Whether the other gradients get no more iterations than the direct one, as where times of whole
  /// solves are compared.
  var hasEqualIterations = false
  /// The most solves timed of each row, after one that warms up.
  var repetitions = 3
  /// After so many seconds a row gets no more solves; where the first takes longer, it counts.
  var patience = 3.0

  /// The fewest iterations of a direct solve.
  private static let fewest = 20

  /// The iterations of a solve on a problem.
  func iterations(_ gradient: SEA.Gradient, on shape: ProblemShape) -> Int {
    guard gradient == .direct || hasEqualIterations else { return iterations }
    return min(iterations, max(Self.fewest, entriesRead / shape.entries))
  }

  /// Measures shape after shape until the budget is spent.
  ///
  /// Takes 8 · m · n bytes for a problem and as much again on each device, one after another. What
  /// cannot be measured, for lack of memory or of time or because a device fails, is noted.
  ///
  /// - Throws: what ``SyntheticProblem/init(_:)`` and solvers throw for requests without sense.
  func run(
    on places: [BenchmarkPlace], within budget: TimeBudget, progress: (String) -> Void
  ) throws(RecoveryError) -> SolveRecord {
    var record = SolveRecord()
    for shape in shapes {
      if budget.isSpent {
        record.notes.append("\(shape): skipped, the time is spent")
        continue
      }
      // The problem, and a copy of it for the engine.
      let bytes = 16 * shape.entries
      let available = AvailableMemory.bytes
      if bytes > available {
        record.notes.append(
          "\(shape): skipped, takes \(Figures.bytes(bytes)) of memory where "
            + "\(Figures.bytes(available)) are available")
        continue
      }
      progress("\(shape)")
      let problem = try RecoveryProblem.gaussian(shape)
      var supports: [SEA.Gradient: [Int]] = [:]
      for place in places {
        for precision in precisions where place.precisions.contains(precision) {
          progress("\(shape): \(place.backend.identity.name) \(precision)")
          let work = SolveMeasurement(
            study: self, shape: shape, problem: problem, place: place, precision: precision)
          do {
            try work.measure(within: budget, into: &record, supports: &supports)
          } catch {
            guard error.isOfThisMachine else { throw error }
            record.notes.append("\(shape), \(precision) precision: \(error)")
          }
        }
      }
    }
    return record
  }
}

extension RecoveryProblem {
  /// A problem whose truth has k coefficients, with 20 dB of noise.
  static func gaussian(
    _ shape: ProblemShape, snr: Double = 20, seed: UInt64 = 0
  ) throws(RecoveryError) -> RecoveryProblem {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: shape.rows, columns: shape.columns), sparsity: shape.sparsity,
        snr: snr, seed: seed))
    return try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
  }
}

extension RecoveryError {
  /// Whether another machine or another moment might not have failed.
  var isOfThisMachine: Bool {
    if case .outOfMemory = self { true } else { kind == .device }
  }
}
