import Glibc
import SparseRecovery

/// The size of a recovery problem.
public struct ProblemShape: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The number of rows of the matrix, m.
  public let rows: Int
  /// The number of columns of the matrix, n.
  public let columns: Int
  /// The number of columns to select, k.
  public let sparsity: Int

  /// Collects the sizes.
  public init(_ rows: Int, _ columns: Int, _ sparsity: Int) {
    self.rows = rows
    self.columns = columns
    self.sparsity = sparsity
  }

  /// The entries of the matrix.
  var entries: Int { rows * columns }

  /// Such as `500 × 5000, k = 25`.
  public var description: String { "\(rows) × \(columns), k = \(sparsity)" }
}

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

  /// Whole solves from small to large, in double precision: those of small problems in a moment,
  /// the last of 1.6 GB.
  static func endToEnd(isQuick: Bool) -> SolveStudy {
    let shapes = [
      ProblemShape(250, 1000, 10), ProblemShape(500, 5000, 25), ProblemShape(1000, 10000, 50),
      ProblemShape(2000, 20000, 50), ProblemShape(4000, 50000, 100),
    ]
    return isQuick
      ? SolveStudy(
        shapes: Array(shapes.prefix(2)), entriesRead: 250_000_000, repetitions: 1, patience: 1)
      : SolveStudy(shapes: shapes, entriesRead: 2_500_000_000)
  }

  /// The shape that the axes of ``scaling(isQuick:)`` have in common.
  static func scalingBase(isQuick: Bool) -> ProblemShape {
    isQuick ? ProblemShape(250, 1000, 10) : ProblemShape(1000, 10000, 50)
  }

  /// A base shape, and shapes in which one of m, n and k grows tenfold around it, all told from
  /// 1/√10 to √10 times the base in equal ratios.
  static func scaling(isQuick: Bool) -> SolveStudy {
    let base = scalingBase(isQuick: isQuick)
    let steps = isQuick ? 2 : 4
    let factors = (0...steps).map { pow(10, Double($0) / Double(steps) - 0.5) }
    let shapes = ScalingAxis.allCases.flatMap { axis in
      factors.map { axis.scaled(base, by: $0) }
    }.removingRepeats()
    return isQuick
      ? SolveStudy(shapes: shapes, entriesRead: 25_000_000, repetitions: 1, patience: 0.5)
      : SolveStudy(shapes: shapes, entriesRead: 1_000_000_000, repetitions: 2, patience: 1.5)
  }

  /// Shapes on which the gradients compare differently: square, wide, tall, with supports from a
  /// hundredth of the columns to more than a quarter, in caches and beyond them.
  static func gradients(isQuick: Bool) -> SolveStudy {
    let shapes = [
      ProblemShape(200, 200, 10), ProblemShape(100, 1000, 5), ProblemShape(250, 1000, 60),
      ProblemShape(1000, 500, 25), ProblemShape(500, 5000, 25), ProblemShape(400, 1200, 200),
      ProblemShape(100, 20000, 10), ProblemShape(500, 5000, 150),
      ProblemShape(1000, 10000, 50), ProblemShape(2000, 20000, 50),
      ProblemShape(600, 1200, 310),
    ]
    return isQuick
      ? SolveStudy(
        shapes: Array(shapes.prefix(4)), iterations: 200, entriesRead: 50_000_000,
        hasEqualIterations: true, repetitions: 1, patience: 0.5)
      : SolveStudy(
        shapes: shapes, entriesRead: 4_000_000_000, hasEqualIterations: true, repetitions: 2,
        patience: 3)
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
