public import SparseRecovery

/// What one engine needed to solve one problem in one way, and what it found.
public struct SolveRow: Equatable, Sendable, Codable {
  /// The size of the problem.
  public let shape: ProblemShape
  /// The engine that did it.
  public let engine: EngineIdentity
  /// What the device behind the engine is.
  public let device: DeviceFacts
  /// The precision of gradients.
  public let precision: Precision
  /// How gradients were computed.
  public let gradient: SEA.Gradient
  /// Whether ``SEA/Gradient/auto`` stands for this gradient on this problem.
  public let isAutomatic: Bool
  /// The supports evaluated, repeated ones included.
  public let iterations: Int
  /// How many solves were timed.
  public let runs: Int
  /// The time of a solve, in seconds; the engine is loaded before.
  public let seconds: Quartiles
  /// How many times A was read from end to end.
  public let matrixPasses: Int
  /// How many distinct supports were evaluated.
  public let supportsExplored: Int
  /// ‖Ax − y‖₂ / ‖y‖₂ of the best support.
  public let relativeResidual: Double
  /// Whether the support is the one that the first engine measured found in the same iterations by
  /// the same gradient; nil for that engine itself.
  public let hasSameSupport: Bool?
  /// The memory of this process.
  public let memory: Memory?

  /// What Linux counted while one row was measured.
  public struct Memory: Equatable, Sendable, Codable {
    /// The most bytes of the process in memory at once: the program, the problem and what was
    /// loaded before included. Memory of a device of its own is not.
    public let peak: Int
    /// The peak less what was in memory before the matrix was loaded on the engine: the engine's
    /// copy of A where it keeps one in host memory, and what the solve took.
    public let growth: Int
  }

  /// The median time of a solve divided by its iterations.
  public var secondsPerIteration: Double { seconds.median / Double(iterations) }
  /// The fewest seconds of a solve divided by its iterations: what interference disturbs least.
  var leastSecondsPerIteration: Double { seconds.minimum / Double(iterations) }
  /// The engine and the precision: `opencl double`.
  var engineTitle: String { "\(engine.name) \(precision)" }
  /// Where and how it was solved: rows that differ in shape alone are equal in it.
  var way: Way { Way(engine: engine, precision: precision, gradient: gradient) }

  struct Way: Equatable {
    let engine: EngineIdentity
    let precision: Precision
    let gradient: SEA.Gradient
  }
}

/// The rows of a study, and what is missing from them.
public struct SolveRecord: Equatable, Sendable, Codable {
  /// What was measured, in that order.
  public internal(set) var rows: [SolveRow] = []
  /// What was not, and why: one sentence each.
  public internal(set) var notes: [String] = []
}
